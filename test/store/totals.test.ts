import { env } from 'cloudflare:workers';
import fc from '../support/property.ts';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Chunk } from '../../src/model/envelope.ts';
import type { TraceRecord } from '../../src/model/records.ts';
import { d1Store } from '../../src/store/d1.ts';
import { emptied, makeChunk, makeSpan, migrated, nativeId, NOON } from './make.ts';

const db = env.TRACES_DB;
const store = d1Store(db);
const DAY = 86_400_000;

beforeAll(migrated);
beforeEach(emptied);

/** A span with tokens, or one that failed. */
const spent = makeSpan('t', {
  facts: { kind: 'turn', counts_usage: true, usage: { input_tokens: 30, output_tokens: 7 } },
});
const failed = makeSpan('e', { error: { message: 'no such order' } });

type Row = Record<string, number | string>;

async function rows(): Promise<Row[]> {
  const { results } = await db.prepare('SELECT * FROM daily_totals').all<Row>();
  return results.filter((row) =>
    Object.values(row).some((value) => typeof value === 'number' && value !== 0),
  );
}

describe('daily totals', () => {
  it('are nothing where nothing came', async () => {
    expect(await store.totals()).toEqual([]);
  });

  it('show an operator what came in, what was dropped, and that nothing is lost', async () => {
    await store.write([
      makeChunk({ captured: 4, dropped: { policy_failed: 2 }, request_id: 'r' }, [spent, failed]),
    ]);
    expect(await store.totals()).toEqual([
      {
        day: '2026-11-20',
        traces: 1,
        tracesEstimated: 1,
        spans: 2,
        spansEstimated: 2,
        errors: 1,
        inputTokens: 30,
        inputTokensEstimated: 30,
        outputTokens: 7,
        outputTokensEstimated: 7,
        captured: 4,
        dropped: { policy_failed: 2 },
        missing: 0,
        lost: 0,
        deadLetters: 0,
      },
    ]);
  });

  it('show what an isolate could not deliver, once, on whichever chunk the news came', async () => {
    const chunk = { ...makeChunk(), lost: 12 };
    await store.write([chunk, chunk]);
    await store.write([chunk]);
    await store.write([{ ...makeChunk({ flush_id: 'next' }), lost: 1 }]);
    expect(await store.totals()).toMatchObject([{ lost: 13, traces: 1 }]);
  });

  it('show what was captured and never came', async () => {
    await store.write([makeChunk({ captured: 5, request_id: 'r' }, [spent])]);
    expect(await store.totals()).toMatchObject([{ captured: 5, spans: 1, missing: 4 }]);
    await store.write([
      makeChunk(
        { captured: 5, request_id: 'r' },
        ['a', 'b', 'c', 'd'].map((n) => makeSpan(n)),
        1,
      ),
    ]);
    expect(await store.totals()).toMatchObject([{ captured: 5, spans: 5, missing: 0 }]);
  });

  it('count what producers that do not say what they captured have sent as captured', async () => {
    await store.write([makeChunk({}, [spent])]);
    expect(await store.totals()).toMatchObject([{ captured: 1, missing: 0 }]);
  });

  it('estimate from the sample weight what sampling left out', async () => {
    await store.write(
      [10, 10, 1].map((sample_weight, n) =>
        makeChunk({ id: nativeId(NOON, String(n)), sample_weight }, [spent]),
      ),
    );
    expect(await store.totals()).toMatchObject([
      {
        traces: 3,
        tracesEstimated: 21,
        spans: 3,
        spansEstimated: 21,
        inputTokens: 90,
        inputTokensEstimated: 630,
        outputTokensEstimated: 147,
      },
    ]);
  });

  it('count a trace once, on the day of its first request, even when that arrives last', async () => {
    const id = nativeId(NOON);
    const resumed = { id, started_at: NOON + DAY, flush_id: 'resumed', workflow_name: 'resumed' };
    await store.write([makeChunk({ ...resumed, sample_weight: 1 }, [spent])]);
    await store.write([makeChunk({ id, sample_weight: 4 }, [spent])]);
    expect(await store.totals()).toMatchObject([
      { day: '2026-11-21', traces: 0, tracesEstimated: 0, spans: 1, spansEstimated: 1 },
      { day: '2026-11-20', traces: 1, tracesEstimated: 1, spans: 1, spansEstimated: 4 },
    ]);
    expect(await rows()).toMatchObject([
      { workflow: 'support_triage', traces: 1 },
      { workflow: 'resumed', traces: 0 },
    ]);
  });

  it('stay when the traces are pruned', async () => {
    await store.write([makeChunk({}, [spent])]);
    const before = await store.totals();
    expect(await store.prune(NOON + DAY)).toBe(1);
    expect(await store.totals()).toEqual(before);
  });

  it('are given for the days of a range, newest first', async () => {
    const days = [0, 1, 2, 3];
    await store.write(
      days.map((n) => makeChunk({ id: nativeId(NOON + n * DAY), started_at: NOON + n * DAY })),
    );
    const daysOf = async (from?: number, to?: number): Promise<string[]> =>
      (await store.totals({ from, to })).map(({ day }) => day.slice(-2));
    const midnight = NOON + DAY / 2;
    expect(await daysOf()).toEqual(['23', '22', '21', '20']);
    expect(await daysOf(midnight)).toEqual(['23', '22', '21']);
    expect(await daysOf(midnight - 1, midnight)).toEqual(['20']);
    expect(await daysOf(midnight + 5, midnight + DAY + 1)).toEqual(['22', '21']);
    expect(await daysOf(undefined, midnight + 1)).toEqual(['21', '20']);
  });

  it('refuse bounds that are the wrong way round, and say so', async () => {
    await expect(store.totals({ from: NOON + 1, to: NOON })).rejects.toMatchObject({
      code: 'invalid_option',
      message: expect.stringContaining('from is after to'),
    });
    expect(await store.totals({ from: NOON, to: NOON })).toEqual([]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, '2026' as unknown as number])(
    'refuse %o as a bound',
    async (from) => {
      await expect(store.totals({ from })).rejects.toMatchObject({ code: 'invalid_option' });
      await expect(store.totals({ to: from })).rejects.toMatchObject({ code: 'invalid_option' });
    },
  );

  it.each([0, Date.UTC(9999, 11, 31), 8.64e15, Number.MAX_SAFE_INTEGER])(
    'have a day for a trace that claims to have begun at %d',
    async (started_at) => {
      await store.write([makeChunk({ id: 'trace_x', started_at, ended_at: started_at })]);
      expect(await store.totals()).toMatchObject([
        { traces: 1, day: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) },
      ]);
    },
  );

  it('add a row of a day and two of hours to what a write of any number of new chunks writes, and none to a repeated one', async () => {
    const chunks = Array.from({ length: 20 }, (_, n) =>
      makeChunk({ id: nativeId(NOON + n), flush_id: `f${n}`, captured: 1 }, [makeSpan(String(n))]),
    );
    expect(await rowsWritten(chunks)).toBe(20 + 20 + 1 + 2);
    expect(await rowsWritten(chunks)).toBe(0);
  });

  it('count each chunk once when consumers write the same ones at the same time', async () => {
    const chunks = [
      { ...makeChunk({ captured: 2, request_id: 'r' }, [spent]), lost: 3 },
      makeChunk({ captured: 2, request_id: 'r' }, [failed], 1),
    ];
    await Promise.all(
      [0, 1, 2, 3, 4].map((n) => store.write(n % 2 ? chunks : chunks.toReversed())),
    );
    expect(await store.totals()).toMatchObject([
      { traces: 1, spans: 2, captured: 2, missing: 0, lost: 3 },
    ]);
  });

  it('are the same for every order, grouping and redelivery of the same chunks', async () => {
    await fc.assert(
      fc.asyncProperty(deliveries, async (writes) => {
        await emptied();
        for (const write of writes) await store.write(write);
        expect(sorted(await rows())).toEqual(sorted(byRule(writes.flat())));
        expect((await dropRows()).toSorted()).toEqual(dropsByRule(writes.flat()).toSorted());
      }),
      { numRuns: 60 },
    );
  });
});

