/** Queues deliver at least once and in no order: what a store makes of that. */
import type { Chunk } from '../model/envelope.ts';
import type { TraceStore } from '../model/store.ts';
import { ensureEqual, ensureKnown, ensureResolves } from './contract.ts';
import type { StoreCheck } from './contract.ts';
import { contractChunk, contractSpan, contractTrace, NOON } from './contract-records.ts';

const { id: ID } = contractTrace();

export const deliveryCases: Record<string, StoreCheck> = {
  'is not changed by a chunk that comes again': async (empty) => {
    const store = await empty();
    const chunks = steps();
    await store.write(chunks);
    const before = await everything(store);
    for (const chunk of chunks) await store.write([chunk]);
    await store.write([...chunks, ...chunks]);
    ensureEqual(await everything(store), before, 'a redelivered chunk may change nothing');
  },

  'takes a chunk once that comes twice in one write': async (empty) => {
    const store = await empty();
    await store.write([...steps(), ...steps()]);
    const twice = await everything(store);
    const other = await empty();
    await other.write(steps());
    ensureEqual(
      twice,
      await everything(other),
      'the second of two equal chunks may change nothing',
    );
  },

  'makes the same trace of its chunks in any order': async (empty) => {
    const chunks = steps();
    const seen = new Set<string>();
    for (const order of ordersOf(chunks)) {
      const store = await empty();
      for (const chunk of order) await store.write([chunk]);
      const found = await everything(store);
      // Spans of one moment may come in the order in which they were stored.
      found.trace?.spans.sort((a, b) => (a.id < b.id ? -1 : 1));
      seen.add(JSON.stringify(found));
    }
    const [first, second] = [...seen];
    const [one, other] = [first, second ?? first].map(
      (json) => JSON.parse(json ?? 'null') as unknown,
    );
    ensureEqual(other, one, 'the order in which chunks come may change nothing');
  },

  'takes chunks that are written at the same time': async (empty) => {
    const store = await empty();
    await ensureResolves(
      Promise.all(steps().map((chunk) => store.write([chunk]))),
      'writes at the same time have to resolve',
    );
    const trace = await ensureKnown(store, ID);
    ensureEqual(trace.spanCount, 4, 'every span has to count');
  },
};

/** Two requests of one trace, of which the first flushed a step. */
function steps(): Chunk[] {
  const usage = { input_tokens: 3, output_tokens: 2 };
  const facts = { kind: 'turn', usage, counts_usage: true };
  return [
    contractChunk({ status: 'incomplete', captured: 1, metadata: { release: '1' } }, [
      contractSpan('a', { facts }),
    ]),
    contractChunk(
      { flush_id: 'flush_2', flush_seq: 1, captured: 3, ended_at: NOON + 2_000, status: 'error' },
      [contractSpan('b'), contractSpan('c', { error: { message: 'no' } })],
      { lost: 2 },
    ),
    contractChunk({
      flush_id: 'flush_3',
      request_id: 'request-2',
      started_at: NOON + 60_000,
      id: ID,
      captured: 4,
      dropped: { policy_failed: 1 },
      metadata: { release: '2' },
    }),
    contractChunk(
      {
        flush_id: 'flush_4',
        flush_seq: 1,
        request_id: 'request-2',
        id: ID,
        started_at: NOON + 60_000,
        ended_at: NOON + 90_000,
        captured: 5,
        dropped: { policy_failed: 2 },
        sample_weight: 4,
      },
      [contractSpan('d')],
    ),
  ];
}

function ordersOf(chunks: readonly Chunk[]): Chunk[][] {
  if (chunks.length < 2) return [[...chunks]];
  return chunks.flatMap((chunk, index) =>
    ordersOf(chunks.toSpliced(index, 1)).map((rest) => [chunk, ...rest]),
  );
}

/** All that a reader can see. */
async function everything(store: TraceStore) {
  const [trace, page, totals] = [
    await store.getTrace(ID),
    await store.listTraces(),
    await store.totals(),
  ];
  return { trace, page, totals };
}
