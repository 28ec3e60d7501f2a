/** Exporters that do what destinations do on a bad day, for tests of what an application makes of it. */
import { PartialExportError, SluiceError } from '../model/errors.ts';
import type { ExportContext, TraceExporter } from '../model/exporter.ts';
import type { TraceBatch } from '../model/records.ts';

/** An exporter that remembers what it was handed. */
export interface TestExporter extends TraceExporter {
  /** How often `export` was called. */
  readonly calls: number;
  /** Copies of what it was handed, in order, whatever it did with them. */
  readonly batches: readonly TraceBatch[];
}

export interface FaultOptions {
  /** The key in the flush report. @default the name of the function, or of the exporter behind it */
  name?: string;
}

/**
 * Takes everything and keeps it.
 *
 * @example
 * ```ts
 * import { recording } from 'sluice/testing';
 *
 * const kept = recording();
 * const exporters = () => [kept];
 * ```
 */
export function recording({ name = 'recording' }: FaultOptions = {}): TestExporter {
  return testExporter(name, async () => {});
}

/**
 * Rejects every batch.
 *
 * @param error what it rejects with. @default a SluiceError `export_failed`
 * @example
 * ```ts
 * import { failing } from 'sluice/testing';
 *
 * const down = failing(new Error('503'), { name: 'warehouse' });
 * ```
 */
export function failing(
  error: unknown = new SluiceError('export_failed', 'This exporter always fails.'),
  { name = 'failing' }: FaultOptions = {},
): TestExporter {
  // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- exporters of others reject with anything
  return testExporter(name, () => Promise.reject(error));
}

export interface HangingOptions extends FaultOptions {
  /** Reject with the signal's reason when it aborts, as a good exporter does. @default false */
  honourSignal?: boolean;
}

/**
 * Never answers, and by default does not even listen to the signal.
 *
 * @example
 * ```ts
 * import { hanging, recording } from 'sluice/testing';
 *
 * const exporters = () => [hanging(), recording()];
 * ```
 */
export function hanging({
  name = 'hanging',
  honourSignal = false,
}: HangingOptions = {}): TestExporter {
  return testExporter(name, (_batch, { signal }) =>
    honourSignal ? aborted(signal) : new Promise<never>(() => {}),
  );
}

/**
 * Waits, then delivers. Rejects with the signal's reason when that aborts first.
 *
 * @param ms milliseconds before the delivery begins
 * @param exporter what delivers. @default nothing does, the batch is taken
 * @example
 * ```ts
 * import { slow } from 'sluice/testing';
 *
 * const exporters = () => [slow(200)];
 * ```
 */
export function slow(ms: number, exporter?: TraceExporter, options?: FaultOptions): TestExporter {
  return wrapped('slow', exporter, options, async (batch, context) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const waited = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
    await Promise.race([waited, aborted(context.signal)]).finally(() => clearTimeout(timer));
    await exporter?.export(batch, context);
  });
}

/**
 * Fails the first times, then delivers.
 *
 * @param times how many calls fail
 * @param exporter what delivers then. @default nothing does, the batch is taken
 * @example
 * ```ts
 * import { flaky } from 'sluice/testing';
 *
 * const exporters = () => [flaky(2)];
 * ```
 */
export function flaky(
  times: number,
  exporter?: TraceExporter,
  options?: FaultOptions,
): TestExporter {
  return wrapped('flaky', exporter, options, async (batch, context, call) => {
    if (call > times) return exporter?.export(batch, context);
    throw new SluiceError(
      'export_failed',
      `This exporter fails ${times} times; it was call ${call}.`,
    );
  });
}

/**
 * Takes the first spans of each batch and rejects with a `PartialExportError` where there are more.
 *
 * @param spans how many spans of a batch are taken
 * @param exporter what delivers them. @default nothing does, they are taken
 * @example
 * ```ts
 * import { partial } from 'sluice/testing';
 *
 * const exporters = () => [partial(3)];
 * ```
 */
export function partial(
  spans: number,
  exporter?: TraceExporter,
  options?: FaultOptions,
): TestExporter {
  return wrapped('partial', exporter, options, async (batch, context) => {
    const taken = batch.spans.slice(0, spans);
    await exporter?.export({ ...batch, spans: taken }, context);
    if (taken.length === batch.spans.length) return;
    const message = `This exporter takes ${spans} spans of a batch, and this one had ${batch.spans.length}.`;
    throw new PartialExportError(message, taken.length);
  });
}

type Act = (batch: TraceBatch, context: ExportContext, call: number) => Promise<void>;

function wrapped(
  ownName: string,
  exporter: TraceExporter | undefined,
  { name = exporter?.name ?? ownName }: FaultOptions = {},
  act: Act,
): TestExporter {
  return testExporter(name, act, exporter?.destination);
}

function testExporter(name: string, act: Act, destination?: string): TestExporter {
  const batches: TraceBatch[] = [];
  return {
    name,
    ...(destination !== undefined && { destination }),
    batches,
    get calls() {
      return batches.length;
    },
    async export(batch, context) {
      batches.push(structuredClone(batch));
      await act(batch, context, batches.length);
    },
  };
}

/** Rejects when the signal aborts, and never resolves. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const onAbort = (): void => reject(reasonOf(signal));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}

function reasonOf({ reason }: AbortSignal): Error {
  return reason instanceof Error
    ? reason
    : new SluiceError('export_timeout', 'the signal aborted', { cause: reason });
}