async function rowsWritten(chunks: readonly Chunk[]): Promise<number> {
  let written = 0;
  const counting = {
    prepare: (sql: string) => db.prepare(sql),
    async batch(statements: D1PreparedStatement[]) {
      const results = await db.batch(statements);
      for (const { meta } of results) written += meta.rows_written ?? 0;
      return results;
    },
  };
  await d1Store(counting as unknown as D1Database).write(chunks);
  return written;
}

/** Requests of a few traces, each on a day of its own making; flushes of them; writes of those, some repeated. */
const deliveries: fc.Arbitrary<Chunk[][]> = fc
  .array(
    fc.record({
      trace: fc.nat(2),
      day: fc.nat(2),
      workflow_name: fc.constantFrom('w1', 'w2'),
      sample_weight: fc.option(fc.constantFrom(1, 2, 1 / 0.3), { nil: undefined }),
      flushes: fc.array(
        fc.record({
          captured: fc.option(fc.nat(9), { nil: undefined }),
          dropped: fc.dictionary(fc.constantFrom('policy_failed', 'buffer_full'), fc.nat(3)),
          spans: fc.subarray([spent, failed, makeSpan('c')]),
          lost: fc.option(fc.nat(3), { nil: undefined }),
        }),
        { minLength: 1, maxLength: 3 },
      ),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((requests) =>
    requests.flatMap(({ trace, day, flushes, ...rest }, r) =>
      flushes.map(({ captured, dropped, spans, lost }, f): Chunk => {
        const record: Partial<TraceRecord> = {
          ...rest,
          id: nativeId(NOON, String(trace)),
          request_id: `r${r}`,
          started_at: NOON + day * DAY,
          flush_id: `f${r}-${f}`,
          captured,
          dropped,
        };
        return { ...makeChunk(record, spans), ...(lost === undefined ? {} : { lost }) };
      }),
    ),
  )
  .chain((chunks) =>
    fc
      .tuple(
        fc.shuffledSubarray(chunks, { minLength: chunks.length }),
        fc.array(fc.constantFrom(...chunks), { maxLength: 4 }),
        fc.integer({ min: 1, max: 5 }),
      )
      .map(([order, again, size]) => {
        const all = [...order.slice(0, 2), ...again, ...order.slice(2), ...again];
        return Array.from({ length: Math.ceil(all.length / size) }, (_, n) =>
          all.slice(n * size, (n + 1) * size),
        );
      }),
  );

const EMPTY = {
  traces: 0,
  traces_estimated: 0,
  spans: 0,
  spans_estimated: 0,
  errors: 0,
  input_tokens: 0,
  input_tokens_estimated: 0,
  output_tokens: 0,
  output_tokens_estimated: 0,
  captured: 0,
  lost: 0,
  dead_letters: 0,
};

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const weightOf = ({ sample_weight = 1 }: TraceRecord): number =>
  Math.round(sample_weight * 1024) / 1024;

/** Chunks that are not the same, in the order in which a trace's first one is chosen. */
function distinct(chunks: readonly Chunk[]): Chunk[] {
  const place = ({ trace, chunk_id }: Chunk): string =>
    `${trace.started_at} ${trace.flush_id} ${chunk_id}`;
  return [...new Set(chunks)].toSorted((a, b) => (place(a) < place(b) ? -1 : 1));
}

/** What the totals must be, worked out from all chunks at once. */
function byRule(delivered: readonly Chunk[]): Row[] {
  const totals = new Map<string, Row & typeof EMPTY>();
  const add = (started: number, workflow: string, patch: Partial<typeof EMPTY>): void => {
    const key = `${dayOf(started)} ${workflow}`;
    const row = totals.get(key) ?? { day: dayOf(started), workflow, ...EMPTY };
    for (const [name, n] of Object.entries(patch)) row[name as keyof typeof EMPTY] += n;
    totals.set(key, row);
  };
  const chunks = distinct(delivered);
  for (const { trace, spans, lost = 0 } of chunks) {
    const weight = weightOf(trace);
    const turns = spans.filter((span) => span === spent).length;
    add(trace.started_at, trace.workflow_name, {
      spans: spans.length,
      spans_estimated: spans.length * weight,
      errors: spans.filter((span) => span === failed).length,
      input_tokens: 30 * turns,
      input_tokens_estimated: 30 * turns * weight,
      output_tokens: 7 * turns,
      output_tokens_estimated: 7 * turns * weight,
      captured: trace.captured === undefined ? spans.length : 0,
    });
    add(trace.started_at, '', { lost });
  }
  for (const own of groupsBy(chunks, ({ trace }) => trace.id)) {
    const [first] = own;
    if (!first) continue;
    const { started_at, workflow_name } = first.trace;
    const traces_estimated = Math.min(...own.map(({ trace }) => weightOf(trace)));
    add(started_at, workflow_name, { traces: 1, traces_estimated });
  }
  for (const [{ trace }, captured] of mostByRequest(chunks, (record) => record.captured ?? 0))
    add(trace.started_at, trace.workflow_name, { captured });
  return [...totals.values()].filter((row) => Object.keys(EMPTY).some((name) => row[name] !== 0));
}

function groupsBy(chunks: readonly Chunk[], key: (chunk: Chunk) => string): Chunk[][] {
  const groups = new Map<string, Chunk[]>();
  for (const chunk of chunks) groups.set(key(chunk), [...(groups.get(key(chunk)) ?? []), chunk]);
  return [...groups.values()];
}

/** A chunk of each trace and request, and the most that any of theirs says. */
function mostByRequest(
  chunks: readonly Chunk[],
  pick: (trace: TraceRecord) => number,
): [Chunk, number][] {
  const known = chunks.filter(({ trace }) => trace.captured !== undefined);
  const requests = groupsBy(known, ({ trace }) => `${trace.id} ${trace.request_id}`);
  return requests.flatMap((own) =>
    own[0] ? [[own[0], Math.max(...own.map(({ trace }) => pick(trace)))]] : [],
  );
}

async function dropRows(): Promise<string[]> {
  const { results } = await db.prepare('SELECT * FROM daily_drops').all();
  return results.map((row) => Object.values(row).join(' '));
}

function dropsByRule(delivered: readonly Chunk[]): string[] {
  const sums = new Map<string, number>();
  for (const reason of ['policy_failed', 'buffer_full']) {
    const most = mostByRequest(distinct(delivered), ({ dropped }) => dropped?.[reason] ?? 0);
    for (const [{ trace }, n] of most) {
      const key = `${dayOf(trace.started_at)} ${trace.workflow_name} ${reason}`;
      if (n > 0) sums.set(key, (sums.get(key) ?? 0) + n);
    }
  }
  return [...sums].map(([key, n]) => `${key} ${n}`);
}

function sorted(totals: readonly Row[]): Row[] {
  return totals.toSorted((a, b) =>
    `${a['day']} ${a['workflow']}` < `${b['day']} ${b['workflow']}` ? -1 : 1,
  );
}
