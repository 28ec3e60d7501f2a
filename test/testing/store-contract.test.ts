import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Chunk } from '../../src/model/envelope.ts';
import type { SpanRecord } from '../../src/model/records.ts';
import type { StoredTrace, TraceStore } from '../../src/model/store.ts';
import { d1Store } from '../../src/store/d1.ts';
import { storeContract } from '../../src/testing/store-contract.ts';
import { migrated, NOON } from '../store/make.ts';

const db = env.TRACES_DB;
const TABLES = [
  'chunks',
  'traces',
  'daily_totals',
  'daily_drops',
  'dead_letters',
  'hourly_totals',
  'hourly_tokens',
];

beforeAll(migrated);

async function emptyStore(): Promise<TraceStore> {
  await db.batch(TABLES.map((table) => db.prepare(`DELETE FROM ${table}`)));
  return d1Store(db);
}

describe('the D1 store', () => {
  for (const { name, run } of storeContract({ make: emptyStore })) {
    it(name, async () => expect(await run()).toBeUndefined());
  }
});

/** A store that is right but for what is put in the place of a method. */
async function brokenStore(fault: (store: TraceStore) => Partial<TraceStore>): Promise<TraceStore> {
  const store = await emptyStore();
  return { ...store, ...fault(store) };
}

const onTraces =
  (change: (trace: StoredTrace) => Partial<StoredTrace>) =>
  (store: TraceStore): Partial<TraceStore> => ({
    async listTraces(query) {
      const page = await store.listTraces(query);
      return { ...page, traces: page.traces.map((trace) => ({ ...trace, ...change(trace) })) };
    },
    async getTrace(id) {
      const trace = await store.getTrace(id);
      return trace && { ...trace, ...change(trace) };
    },
  });

let writes = 0;
const renamed = (chunk: Chunk): Chunk => ({ ...chunk, chunk_id: `${chunk.chunk_id}-${writes++}` });

