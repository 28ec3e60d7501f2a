import { env } from 'cloudflare:workers';
import fc from '../support/property.ts';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Chunk } from '../../src/model/envelope.ts';
import type { TraceStatus } from '../../src/model/records.ts';
import { d1Store } from '../../src/store/d1.ts';
import { makeChunk, makeSpan, migrated, nativeId, NOON } from './make.ts';

const db = env.TRACES_DB;
const store = d1Store(db);

beforeAll(migrated);
beforeEach(clear);

async function clear(): Promise<void> {
  await db.batch([db.prepare('DELETE FROM chunks'), db.prepare('DELETE FROM traces')]);
}

async function rowOf(traceId: string): Promise<Record<string, unknown> | null> {
  return db.prepare('SELECT * FROM traces WHERE trace_id = ?1').bind(traceId).first();
}

describe('writing chunks', () => {
  it('makes the trace row out of the first chunk', async () => {
    const spans = [
      makeSpan('a', {
        facts: { kind: 'turn', counts_usage: true, usage: { input_tokens: 30, output_tokens: 7 } },
      }),
      makeSpan('b', { facts: { kind: 'task', usage: { input_tokens: 30, output_tokens: 7 } } }),
      makeSpan('c', { error: { message: 'no such order' } }),
    ];
    await store.write([
      makeChunk(
        { group_id: 'g1', request_id: 'r1', metadata: { release: '7', environment: 'test' } },
        spans,
      ),
    ]);
    expect(await rowOf(nativeId(NOON))).toEqual({
      trace_id: nativeId(NOON),
      workflow: 'support_triage',
      group_id: 'g1',
      request_id: 'r1',
      status: 'ok',
      started_at: NOON,
      ended_at: NOON + 1_000,
      span_count: 3,
      error_count: 1,
      input_tokens: 30,
      output_tokens: 7,
      metadata: '{"environment":"test","release":"7"}',
      foreign_id: 0,
      captured: null,
      dropped: null,
      accounted: 0,
      sample_weight: 1,
      accounts: null,
      tools: '["lookup_order"]',
      error_kinds: null,
      models: '[["",30,0,7,0]]',
    });
  });

  it('changes nothing when a chunk comes again, alone or twice in one write', async () => {
    const chunk = makeChunk({}, [makeSpan('a')]);
    await store.write([chunk]);
    const before = await rowOf(nativeId(NOON));
    await store.write([chunk]);
    await store.write([chunk, makeChunk({ flush_id: 'other', flush_seq: 1 }), chunk]);
    expect(await rowOf(nativeId(NOON))).toEqual(before);
    expect(await db.prepare('SELECT count(*) AS n FROM chunks').first('n')).toBe(2);
  });

  it('writes no row to the database for a chunk that it has', async () => {
    const written: number[] = [];
    const counting = countingWrites(db, written);
    await d1Store(counting).write([makeChunk()]);
    await d1Store(counting).write([makeChunk()]);
    expect(written[0]).toBeGreaterThan(0);
    expect(written[1]).toBe(0);
  });

  it('accepts a write of nothing', async () => {
    await expect(store.write([])).resolves.toBeUndefined();
  });

  it('writes more than one statement holds', async () => {
    const text = 'x'.repeat(700_000);
    const chunks = [0, 1, 2, 3].map((n) =>
      makeChunk({}, [makeSpan(String(n), { span_data: { type: 'custom', data: text } })], n),
    );
    await store.write(chunks);
    expect(await rowOf(nativeId(NOON))).toMatchObject({ span_count: 4 });
  });

  it('refuses a chunk that is larger than a row may be, and writes none of its neighbours', async () => {
    const huge = makeSpan('h', { span_data: { type: 'custom', data: 'x'.repeat(2_000_000) } });
    const write = store.write([makeChunk({ id: 'trace_neighbour' }), makeChunk({}, [huge])]);
    await expect(write).rejects.toMatchObject({ code: 'store_failed' });
    expect(await rowOf('trace_neighbour')).toBeNull();
  });

  it('keeps every byte of content, escapes and astral characters included', async () => {
    const data = 'a"b\\c\n\u2028 😀 \u0000 \ud800';
    await store.write([makeChunk({}, [makeSpan('a', { span_data: { type: 'custom', data } })])]);
    const trace = await store.getTrace(nativeId(NOON));
    expect(trace?.spans[0]?.span_data['data']).toBe(data);
  });

  it('finds a trace again whose id SQLite could not hold as it is', async () => {
    await store.write([
      makeChunk({ id: 'trace_\u0000a\ud800' }),
      makeChunk({ id: 'trace_\u0000b' }),
    ]);
    expect(await store.getTrace('trace_\u0000a\ud800')).toMatchObject({
      traceId: 'trace_\ufffda\ufffd',
    });
    expect(await store.getTrace('trace_\u0000b')).toBeDefined();
  });
});

