/** How a store is asked: pages, filters, retention. */
import { SluiceError } from '../model/errors.ts';
import type { TraceRecord } from '../model/records.ts';
import type { StoredTrace, TraceQuery, TraceStore } from '../model/store.ts';
import { ensure, ensureEqual, ensureIds, ensureRejects } from './contract.ts';
import type { StoreCheck } from './contract.ts';
import { contractChunk, contractSpan, NOON, traceIdAt } from './contract-records.ts';

/** Traces of which three share each moment, as ids and starts of one request burst do. */
const BURST: Partial<TraceRecord>[] = Array.from({ length: 12 }, (_, n) => {
  const started_at = NOON + Math.floor(n / 3) * 1_000;
  // Ids of others carry no time: every fourth comes from a traceparent.
  const id =
    n % 4 === 3
      ? `trace_${'f'.repeat(30)}${n.toString(16).padStart(2, '0')}`
      : traceIdAt(started_at, n);
  return { id, started_at, flush_id: `flush_${n}` };
});

/** As producers of other kinds name them, or one that means harm. */
const ODD_IDS = [
  'conv-1',
  '.a',
  `${traceIdAt(NOON + 4_500, 0).slice(0, 16)}zz00`,
  `${traceIdAt(NOON + 4_500, 0).slice(0, 17)}é`,
  'trace_',
  '\u{1f680}',
  'x'.repeat(3_000),
];

export const listCases: Record<string, StoreCheck> = {
  'lists nothing where nothing is': async (empty) => {
    const page = await (await empty()).listTraces();
    ensureEqual(page, { traces: [] }, 'an empty store has an empty page and no next one');
  },

  'lists newest first': async (empty) => {
    const { traces } = await (await filled(empty, BURST)).listTraces();
    const starts = traces.map(({ startedAt }) => startedAt);
    ensureEqual(
      starts,
      starts.toSorted((a, b) => b - a),
      'the newest trace comes first',
    );
    ensureIds(
      traces.map(({ traceId }) => traceId),
      BURST.map(({ id = '' }) => id),
      'all are listed',
    );
  },

  'lists each trace once, page by page, also those that began together': async (empty) => {
    const store = await filled(empty, BURST);
    const { traces: whole } = await store.listTraces();
    for (const limit of [1, 2, 5, 12]) {
      const ids = (await allPages(store, { limit })).map(({ traceId }) => traceId);
      ensureEqual(
        ids,
        whole.map(({ traceId }) => traceId),
        `pages of ${limit} have to be the list`,
      );
    }
  },

  'lists each trace once, page by page, whatever its id is': async (empty) => {
    const odd = ODD_IDS.map((id, n) => ({ id, started_at: NOON + 4_500, flush_id: `odd_${n}` }));
    const store = await filled(empty, [...BURST, ...odd]);
    for (const limit of [1, 3]) {
      const ids = (await allPages(store, { limit })).map(({ traceId }) => traceId);
      ensureIds(ids, [...BURST.map(({ id = '' }) => id), ...ODD_IDS], `pages of ${limit}`);
    }
  },

  'goes on with a page where it was, when newer traces have come': async (empty) => {
    const store = await filled(empty, BURST);
    const { traces, next } = await store.listTraces({ limit: 4 });
    await store.write([contractChunk({ started_at: NOON + 60_000, flush_id: 'flush_new' })]);
    ensure(next !== undefined, 'a page that is not the last has a next one');
    const rest = await allPages(store, { limit: 4, cursor: next });
    const ids = [...traces, ...rest].map(({ traceId }) => traceId);
    ensureIds(
      ids,
      BURST.map(({ id = '' }) => id),
      'a newer trace may not move a page',
    );
  },

  'finds by group, request, workflow, status and time': async (empty) => {
    const store = await filled(empty, [
      { started_at: NOON, group_id: 'group-a', workflow_name: 'triage' },
      { started_at: NOON + 1, request_id: 'request-b', status: 'error' },
      { started_at: NOON + 2, group_id: null, request_id: null, status: 'blocked' },
    ]);
    const found: [TraceQuery, number[]][] = [
      [{ groupId: 'group-a' }, [0]],
      [{ requestId: 'request-b' }, [1]],
      [{ workflow: 'triage' }, [0]],
      [{ status: 'error' }, [1]],
      [{ status: 'blocked' }, [2]],
      [{ status: 'truncated' }, []],
      [{ from: NOON + 1 }, [2, 1]],
      [{ to: NOON + 2 }, [1, 0]],
      [{ from: NOON + 1, to: NOON + 2 }, [1]],
      [{ groupId: 'group-a', status: 'error' }, []],
      [{ workflow: "' OR 1=1 --" }, []],
    ];
    for (const [query, expected] of found) {
      const { traces } = await store.listTraces(query);
      const places = traces.map(({ startedAt }) => startedAt - NOON);
      ensureEqual(places, expected, `listTraces(${JSON.stringify(query)})`);
    }
  },

  'refuses a query that is none with a coded error': async (empty) => {
    const store = await empty();
    const wrong: unknown[] = [
      { limit: 0 },
      { limit: 1.5 },
      { limit: 10_000 },
      { cursor: 'garbage' },
    ];
    for (const query of wrong) {
      const what = `listTraces(${JSON.stringify(query)}) has to reject`;
      const error = await ensureRejects(
        Promise.resolve().then(() => store.listTraces(query as TraceQuery)),
        what,
      );
      const isCoded = error instanceof SluiceError && error.code === 'invalid_option';
      ensure(isCoded, `${what} with a SluiceError \`invalid_option\`, not ${String(error)}`);
    }
  },

  'prunes what started before, and nothing else': async (empty) => {
    const store = await filled(empty, BURST);
    const before = NOON + 2_000;
    const [old, kept] = [
      BURST.filter(({ started_at = 0 }) => started_at < before),
      BURST.filter(({ started_at = 0 }) => started_at >= before),
    ].map((traces) => traces.map(({ id = '' }) => id));
    ensureEqual(await store.prune(before), old?.length, 'prune() says how many traces went');
    const { traces } = await store.listTraces();
    ensureIds(
      traces.map(({ traceId }) => traceId),
      kept ?? [],
      'the others stay',
    );
    for (const id of old ?? []) {
      ensure((await store.getTrace(id)) === undefined, 'a pruned trace is gone');
    }
    ensureEqual(await store.prune(before), 0, 'there is nothing left to prune');
  },

  'prunes an empty store': async (empty) => {
    ensureEqual(await (await empty()).prune(NOON), 0, 'prune() of nothing is 0');
  },
};

async function filled(
  empty: () => Promise<TraceStore>,
  traces: readonly Partial<TraceRecord>[],
): Promise<TraceStore> {
  const store = await empty();
  const chunks = traces.map((trace, n) =>
    contractChunk({ flush_id: `flush_${n}`, ...trace }, [contractSpan(String(n))]),
  );
  await store.write(chunks);
  return store;
}

async function allPages(store: TraceStore, query: TraceQuery): Promise<StoredTrace[]> {
  const traces: StoredTrace[] = [];
  let cursor = query.cursor;
  for (let pages = 0; pages < 100; pages += 1) {
    const page = await store.listTraces(cursor === undefined ? query : { ...query, cursor });
    traces.push(...page.traces);
    cursor = page.next;
    if (cursor === undefined) return traces;
  }
  return traces;
}
