/** What a store knows of what is missing, and how it adds days up. */
import type { Chunk } from '../model/envelope.ts';
import type { DailyTotals, StoredTrace, TraceStore } from '../model/store.ts';
import { ensure, ensureEqual } from './contract.ts';
import type { StoreCheck } from './contract.ts';
import { contractChunk, contractSpan, contractTrace, dayStart, NOON } from './contract-records.ts';

const { id: ID } = contractTrace();
const spans = (...names: string[]) => names.map((name) => contractSpan(name));

export const accountCases: Record<string, StoreCheck> = {
  'says how many spans of a trace are missing': async (empty) => {
    const chunk = contractChunk(
      { captured: 6, dropped: { sampled_out: 2, policy_failed: 1 } },
      spans('a', 'b'),
    );
    await ensureAccount(await empty(), [chunk], {
      captured: 6,
      dropped: { policy_failed: 1, sampled_out: 2 },
      missing: 1,
    });
  },

  'takes of one request the most that it has said, and adds requests up': async (empty) => {
    const step = contractChunk({ captured: 1 }, spans('a'));
    const end = contractChunk({ flush_id: 'flush_2', flush_seq: 1, captured: 3 }, spans('b', 'c'));
    const resumed = contractChunk(
      { flush_id: 'flush_3', request_id: 'request-2', captured: 2 },
      spans('d'),
    );
    for (const order of [
      [step, end, resumed],
      [resumed, end, step],
    ]) {
      await ensureAccount(await empty(), order, { captured: 5, dropped: {}, missing: 1 });
    }
  },

  'never counts what an older producer did not say as missing': async (empty) => {
    await ensureAccount(await empty(), [contractChunk({}, spans('a'))], {
      captured: null,
      dropped: {},
      missing: 0,
    });
  },

  'lets a trace stand for the fewest that it was said to': async (empty) => {
    const store = await empty();
    await store.write([contractChunk({ sample_weight: 4 })]);
    ensureEqual((await only(store)).sampleWeight, 4, 'a sampled trace stands for several');
    await store.write([contractChunk({ flush_id: 'flush_2', flush_seq: 1 })]);
    ensureEqual((await only(store)).sampleWeight, 1, 'one that is always kept stands for itself');
  },

  'has no totals where nothing is': async (empty) => {
    ensureEqual(await (await empty()).totals(), [], 'an empty store has no days');
  },

  'adds up what came in on a day, each chunk once': async (empty) => {
    const store = await empty();
    const usage = { input_tokens: 30, output_tokens: 7 };
    const facts = { kind: 'turn', usage, counts_usage: true };
    const chunks = [
      contractChunk({ captured: 2 }, [contractSpan('a', { facts })], { lost: 3 }),
      contractChunk(
        { flush_id: 'flush_2', flush_seq: 1, captured: 5, dropped: { policy_failed: 1 } },
        [contractSpan('b'), contractSpan('c', { error: { message: 'no' } })],
      ),
    ];
    for (let n = 0; n < 3; n += 1) await store.write(chunks);
    const [today, ...others] = await store.totals();
    ensureEqual(others, [], 'there is one day');
    ensureTotals(today, {
      day: '2026-11-20',
      traces: 1,
      tracesEstimated: 1,
      spans: 3,
      errors: 1,
      inputTokens: 30,
      outputTokens: 7,
      captured: 5,
      dropped: { policy_failed: 1 },
      missing: 1,
      lost: 3,
      deadLetters: 0,
    });
  },

  'estimates the traces that sampling left out': async (empty) => {
    const store = await empty();
    await store.write([
      contractChunk({ sample_weight: 10 }, spans('a')),
      contractChunk({ started_at: NOON + 1, flush_id: 'flush_2' }, spans('b')),
    ]);
    const [today] = await store.totals();
    ensureTotals(today, { traces: 2, tracesEstimated: 11, spans: 2, spansEstimated: 11 });
  },

  'adds workflows up, and keeps days apart, newest first': async (empty) => {
    const store = await onThreeDays(empty);
    const days = (await store.totals()).map(({ day, traces }) => [day, traces]);
    ensureEqual(
      days,
      [
        ['2026-11-21', 1],
        ['2026-11-20', 2],
        ['2026-11-19', 1],
      ],
      'a day has all workflows, the newest comes first',
    );
  },

  'gives the days that are asked for': async (empty) => {
    const store = await onThreeDays(empty);
    const asked: [Parameters<TraceStore['totals']>[0], string[]][] = [
      [{ from: NOON }, ['2026-11-21', '2026-11-20']],
      [{ to: dayStart(1) }, ['2026-11-20', '2026-11-19']],
      [{ from: NOON, to: dayStart(1) }, ['2026-11-20']],
      [{ from: dayStart(2) }, []],
    ];
    for (const [query, expected] of asked) {
      const days = (await store.totals(query)).map(({ day }) => day);
      ensureEqual(days, expected, `totals(${JSON.stringify(query)})`);
    }
  },

  'keeps totals of what was pruned': async (empty) => {
    const store = await onThreeDays(empty);
    const before = await store.totals();
    await store.prune(dayStart(2));
    ensureEqual(await store.totals(), before, 'retention does not change what came in');
  },
};

async function onThreeDays(empty: () => Promise<TraceStore>): Promise<TraceStore> {
  const store = await empty();
  const at = (started_at: number, n: number, workflow_name = 'contract'): Chunk =>
    contractChunk({ started_at, workflow_name, flush_id: `flush_${n}` }, spans(String(n)));
  await store.write([
    at(dayStart(0), 1),
    at(dayStart(1) - 1, 2, 'other'),
    at(dayStart(1), 3),
    at(dayStart(0) - 1, 4),
  ]);
  return store;
}

async function ensureAccount(
  store: TraceStore,
  chunks: readonly Chunk[],
  expected: Pick<StoredTrace, 'captured' | 'dropped' | 'missing'>,
): Promise<void> {
  for (const chunk of chunks) await store.write([chunk]);
  const trace = await store.getTrace(ID);
  ensure(trace !== undefined, 'getTrace() has to find a trace that was written');
  for (const { captured, dropped, missing } of [trace, await only(store)]) {
    ensureEqual({ captured, dropped, missing }, expected, 'the account of a trace');
  }
}

async function only(store: TraceStore): Promise<StoredTrace> {
  const [trace] = (await store.listTraces()).traces;
  ensure(trace !== undefined, 'listTraces() has to list a trace that was written');
  return trace;
}

function ensureTotals(day: DailyTotals | undefined, expected: Partial<DailyTotals>): void {
  const known = Object.entries(expected).map(([key]) => [key, day?.[key as keyof DailyTotals]]);
  ensureEqual(Object.fromEntries(known), expected, 'the totals of the day');
}