describe('folding chunks into a trace', () => {
  const failed = { group_id: 'g1', request_id: 'r1', flush_id: 'b', started_at: NOON };
  const resumed = {
    request_id: 'r2',
    workflow_name: 'resumed',
    flush_id: 'a',
    started_at: NOON + 60_000,
  };
  const chunks: Chunk[] = [
    // A step of the first request, then its end in two chunks.
    makeChunk(
      {
        ...failed,
        flush_id: 'z',
        group_id: null,
        status: 'incomplete',
        ended_at: NOON + 10,
        metadata: { step: '1', approval_state: 'pending' },
        captured: 1,
      },
      [makeSpan('s')],
    ),
    makeChunk(
      {
        ...failed,
        flush_seq: 1,
        status: 'error',
        ended_at: NOON + 20,
        metadata: { approval_state: 'pending', release: '7' },
        captured: 5,
        dropped: { policy_failed: 2 },
        sample_weight: 4,
      },
      [makeSpan('a', { error: { message: 'refused' } })],
      0,
    ),
    makeChunk(
      {
        ...failed,
        flush_seq: 1,
        status: 'error',
        ended_at: NOON + 20,
        metadata: { approval_state: 'pending', release: '7' },
        captured: 5,
        dropped: { policy_failed: 2 },
        sample_weight: 4,
      },
      [makeSpan('b')],
      1,
    ),
    // The same trace in a later request, whose flushes count from 0 again.
    makeChunk({
      ...resumed,
      flush_seq: 0,
      status: 'incomplete',
      ended_at: NOON + 61_000,
      metadata: { approval_state: 'approved' },
      captured: 2,
      dropped: { policy_failed: 1, buffer_full: 1 },
      sample_weight: 2,
    }),
    makeChunk(
      {
        ...resumed,
        flush_id: 'c',
        flush_seq: 1,
        status: 'ok',
        ended_at: NOON + 61_000,
        metadata: { approval_state: 'approved', a: '1' },
        captured: 3,
        dropped: { policy_failed: 1, buffer_full: 1 },
        sample_weight: 2,
      },
      [makeSpan('c')],
    ),
  ];
  const folded = {
    workflow: 'support_triage',
    group_id: 'g1',
    request_id: 'r1',
    status: 'ok',
    started_at: NOON,
    ended_at: NOON + 61_000,
    span_count: 4,
    error_count: 1,
    metadata: '{"a":"1","approval_state":"approved","release":"7","step":"1"}',
    captured: 8,
    dropped: '{"buffer_full":1,"policy_failed":3}',
    sample_weight: 1,
  };

  const inTrace = (id: string, order: readonly Chunk[]): Chunk[] =>
    order.map((chunk) => ({ ...chunk, trace: { ...chunk.trace, id } }));

  it('gives the same row for every order of the same chunks, written together', async () => {
    const orders = permutations(chunks);
    await store.write(orders.flatMap((order, n) => inTrace(nativeId(NOON, String(n)), order)));
    const { results } = await db.prepare('SELECT * FROM traces').all();
    expect(results).toHaveLength(120);
    for (const row of results) expect(row).toMatchObject(folded);
  });

  it('gives the same row for chunks written one by one, with redeliveries between', async () => {
    for (const [n, order] of permutations(chunks).entries()) {
      if (n % 10 > 0) continue;
      const own = inTrace(nativeId(NOON, String(n)), order);
      for (const chunk of own) await store.write([chunk, ...own.slice(0, 1)]);
      expect(await rowOf(nativeId(NOON, String(n)))).toMatchObject(folded);
    }
  });

  it('gives what the rules say for any chunks', async () => {
    const small = fc.integer({ min: 0, max: 2 });
    const patch = fc.record({
      started_at: small.map((ms) => NOON + ms),
      ended_at: small.map((ms) => NOON + 10 + ms),
      flush_seq: fc.nat(1),
      flush_id: fc.constantFrom('a', 'b'),
      status: fc.constantFrom<TraceStatus>('ok', 'error', 'incomplete'),
      workflow_name: fc.constantFrom('w1', 'w2'),
      group_id: fc.constantFrom(null, 'g1', 'g2'),
      request_id: fc.constantFrom(null, 'r1', 'r2'),
      metadata: fc.dictionary(fc.constantFrom('x', 'y', 'z'), fc.constantFrom('1', '2'), {
        maxKeys: 3,
      }),
      captured: fc.option(fc.nat(20), { nil: undefined }),
      dropped: fc.option(
        fc.dictionary(fc.constantFrom('policy_failed', 'buffer_full'), fc.nat(3)),
        { nil: undefined },
      ),
      sample_weight: fc.option(fc.constantFrom(1, 2, 1 / 0.3), { nil: undefined }),
    });
    const sets = fc.array(fc.array(patch, { minLength: 1, maxLength: 6 }), {
      minLength: 20,
      maxLength: 20,
    });
    await fc.assert(
      fc.asyncProperty(sets, async (traces) => {
        await clear();
        const made = traces.map((patches, n) =>
          patches.map((one, k) => makeChunk({ ...one, id: nativeId(NOON, String(n)) }, [], k)),
        );
        await store.write(made.flat());
        for (const own of made)
          expect(await rowOf(own[0]?.trace.id ?? '')).toMatchObject(foldedByRule(own));
      }),
      { numRuns: 30 },
    );
  });

  it('lets a trace that failed and was resumed successfully be ok', async () => {
    await store.write(inTrace(nativeId(NOON), chunks.slice(0, 3)));
    expect(await rowOf(nativeId(NOON))).toMatchObject({ status: 'error' });
    await store.write(inTrace(nativeId(NOON), chunks.slice(3)));
    expect(await rowOf(nativeId(NOON))).toMatchObject({ status: 'ok' });
  });

  it('does not let a step that arrives last hide the end', async () => {
    const end = makeChunk({ flush_id: 'f1', flush_seq: 1, status: 'blocked', ended_at: NOON + 50 });
    const step = makeChunk({
      flush_id: 'f0',
      flush_seq: 0,
      status: 'incomplete',
      ended_at: NOON + 50,
    });
    await store.write([end]);
    await store.write([step]);
    expect(await rowOf(nativeId(NOON))).toMatchObject({ status: 'blocked' });
  });

  it('keeps totals whole numbers, however large the counts that a chunk claims', async () => {
    const usage = { input_tokens: Number.MAX_VALUE, output_tokens: -5 };
    const spans = [makeSpan('a', { facts: { kind: 'turn', counts_usage: true, usage } })];
    await store.write([0, 1, 2].map((n) => makeChunk({}, spans, n)));
    expect(await rowOf(nativeId(NOON))).toMatchObject({ input_tokens: 3e12, output_tokens: 0 });
  });
});

