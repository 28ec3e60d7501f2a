import type { Scope } from '../capture/scope.ts';
import { describeError, PartialExportError, SluiceError } from '../model/errors.ts';
import type { DestinationReport, TraceExporter } from '../model/exporter.ts';
import type { TraceBatch } from '../model/records.ts';
import { startDeadline } from './deadline.ts';
import { observers } from './observe.ts';

/** What became of a batch at one destination, in spans. */
export type Delivery = Omit<DestinationReport, 'dropped'>;

/** After the abort an exporter has this long to say what did arrive. */
const LAST_WORD_MS = 25;

/**
 * Hands a batch to every exporter at once. Each has its own copy and its own
 * outcome: one that hangs, throws or meddles with what it was given takes
 * nothing from another. A batch without traces goes nowhere.
 */
export async function deliver(
  scope: Scope,
  exporters: readonly TraceExporter[],
  batch: TraceBatch,
  budgetMs: number,
): Promise<Map<TraceExporter, Delivery>> {
  const reason = new SluiceError(
    'export_timeout',
    `no answer within the ${budgetMs} ms that were left`,
  );
  const controller = new AbortController();
  const abort = setTimeout(() => controller.abort(reason), budgetMs);
  const giveUp = startDeadline(budgetMs + LAST_WORD_MS, Date.now);
  const deliverTo = async (exporter: TraceExporter): Promise<[TraceExporter, Delivery]> => {
    const spans = batch.spans.length;
    try {
      const own = exporters.length > 1 ? structuredClone(batch) : batch;
      for (const observer of observers()) {
        observer.handed(scope, exporter.name, structuredClone(own));
      }
      const outcome = await Promise.race([
        exporter.export(own, { signal: controller.signal }),
        giveUp.expired,
      ]);
      if (outcome === 'deadline') throw reason;
      return [exporter, { exported: spans, failed: 0 }];
    } catch (error) {
      const arrived = error instanceof PartialExportError ? error.exportedSpans : 0;
      const exported = Math.min(Math.max(0, arrived), spans);
      return [exporter, { exported, failed: spans - exported, error: describeError(error) }];
    }
  };
  const outcomes = await Promise.all(batch.traces.length > 0 ? exporters.map(deliverTo) : []);
  clearTimeout(abort);
  giveUp.clear();
  return new Map(outcomes);
}
