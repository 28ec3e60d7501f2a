/** What a matcher may be asked about. */
import type { FlushReport } from '../model/exporter.ts';
import type { FlushedTraces } from './capture-traces.ts';

/** A trace whose account is still to come, such as `c.var.agentTrace`. */
export interface PendingTrace {
  readonly flushed: Promise<FlushReport>;
}

/** What `captureTraces().flushed()` gives, one report, or a trace that will have one. */
export type TraceSubject = FlushedTraces | FlushReport | PendingTrace;

const EXPECTED = 'what `await captureTraces().flushed()` gives';

/**
 * The reports of a subject; of a trace that has still to be flushed, a promise of them.
 *
 * @throws TypeError that says what to pass.
 */
export function reportsOf(received: unknown): FlushReport[] | Promise<FlushReport[]> {
  const { reports, destinations, captured, flushed } = fieldsOf(received);
  if (Array.isArray(reports)) return reports as FlushReport[];
  if (destinations && typeof captured === 'number') return [received as FlushReport];
  if (flushed instanceof Promise) return flushed.then((report: FlushReport) => [report]);
  throw wrongSubject(received, `${EXPECTED}, a FlushReport, or an ActiveTrace`);
}

/** @throws TypeError that says what to pass. */
export function flushedOf(received: unknown): FlushedTraces {
  const { reports, destinations, spans } = fieldsOf(received);
  if (reports && destinations && Array.isArray(spans)) return received as FlushedTraces;
  throw wrongSubject(received, EXPECTED);
}

function wrongSubject(received: unknown, wanted: string): TypeError {
  const isUnfinished = typeof fieldsOf(received)['flushed'] === 'function';
  const hint = isUnfinished ? ' You passed captureTraces() itself: await its flushed() first.' : '';
  return new TypeError(`This matcher takes ${wanted}.${hint}`);
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return Object(value ?? {}) as Record<string, unknown>;
}
