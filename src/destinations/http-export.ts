/** What every exporter over HTTP does with its bodies: post them in time, hand over what did not arrive, say what is lost. */
import { PartialExportError, SluiceError } from '../model/errors.ts';
import type { ExportContext, TraceExporter } from '../model/exporter.ts';
import type { SpanRecord, TraceBatch, TraceRecord } from '../model/records.ts';
import { bothFailed, contextOf, handOver, mayFallBack, reserveMs } from './fallback.ts';
import { DEFAULT_TIMING, postWithRetry, RefusedBodyError } from './http-post.ts';
import type { Delivery, HttpService, RetryTiming } from './http-post.ts';
import { limitSignal } from './limit-signal.ts';

/** One body, and the records in it. */
export interface Post {
  body: string | Uint8Array;
  traces: readonly TraceRecord[];
  spans: readonly SpanRecord[];
}

export interface Payloads {
  posts: readonly Post[];
  /** Spans that cannot be written in the service's format, and why. No fallback could deliver them either. */
  unwritable: { spans: number; error?: unknown };
}

export interface HttpTarget {
  /** The exporter's name. */
  name: string;
  service: HttpService;
  url: string;
  /** Or why nothing can be posted. */
  headers: Record<string, string> | SluiceError;
  fallback?: TraceExporter | undefined;
  /** @default DEFAULT_TIMING */
  timing?: RetryTiming;
}

interface Outcome {
  /** Spans that the service took. */
  exported: number;
  /** Bodies that it did not take. */
  left: readonly Post[];
  failure?: SluiceError;
}

/**
 * Posts the bodies one after the other. What the service does not take, for
 * whatever reason, goes to the fallback in one batch, for which part of the
 * time is kept.
 *
 * @throws SluiceError with the service's failure; `PartialExportError` where some spans were taken, or where the
 * fallback failed as well.
 */
export async function exportOverHttp(
  target: HttpTarget,
  batch: TraceBatch,
  { posts, unwritable }: Payloads,
  context: ExportContext,
): Promise<void> {
  const fallback = mayFallBack(batch) ? target.fallback : undefined;
  const { exported, left, failure } = await send(target, posts, context, fallback !== undefined);
  if (failure && fallback && left.length > 0) {
    const undelivered = {
      traces: left.flatMap(({ traces }) => traces),
      spans: left.flatMap(({ spans }) => spans),
    };
    const { now } = target.timing ?? DEFAULT_TIMING;
    const rest = contextOf(context, now());
    const handed = await handOver(fallback, target.name, batch, undelivered, rest);
    if (handed.taken > 0) context.onFallback?.(handed.taken, failure);
    const arrived = exported + handed.taken;
    if (handed.error !== undefined) {
      throw bothFailed(failure, handed.error, fallback.name, arrived);
    }
    settle(arrived, unwritable);
    return;
  }
  settle(exported, unwritable, failure);
}

function settle(
  exported: number,
  unwritable: Payloads['unwritable'],
  failure: SluiceError | undefined = unwritableError(unwritable),
): void {
  if (!failure) return;
  if (exported === 0) throw failure;
  throw new PartialExportError(`${exported} spans arrived, then: ${failure.message}`, exported, {
    cause: failure,
  });
}

function unwritableError({ spans, error }: Payloads['unwritable']): SluiceError | undefined {
  if (spans === 0) return undefined;
  const message = `${spans} spans could not be written as JSON.`;
  return new SluiceError('export_failed', message, { cause: error });
}

/** With a fallback, the last part of the time is not the service's. */
async function send(
  { headers, timing = DEFAULT_TIMING, service, url }: HttpTarget,
  posts: readonly Post[],
  { signal, deadlineAt }: ExportContext,
  hasFallback: boolean,
): Promise<Outcome> {
  if (headers instanceof SluiceError) return { exported: 0, left: posts, failure: headers };
  const delivery = { service, url, headers, signal, deadlineAt };
  if (deadlineAt === undefined || !hasFallback) return postAll(delivery, posts, timing);
  const leftMs = deadlineAt - timing.now();
  const shareMs = leftMs - reserveMs(leftMs);
  const limited = limitSignal(signal, shareMs);
  try {
    const share = { signal: limited.signal, deadlineAt: timing.now() + shareMs };
    return await postAll({ ...delivery, ...share }, posts, timing);
  } finally {
    limited.end();
  }
}

async function postAll(
  delivery: Omit<Delivery, 'body'>,
  posts: readonly Post[],
  timing: RetryTiming,
): Promise<Outcome> {
  const left: Post[] = [];
  let exported = 0;
  let failure: SluiceError | undefined;
  for (const [index, post] of posts.entries()) {
    const refusal = await postWithRetry({ ...delivery, body: post.body }, timing);
    if (!refusal) {
      exported += post.spans.length;
      continue;
    }
    failure = refusal;
    left.push(post);
    if (refusal instanceof RefusedBodyError) continue;
    // Any other failure would meet the rest of the batch too, at three tries each.
    left.push(...posts.slice(index + 1));
    break;
  }
  return { exported, left, failure };
}
