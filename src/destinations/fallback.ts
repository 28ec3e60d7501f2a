/** The durable hand-over: what a destination did not take goes to an exporter that keeps it. */
import { describeError, PartialExportError, SluiceError } from '../model/errors.ts';
import type { ExportContext, TraceExporter } from '../model/exporter.ts';
import { handedOverBy, isHandedOver } from '../model/handed-over.ts';
import { FALLBACK_RESERVE_MS } from '../model/limits.ts';
import type { SpanRecord, TraceBatch, TraceRecord } from '../model/records.ts';
import { withSignal } from '../model/signal.ts';

/** Part of a batch that was not delivered. */
export interface Undelivered {
  traces: readonly TraceRecord[];
  spans: readonly SpanRecord[];
}

/** @throws SluiceError `invalid_option` where it is no exporter. */
export function assertFallback(caller: string, fallback: unknown): void {
  const { export: method } = Object(fallback ?? {}) as Partial<TraceExporter>;
  if (fallback === undefined || typeof method === 'function') return;
  throw new SluiceError(
    'invalid_option',
    `${caller}: \`fallback\` must be an exporter that keeps what it takes, such as queueExporter(env.RETRY_QUEUE).`,
  );
}

/**
 * What a fallback may take: what is left of the export, or where the request's end has cut
 * that short, the moment that the flush then waits.
 */
export function contextOf(context: ExportContext, now: number): ExportContext {
  const { signal, deadlineAt = now } = context;
  if (!signal.aborted || deadlineAt <= now) return context;
  return { ...context, signal: new AbortController().signal };
}

/** The time that a fallback needs, in milliseconds, of what is left. */
export function reserveMs(leftMs: number): number {
  return Math.max(0, Math.min(FALLBACK_RESERVE_MS, leftMs / 3));
}

/**
 * Whether a batch may be handed over: one that was once is with a queue that has
 * tries and a dead-letter queue of its own, and would go round for ever.
 */
export function mayFallBack({ traces }: TraceBatch): boolean {
  return !traces.some(isHandedOver);
}

/**
 * Hands what was not delivered over, in one batch with the traces that it
 * belongs to, under ids that say so.
 *
 * @returns the spans that the fallback took, and why not all.
 */
export async function handOver(
  fallback: TraceExporter,
  exporter: string,
  batch: TraceBatch,
  left: Undelivered,
  { signal, deadlineAt }: ExportContext,
): Promise<{ taken: number; error?: unknown }> {
  const ids = new Set([
    ...left.traces.map(({ id }) => id),
    ...left.spans.map(({ trace_id }) => trace_id),
  ]);
  const mark = handedOverBy(exporter);
  const rest: TraceBatch = {
    ...batch,
    id: batch.id + mark,
    traces: batch.traces
      .filter(({ id }) => ids.has(id))
      .map((trace) => ({ ...trace, flush_id: trace.flush_id + mark })),
    spans: [...left.spans],
  };
  try {
    const work = (): Promise<void> => fallback.export(rest, { signal, deadlineAt });
    await withSignal(signal, `The fallback ${fallback.name}`, work);
    return { taken: rest.spans.length };
  } catch (error) {
    const taken = error instanceof PartialExportError ? error.exportedSpans : 0;
    return { taken: Math.min(Math.max(0, taken), rest.spans.length), error };
  }
}

/** Both failures as one, with the spans that either took. */
export function bothFailed(
  first: SluiceError,
  second: unknown,
  fallback: string,
  exported: number,
): PartialExportError {
  const message = `${first.message} The fallback ${fallback} failed too: ${describeError(second)}`;
  const cause = new AggregateError([first, second], message);
  return new PartialExportError(message, exported, { cause });
}
