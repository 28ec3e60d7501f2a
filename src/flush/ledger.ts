import type { TraceExporter } from '../model/exporter.ts';

/**
 * Spans that a destination did not take and that nothing stored tells of. Numbers
 * only, so nothing of one request reaches another; the next delivery that arrives
 * carries them, and the store's totals show them.
 */
const owed = new WeakMap<TraceExporter, number>();

export function owe(exporter: TraceExporter, spans: number): void {
  if (spans > 0) owed.set(exporter, (owed.get(exporter) ?? 0) + spans);
}

/** Takes the count out; who takes it gives it back if it does not arrive. */
export function takeOwed(exporter: TraceExporter): number {
  const spans = owed.get(exporter) ?? 0;
  owed.delete(exporter);
  return spans;
}
