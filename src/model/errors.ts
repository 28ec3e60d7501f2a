/**
 * Every error that Sluice raises or reports carries one of these codes.
 *
 * - `invalid_option`: an option is missing or malformed; the message names it and the fix
 * - `missing_binding`: an option needs a binding that `env` does not have
 * - `missing_api_key`: an exporter needs a key that `env` does not have
 * - `missing_schema`: the D1 database has no Sluice tables yet
 * - `export_failed`: a destination did not accept a batch
 * - `export_timeout`: a destination did not answer before the flush deadline
 * - `invalid_envelope`: a queue message is not one that this version can read
 * - `policy_failed`: a policy could not judge a record, so the record was dropped
 * - `flush_timeout`: a flush that a test waited for never came
 * - `store_failed`: the store answered with an error
 */
export type SluiceErrorCode =
  | 'invalid_option'
  | 'missing_binding'
  | 'missing_api_key'
  | 'missing_schema'
  | 'export_failed'
  | 'export_timeout'
  | 'invalid_envelope'
  | 'policy_failed'
  | 'flush_timeout'
  | 'store_failed';

/**
 * An error of Sluice's own: what happened, which option or input, and what to do.
 *
 * @example
 * ```ts
 * try {
 *   agentTracing(options);
 * } catch (error) {
 *   if (error instanceof SluiceError) console.error(error.code, error.message);
 * }
 * ```
 */
export class SluiceError extends Error {
  readonly code: SluiceErrorCode;
  /** Milliseconds after which the destination asked to be tried again. */
  readonly retryAfterMs?: number;

  constructor(code: SluiceErrorCode, message: string, options: SluiceErrorOptions = {}) {
    super(message, options);
    this.name = 'SluiceError';
    this.code = code;
    const retryAfterMs =
      options.retryAfterMs ?? (options.cause as SluiceError | undefined)?.retryAfterMs;
    if (typeof retryAfterMs === 'number') this.retryAfterMs = retryAfterMs;
  }
}

interface SluiceErrorOptions {
  cause?: unknown;
  /** @default that of the cause */
  retryAfterMs?: number | undefined;
}

/**
 * A delivery that failed in part. An exporter rejects with it when some spans
 * did arrive, so that the flush report can count them apart.
 */
export class PartialExportError extends SluiceError {
  /** Spans of the batch that the destination did accept. */
  readonly exportedSpans: number;

  constructor(message: string, exportedSpans: number, options?: { cause?: unknown }) {
    super('export_failed', message, options);
    this.name = 'PartialExportError';
    this.exportedSpans = exportedSpans;
  }
}

const MAX_REASON_CHARACTERS = 300;

/** What is thrown and no error has a class, and perhaps a message; all else of it may be content. */
function textOf(error: unknown): string {
  if (error instanceof SluiceError) return `${error.code}: ${error.message}`;
  if (error instanceof Error || typeof error !== 'object' || error === null) return String(error);
  const { message, constructor } = error as { message?: unknown; constructor?: unknown };
  const name = typeof constructor === 'function' && constructor.name ? constructor.name : 'object';
  return typeof message === 'string' ? `${name}: ${message}` : `a thrown ${name}`;
}

/**
 * What a caught value says of itself, short enough for a log line. Reading a
 * hostile `message` getter must not throw, so that absorbing a fault cannot fault.
 */
export function describeError(error: unknown): string {
  try {
    const text = textOf(error);
    return text.length > MAX_REASON_CHARACTERS ? `${text.slice(0, MAX_REASON_CHARACTERS)}…` : text;
  } catch {
    return 'an error that cannot be described';
  }
}
