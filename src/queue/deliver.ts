import type { Chunk } from '../model/envelope.ts';
import { describeError, SluiceError } from '../model/errors.ts';
import type { TraceExporter } from '../model/exporter.ts';
import { unpack } from '../model/unpack.ts';
import { withSignal } from '../model/signal.ts';
import type { TraceStore } from '../model/store.ts';

/** A message that is an envelope, and what was in it. */
export interface Readable<M> {
  message: M;
  chunks: Chunk[];
}

/** What became of a message: delivered where there is no error. */
export interface Delivery<M> {
  message: M;
  error?: unknown;
}

/** By when a delivery must be done. */
export interface Deadline {
  signal: AbortSignal;
  /** When the signal aborts, in milliseconds since the epoch. */
  deadlineAt: number;
}

/** Whether `startDeadline` can count it: no timer takes what is not a number above 0, or is infinite. */
function isDuration(ms: unknown): boolean {
  return typeof ms === 'number' && Number.isFinite(ms) && ms > 0;
}

/** @throws SluiceError `invalid_option` */
export function assertDeadline(caller: string, deadlineMs: unknown): void {
  if (deadlineMs === undefined || isDuration(deadlineMs)) return;
  throw new SluiceError(
    'invalid_option',
    `${caller}: deadlineMs must be a number of milliseconds above 0.`,
  );
}

/** Unlike `AbortSignal.timeout()` it leaves no timer behind, once it is cleared. */
export function startDeadline(ms: number, now: number): Deadline & { clear(): void } {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(new DOMException('The operation timed out.', 'TimeoutError'));
  }, ms);
  return {
    signal: controller.signal,
    deadlineAt: now + ms,
    clear: () => clearTimeout(timer),
  };
}

/** Takes every message to every destination. Never rejects. */
export async function deliver<M>(
  readable: readonly Readable<M>[],
  target: { store?: Pick<TraceStore, 'write'>; exporters?: readonly TraceExporter[] },
  deadline: Deadline,
): Promise<Delivery<M>[]> {
  const { store, exporters = [] } = target;
  const errors = store
    ? await allOrEach(readable, (some) =>
        withSignal(deadline.signal, 'Writing to the store', () =>
          store.write(some.flatMap(({ chunks }) => chunks)),
        ),
      )
    : readable.map(() => undefined);
  // All at once, so that an exporter that hangs on one message keeps none from the others.
  return Promise.all(
    readable.map(async ({ message, chunks }, index): Promise<Delivery<M>> => {
      const error = errors[index];
      // What the store refused comes again anyway; exporting it now would only make it arrive twice.
      if (error !== undefined || exporters.length === 0) return { message, error };
      return { message, error: await failureOf(() => exportAll(chunks, exporters, deadline)) };
    }),
  );
}

const MAX_HOPELESS_WRITES = 3;

/**
 * One write for all; where that fails, one for each, so that a bad item takes nothing
 * from the others.
 *
 * @returns for each item what its write failed with, or undefined. Never rejects.
 */
export async function allOrEach<T>(
  items: readonly T[],
  write: (items: readonly T[]) => Promise<unknown>,
): Promise<unknown[]> {
  if (items.length === 0) return [];
  const error = await failureOf(() => write(items));
  const errors = items.map(() => error);
  if (error === undefined || items.length === 1 || concernsAll(error)) return errors;
  let written = 0;
  for (const [index, item] of items.entries()) {
    // A store that takes none of the first is out of order, and asking it for each is no help.
    if (index >= MAX_HOPELESS_WRITES && written === 0) break;
    const failure = await failureOf(() => write([item]));
    if (failure === undefined) written += 1;
    errors[index] = failure;
  }
  return errors;
}

/** Failures that writing one by one cannot get around. */
function concernsAll(error: unknown): boolean {
  return (
    error instanceof SluiceError &&
    (error.code === 'missing_schema' || error.code === 'export_timeout')
  );
}

async function exportAll(
  chunks: readonly Chunk[],
  exporters: readonly TraceExporter[],
  deadline: Deadline,
): Promise<void> {
  // The same chunks come in the same message each time, so this is stable over redelivery.
  const batch = unpack(chunks, chunks[0]?.chunk_id ?? 'empty');
  const results = await Promise.allSettled(
    exporters.map((exporter) =>
      withSignal(deadline.signal, `Exporter ${exporter.name}`, () =>
        exporter.export(batch, { signal: deadline.signal, deadlineAt: deadline.deadlineAt }),
      ),
    ),
  );
  const failed = results.filter((result) => result.status === 'rejected');
  if (failed.length === 0) return;
  // All of them are tried again together, so the one that asks for most decides when.
  const [reason]: unknown[] = failed
    .map((result): unknown => result.reason)
    .toSorted((a, b) => retryAfterOf(b) - retryAfterOf(a));
  if (reason instanceof SluiceError) throw reason;
  throw new SluiceError('export_failed', describeError(reason), { cause: reason });
}

/** What the destination behind a failure asked for, in milliseconds; 0 where it asked for nothing. */
export function retryAfterOf(error: unknown): number {
  return error instanceof SluiceError ? (error.retryAfterMs ?? 0) : 0;
}

/** What a piece of work failed with, or undefined where it did not fail. */
async function failureOf(work: () => Promise<unknown>): Promise<unknown> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error ?? new SluiceError('export_failed', 'A destination rejected without a reason');
  }
}