/** Faults of stores, each with a promise that has to find it. */
const faults: [fault: string, promise: string, (store: TraceStore) => Partial<TraceStore>][] = [
  [
    'writes a chunk again that it has',
    'is not changed by a chunk that comes again',
    (store) => ({ write: (chunks) => store.write(chunks.map(renamed)) }),
  ],
  [
    'lets the last to come decide',
    'makes the same trace of its chunks in any order',
    (store) => {
      let last = '';
      return {
        write(chunks) {
          last = chunks.at(-1)?.trace.status ?? last;
          return store.write(chunks);
        },
        async getTrace(id) {
          const trace = await store.getTrace(id);
          return trace && { ...trace, status: last as StoredTrace['status'] };
        },
      };
    },
  ],
  [
    'loses the last span of a chunk',
    'gives back what was written',
    (store) => ({
      write: (chunks) =>
        store.write(chunks.map((chunk) => ({ ...chunk, spans: chunk.spans.slice(0, -1) }))),
    }),
  ],
  [
    'lists oldest first',
    'lists newest first',
    (store) => ({
      async listTraces(query) {
        const page = await store.listTraces(query);
        return { ...page, traces: page.traces.toReversed() };
      },
    }),
  ],
  [
    'begins a page with the last trace of the one before',
    'lists each trace once, page by page, also those that began together',
    (store) => ({
      async listTraces(query) {
        const page = await store.listTraces(query);
        const first = (await store.listTraces({ limit: 1 })).traces;
        return query?.cursor ? { ...page, traces: [...first, ...page.traces] } : page;
      },
    }),
  ],
  [
    'ends its pages at an id that has no time in it',
    'lists each trace once, page by page, whatever its id is',
    (store) => ({
      async listTraces(query) {
        const page = await store.listTraces(query);
        return page.traces.at(-1)?.traceId.includes('zz') ? { traces: page.traces } : page;
      },
    }),
  ],
  [
    'does not filter by status',
    'finds by group, request, workflow, status and time',
    (store) => ({
      listTraces: ({ status: _status, ...query } = {}) => store.listTraces(query),
    }),
  ],
  [
    'takes any limit',
    'refuses a query that is none with a coded error',
    (store) => ({
      listTraces: ({ limit = 50, ...query } = {}) =>
        store.listTraces({ ...query, limit: Math.min(200, Math.max(1, Math.trunc(limit))) }),
    }),
  ],
  [
    'knows every trace',
    'knows nothing of a trace that was not written',
    (store) => ({
      getTrace: async (id) => (await store.getTrace(id)) ?? ({} as never),
    }),
  ],
  [
    'prunes one millisecond too many',
    'prunes what started before, and nothing else',
    (store) => ({ prune: (before) => store.prune(before + 1) }),
  ],
  [
    'shows a trace that was cut short as a success',
    'shows a trace that is truncated as just that',
    onTraces(({ status }) => ({ status: status === 'truncated' ? 'ok' : status })),
  ],
  [
    'shows a trace whose end is still to come as a success',
    'shows a trace that is incomplete as just that',
    onTraces(({ status }) => ({ status: status === 'incomplete' ? 'ok' : status })),
  ],
  [
    'does not know what is missing',
    'says how many spans of a trace are missing',
    onTraces(() => ({ missing: 0 })),
  ],
  [
    'calls all missing that it does not know',
    'never counts what an older producer did not say as missing',
    onTraces(({ captured }) => (captured === null ? { missing: 1 } : {})),
  ],
  [
    'forgets that traces were sampled',
    'lets a trace stand for the fewest that it was said to',
    onTraces(() => ({ sampleWeight: 1 })),
  ],
  [
    'counts what was lost for each span',
    'adds up what came in on a day, each chunk once',
    (store) => ({
      totals: async (query) =>
        (await store.totals(query)).map((day) => ({ ...day, lost: day.lost * day.spans })),
    }),
  ],
  [
    'gives every day',
    'gives the days that are asked for',
    (store) => ({ totals: () => store.totals() }),
  ],
  [
    'shows spans as they came',
    'shows spans in the order of their starts',
    (store) => ({
      async getTrace(id) {
        const trace = await store.getTrace(id);
        return trace && { ...trace, spans: trace.spans.toReversed() };
      },
    }),
  ],
  [
    'shows both records of a span',
    'shows a span once, as it was at its end, that came open before',
    (store) => {
      const all: SpanRecord[] = [];
      return {
        write(chunks) {
          all.push(...chunks.flatMap(({ spans }) => spans));
          return store.write(chunks);
        },
        async getTrace(id) {
          const trace = await store.getTrace(id);
          return trace && { ...trace, spans: all };
        },
      };
    },
  ],
  [
    'lets a late step hide the end',
    'lets the last word decide on a status, whenever it comes',
    (store) => ({
      write: (chunks) =>
        store.write(
          chunks.map((chunk) => ({
            ...chunk,
            trace: {
              ...chunk.trace,
              ended_at: chunk.trace.status === 'incomplete' ? NOON * 2 : chunk.trace.ended_at,
            },
          })),
        ),
    }),
  ],
  [
    'counts pages from the start',
    'goes on with a page where it was, when newer traces have come',
    (store) => ({
      async listTraces({ limit = 50, cursor = '0', ...query } = {}) {
        const { traces } = await store.listTraces({ ...query, limit: 200 });
        const from = Number(cursor);
        const next = from + limit < traces.length ? { next: String(from + limit) } : {};
        return { traces: traces.slice(from, from + limit), ...next };
      },
    }),
  ],
  [
    'adds up all that one request has said',
    'takes of one request the most that it has said, and adds requests up',
    onTraces(({ captured }) => ({ captured: captured === null ? null : captured + 1 })),
  ],
  [
    'does not estimate',
    'estimates the traces that sampling left out',
    (store) => ({
      totals: async (query) =>
        (await store.totals(query)).map((day) => ({ ...day, tracesEstimated: day.traces })),
    }),
  ],
  [
    'has a line for each workflow',
    'adds workflows up, and keeps days apart, newest first',
    (store) => ({
      totals: async (query) =>
        (await store.totals(query)).flatMap((day) =>
          Array.from({ length: day.traces }, () => ({ ...day, traces: 1 })),
        ),
    }),
  ],
  [
    'forgets with the traces what they came to',
    'keeps totals of what was pruned',
    (store) => ({
      totals: async (query) => {
        const { traces } = await store.listTraces();
        return traces.length > 0 ? store.totals(query) : [];
      },
    }),
  ],
  [
    'takes quotes out of ids',
    'takes an id, a name and metadata that are hostile for what they are',
    (store) => ({ getTrace: (id) => store.getTrace(id.replaceAll("'", '')) }),
  ],
  [
    'never answers',
    'gives back what was written',
    () => ({ write: () => new Promise(() => undefined) }),
  ],
  [
    'cannot take NUL',
    'keeps control characters and NUL, and the spans beside it',
    (store) => ({
      write: async (chunks) => {
        if (JSON.stringify(chunks).includes('\\u0000')) throw new Error('invalid text');
        return store.write(chunks);
      },
    }),
  ],
];

describe('the contract', () => {
  it.each(faults)('finds a store that %s: it %s', async (_fault, promise, fault) => {
    const contract = storeContract({ make: () => brokenStore(fault), timeoutMs: 1_000 });
    const found = contract.find(({ name }) => name === promise);
    expect(contract.map(({ name }) => name)).toContain(promise);
    await expect(found?.run()).rejects.toMatchObject({ name: 'ContractError' });
  });

  it('says in its failure what was expected and what was received', async () => {
    const make = () => brokenStore(onTraces(() => ({ missing: 7 })));
    const promise = storeContract({ make }).find(({ name }) => name.startsWith('says how many'));
    await expect(promise?.run()).rejects.toThrow(
      [
        'the account of a trace',
        '  expected {"captured":6,"dropped":{"policy_failed":1,"sampled_out":2},"missing":1}',
        '  received {"captured":6,"dropped":{"policy_failed":1,"sampled_out":2},"missing":7}',
      ].join('\n'),
    );
  });
});
