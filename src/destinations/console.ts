/** `sluice/console`: a JSON line per trace and per span, for Workers Logs and local development. */
import { byteLength } from '../model/bytes.ts';
import { PartialExportError, SluiceError, describeError } from '../model/errors.ts';
import type { TraceExporter } from '../model/exporter.ts';
import { MAX_CONSOLE_LINE_BYTES } from '../model/limits.ts';
import type { Json, SpanRecord, TraceBatch, TraceRecord } from '../model/records.ts';
import { cutJson } from './cut.ts';

export interface ConsoleExporterOptions {
  /** Takes one line without its line break. @default console.log */
  write?: (line: string) => void;
}

/**
 * Writes `{"event":"sluice.trace",…}` and `{"event":"sluice.span",…}`, one line each, joined by `trace_id`.
 * A line takes up to 16 KB; past that content is cut, marked with `$cut` or `… [cut]`, usage and status are not.
 * Nothing that a terminal would obey comes through.
 *
 * @throws SluiceError `invalid_option` when `write` is no function. `export` rejects with `export_failed` when
 * `write` throws (`PartialExportError` where some spans were written), with `export_timeout` after the flush deadline.
 * @example
 * ```ts
 * import { consoleExporter } from 'sluice/console';
 *
 * const exporters = () => [consoleExporter()];
 * ```
 */
export function consoleExporter(options: ConsoleExporterOptions = {}): TraceExporter {
  const { write = (line: string): void => console.log(line) } = options;
  if (typeof write !== 'function') {
    throw new SluiceError(
      'invalid_option',
      'consoleExporter: `write` must be a function that takes a line.',
    );
  }
  return {
    name: 'console',
    async export(batch, { signal }) {
      if (signal.aborted) {
        throw new SluiceError(
          'export_timeout',
          'The flush deadline had passed before the console was written.',
        );
      }
      writeBatch(batch, write);
    },
  };
}

function writeBatch(batch: TraceBatch, write: (line: string) => void): void {
  const failures: unknown[] = [];
  const attempt = (fields: object): number => {
    try {
      write(consoleLine(fields));
      return 1;
    } catch (error) {
      failures.push(error);
      return 0;
    }
  };
  for (const trace of batch.traces) attempt(traceFields(trace));
  let exported = 0;
  for (const span of batch.spans) exported += attempt(spanFields(span));
  if (failures.length === 0) return;
  const [cause] = failures;
  const message = `consoleExporter could not write ${failures.length} lines: ${describeError(cause)}`;
  if (exported === 0) throw new SluiceError('export_failed', message, { cause });
  throw new PartialExportError(message, exported, { cause });
}

/** The order is the order in which a long line keeps its fields: identity and status, then content. */
function traceFields({ object: _object, id, ...rest }: TraceRecord): object {
  const { metadata, ...fields } = rest;
  return { event: 'sluice.trace', trace_id: id, ...fields, metadata };
}

function spanFields(span: SpanRecord): object {
  const { trace_id, id, parent_id, started_at, ended_at, facts, error, span_data, extra } = span;
  const identity = { trace_id, span_id: id, parent_id, started_at, ended_at };
  return { event: 'sluice.span', ...identity, facts, error, span_data, extra };
}

/**
 * JSON escapes what is below U+0020. Terminals also obey C1 controls, and
 * bidirectional and separator characters make a line read as what it is not.
 */
const OBEYED = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
/** The escape of a one-byte character takes six bytes. */
const WORST_GROWTH = 6;

function consoleLine(fields: object): string {
  const whole = escapeObeyed(JSON.stringify(fields));
  if (byteLength(whole) <= MAX_CONSOLE_LINE_BYTES) return whole;
  const cut = escapeObeyed(JSON.stringify(cutJson(fields as Json, MAX_CONSOLE_LINE_BYTES)));
  if (byteLength(cut) <= MAX_CONSOLE_LINE_BYTES) return cut;
  return escapeObeyed(
    JSON.stringify(cutJson(fields as Json, MAX_CONSOLE_LINE_BYTES / WORST_GROWTH)),
  );
}

function escapeObeyed(json: string): string {
  return json.replace(
    OBEYED,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