/** What the trace row must be, worked out from all chunks at once. */
function foldedByRule(chunks: readonly Chunk[]): Record<string, unknown> {
  const by =
    (key: (chunk: Chunk) => (string | number)[]) =>
    (a: Chunk, b: Chunk): number => {
      const [left, right] = [key(a), key(b)];
      const index = left.findIndex((value, n) => value !== right[n]);
      return index < 0 ? 0 : (left[index] ?? 0) < (right[index] ?? 0) ? -1 : 1;
    };
  const early = chunks.toSorted(
    by(({ trace, chunk_id }) => [trace.started_at, trace.flush_id, chunk_id]),
  );
  const late = chunks.toSorted(
    by(({ trace, chunk_id }) => [trace.ended_at, trace.flush_seq, trace.flush_id, chunk_id]),
  );
  const metadata: Record<string, string> = Object.assign(
    {},
    ...late.map(({ trace }) => trace.metadata),
  );
  return {
    workflow: early[0]?.trace.workflow_name,
    group_id: early.find(({ trace }) => trace.group_id !== null)?.trace.group_id ?? null,
    request_id: early.find(({ trace }) => trace.request_id !== null)?.trace.request_id ?? null,
    status: late.at(-1)?.trace.status,
    started_at: early[0]?.trace.started_at,
    ended_at: late.at(-1)?.trace.ended_at,
    metadata: JSON.stringify(
      Object.fromEntries(Object.entries(metadata).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    ),
    ...accountByRule(chunks),
  };
}

/** Of each request the most that it says, added up; of the weights the least. */
function accountByRule(chunks: readonly Chunk[]): Record<string, unknown> {
  const most = new Map<string, number>();
  for (const { trace } of chunks) {
    if (trace.captured === undefined) continue;
    const said = { '': trace.captured, ...trace.dropped };
    for (const [reason, spans] of Object.entries(said)) {
      if (reason !== '' && spans === 0) continue;
      const key = JSON.stringify([reason, trace.request_id]);
      most.set(key, Math.max(most.get(key) ?? 0, spans));
    }
  }
  const sums = new Map<string, number>();
  for (const [key, spans] of [...most].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const [reason] = JSON.parse(key) as [string];
    sums.set(reason, (sums.get(reason) ?? 0) + spans);
  }
  const captured = sums.get('') ?? null;
  sums.delete('');
  const weights = chunks.map(({ trace }) => Math.round((trace.sample_weight ?? 1) * 1024) / 1024);
  return {
    captured,
    dropped: captured === null ? null : JSON.stringify(Object.fromEntries(sums)),
    sample_weight: Math.min(...weights),
  };
}

/** Every order of some items. */
function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, index) =>
    permutations([...items.slice(0, index), ...items.slice(index + 1)]).map((rest) => [
      item,
      ...rest,
    ]),
  );
}

/** The same database, which notes how many rows each batch wrote. */
function countingWrites(database: D1Database, written: number[]): D1Database {
  return new Proxy(database, {
    get(target, property) {
      if (property !== 'batch') return Reflect.get(target, property).bind(target);
      return async (statements: D1PreparedStatement[]) => {
        const results = await target.batch(statements);
        written.push(results.reduce((sum, { meta }) => sum + (meta.rows_written ?? 0), 0));
        return results;
      };
    },
  });
}
