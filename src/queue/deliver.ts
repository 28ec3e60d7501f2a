import type { Chunk } from '../model/envelope.ts';
import { describeError, SluiceError } from '../model/errors.ts';
import type { TraceExporter } from '../model/exporter.ts';
import { unpack } from '../model/unpack.ts';
import { withSignal } from '../model/signal.ts';
import type { TraceStore } from '../model/store.ts';

/** A message that is an envelope, and what was in it. */
export interface Readable {
  message: Message;
  chunks: Chunk[];
}

/** What became of a message: delivered where there is no error. */
export interface Delivery {
  message: Message;
  error?: unknown;
}

/** Takes every message to every destination. Never rejects. */
export async function deliver(
  readable: readonly Readable[],
  target: { store?: TraceStore; exporters?: readonly TraceExporter[] },
  signal: AbortSignal,
): Promise<Delivery[]> {
  const { store, exporters = [] } = target;
  const deliveries = store
    ? await storeAll(readable, store, signal)
    : readable.map(({ message }): Delivery => ({ message }));
  if (exporters.length === 0) return deliveries;
  // All at once, so that an exporter that hangs on one message keeps none from the others.
  return Promise.all(
    deliveries.map(async ({ message, error }, index): Promise<Delivery> => {
      const chunks = readable[index]?.chunks ?? [];
      // What the store refused comes again anyway; exporting it now would only make it arrive twice.
      if (error !== undefined) return { message, error };
      return { message, error: await failureOf(() => exportAll(chunks, exporters, signal)) };
    }),
  );
}

/** One write for all; where that fails, one for each, so that a bad message takes nothing from the others. */
async function storeAll(
  readable: readonly Readable[],
  store: TraceStore,
  signal: AbortSignal,
): Promise<Delivery[]> {
  if (readable.length === 0) return [];
  const write = (chunks: readonly Chunk[]): Promise<unknown> =>
    failureOf(() => withSignal(signal, 'Writing to the store', () => store.write(chunks)));
  const error = await write(readable.flatMap(({ chunks }) => chunks));
  const deliveries = readable.map(({ message }): Delivery => ({ message, error }));
  if (error === undefined || readable.length === 1 || concernsAll(error)) return deliveries;
  let stored = 0;
  for (const [index, { message, chunks }] of readable.entries()) {
    // A store that takes none of the first is out of order, and asking it for each is no help.
    if (index >= MAX_HOPELESS_WRITES && stored === 0) break;
    const failure = await write(chunks);
    if (failure === undefined) stored += 1;
    deliveries[index] = { message, error: failure };
  }
  return deliveries;
}

const MAX_HOPELESS_WRITES = 3;

/** Failures that writing message by message cannot get around. */
function concernsAll(error: unknown): boolean {
  return (
    error instanceof SluiceError &&
    (error.code === 'missing_schema' || error.code === 'export_timeout')
  );
}

async function exportAll(
  chunks: readonly Chunk[],
  exporters: readonly TraceExporter[],
  signal: AbortSignal,
): Promise<void> {
  // The same chunks come in the same message each time, so this is stable over redelivery.
  const batch = unpack(chunks, chunks[0]?.chunk_id ?? 'empty');
  const results = await Promise.allSettled(
    exporters.map((exporter) =>
      withSignal(signal, `Exporter ${exporter.name}`, () => exporter.export(batch, { signal })),
    ),
  );
  const failed = results.find((result) => result.status === 'rejected');
  if (!failed) return;
  const reason: unknown = failed.reason;
  if (reason instanceof SluiceError) throw reason;
  throw new SluiceError('export_failed', describeError(reason), { cause: reason });
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
