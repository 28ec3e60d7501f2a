import type { Scope } from '../capture/scope.ts';
import { describeError, PartialExportError, SluiceError } from '../model/errors.ts';
import type { DestinationReport, TraceExporter } from '../model/exporter.ts';
import type { TraceBatch } from '../model/records.ts';
import { owe, takeOwed } from './ledger.ts';
import { observers } from './observe.ts';

/** What became of a batch at one destination, in spans. */
export type Delivery = Omit<DestinationReport, 'dropped'>;

/** What a destination may have. */
export type BatchFor = (exporter: TraceExporter) => TraceBatch;

/** After the abort an exporter has this long to say what did arrive. */
const LAST_WORD_MS = 25;

/** What a step has to do with the rest of its request. */
export interface Step {
  /** Cuts it short when the request's time is nearly over; the reason is how many milliseconds a fallback has then. */
  ending: AbortSignal;
  /** The delivery of the step before, by destination: a Worker has six connections, and the application needs some. */
  tails: Map<TraceExporter, Promise<unknown>>;
}

/** When a delivery is over, whatever the exporter does. It belongs to the request that delivers. */
interface Bound {
  signal: AbortSignal;
  deadlineAt: number;
  /** Rejects shortly after the signal. */
  over: Promise<never>;
}

/**
 * Hands every exporter its batch at once. Each has its own copy and its own
 * outcome: one that hangs, throws or meddles with what it was given takes
 * nothing from another.
 *
 * @param step where there is more to come
 */
export async function deliver(
  scope: Scope,
  exporters: readonly TraceExporter[],
  batchFor: BatchFor,
  budgetMs: number,
  step?: Step,
): Promise<Map<TraceExporter, Delivery>> {
  const reason = new SluiceError(
    'export_timeout',
    `no answer within the ${budgetMs} ms that were left`,
  );
  const controller = new AbortController();
  const { signal } = controller;
  const ending = step?.ending;
  const abort = (): void => controller.abort(reason);
  const timer = setTimeout(abort, budgetMs);
  ending?.addEventListener('abort', abort, { once: true });
  const over = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      setTimeout(() => reject(reason), ending?.aborted ? Number(ending.reason) : LAST_WORD_MS);
    });
  });
  const bound = { signal, deadlineAt: Date.now() + budgetMs, over };
  const isShared = exporters.length > 1;
  const outcomes = exporters.map(async (exporter): Promise<[TraceExporter, Delivery]> => {
    const before = step?.tails.get(exporter);
    const delivery = deliverTo(scope, exporter, batchFor(exporter), isShared, bound, before);
    step?.tails.set(exporter, delivery);
    return [exporter, await delivery];
  });
  const delivered = new Map(await Promise.all(outcomes));
  clearTimeout(timer);
  ending?.removeEventListener('abort', abort);
  return delivered;
}

async function deliverTo(
  scope: Scope,
  exporter: TraceExporter,
  batch: TraceBatch,
  isShared: boolean,
  { signal, deadlineAt, over }: Bound,
  before: Promise<unknown> | undefined,
): Promise<Delivery> {
  const spans = batch.spans.length;
  const lost = takeOwed(exporter);
  let fallback = 0;
  let fallbackReason: string | undefined;
  const onFallback = (taken: number, reason?: unknown): void => {
    fallback += taken;
    if (reason !== undefined) fallbackReason = describeError(reason);
  };
  const outcome = (exported: number): Delivery => ({
    exported,
    failed: spans - exported,
    ...(fallback > 0 && { fallback: Math.min(fallback, exported) }),
    ...(fallbackReason && { fallbackReason }),
  });
  try {
    const own = isShared ? structuredClone(batch) : batch;
    if (lost > 0) own.lost = lost;
    for (const observer of observers()) {
      observer.handed(scope, exporter.name, structuredClone(own));
    }
    if (before) await Promise.race([before, over]);
    signal.throwIfAborted();
    await Promise.race([exporter.export(own, { signal, deadlineAt, onFallback }), over]);
    return outcome(spans);
  } catch (error) {
    const arrived = error instanceof PartialExportError ? error.exportedSpans : 0;
    const exported = Math.min(Math.max(0, arrived), spans);
    // Which part did not arrive is not known; a loss that is told twice is better than none.
    owe(exporter, lost);
    return { ...outcome(exported), error: describeError(error) };
  }
}
