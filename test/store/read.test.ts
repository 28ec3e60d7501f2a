import { env } from 'cloudflare:workers';
import fc from '../support/property.ts';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Chunk } from '../../src/model/envelope.ts';
import type { TraceStatus } from '../../src/model/records.ts';
import type { TraceQuery } from '../../src/model/store.ts';
import { d1Store } from '../../src/store/d1.ts';
import { planList } from '../../src/store/query.ts';
import { makeChunk, makeSpan, migrated, nativeId, NOON } from './make.ts';

const db = env.TRACES_DB;
const store = d1Store(db);

beforeAll(migrated);
beforeEach(clear);

async function clear(): Promise<void> {
  await db.batch([db.prepare('DELETE FROM chunks'), db.prepare('DELETE FROM traces')]);
}

async function idsOf(query: TraceQuery): Promise<string[]> {
  return (await store.listTraces(query)).traces.map(({ traceId }) => traceId);
}

/** All pages one after the other. */
async function walk(query: TraceQuery): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.listTraces({ ...query, cursor });
    ids.push(...page.traces.map(({ traceId }) => traceId));
    cursor = page.next;
  } while (cursor !== undefined);
  return ids;
}

/** An id that says nothing of its trace's time. */
const foreignId = (hex: string): string => `trace_${hex.repeat(32).slice(0, 32)}`;

function at(ms: number, id: string = nativeId(ms)): Chunk {
  return makeChunk({ id, started_at: ms });
}

describe('a trace that has not ended', () => {
  it.each<TraceStatus>(['incomplete', 'truncated'])(
    'is %s and is never listed as ok',
    async (status) => {
      await store.write([makeChunk({ status }, [makeSpan('a')])]);
      expect(await idsOf({ status: 'ok' })).toEqual([]);
      expect(await idsOf({ status })).toEqual([nativeId(NOON)]);
      expect(await store.getTrace(nativeId(NOON))).toMatchObject({ status });
    },
  );

  it('stays incomplete when its last word never comes, however many of its steps do', async () => {
    const steps = [0, 1, 2].map((flush_seq) =>
      makeChunk({ flush_seq, flush_id: `f${flush_seq}`, status: 'incomplete', captured: 3 }, [
        makeSpan(`s${flush_seq}`),
      ]),
    );
    await store.write(steps);
    expect(await store.getTrace(nativeId(NOON))).toMatchObject({
      status: 'incomplete',
      missing: 0,
    });
  });
});

describe('listing traces', () => {
  it('lists nothing where there is nothing', async () => {
    expect(await store.listTraces()).toEqual({ traces: [] });
  });

  it('lists newest first, whatever order they were written in', async () => {
    await store.write([at(NOON + 2), at(NOON), at(NOON + 1)]);
    expect(await idsOf({})).toEqual([2, 1, 0].map((ms) => nativeId(NOON + ms)));
  });

  it('puts traces with ids from elsewhere where their start belongs', async () => {
    await store.write([
      at(NOON, nativeId(NOON)),
      at(NOON + 10, foreignId('f')),
      at(NOON + 20, nativeId(NOON + 20)),
      at(NOON + 30, foreignId('0')),
      at(NOON + 15, 'my own id'),
    ]);
    const expected = [
      foreignId('0'),
      nativeId(NOON + 20),
      'my own id',
      foreignId('f'),
      nativeId(NOON),
    ];
    expect(await idsOf({})).toEqual(expected);
    expect(await walk({ limit: 1 })).toEqual(expected);
  });

  it('takes an id for foreign when the time in it is not the start of its trace', async () => {
    await store.write([at(NOON, nativeId(NOON - 86_400_000)), at(NOON - 1_000)]);
    expect(await idsOf({})).toEqual([nativeId(NOON - 86_400_000), nativeId(NOON - 1_000)]);
  });

  it.each([-60_001, -60_000, -1, 1, 60_000, 60_001])(
    'finds a trace by its start when its id is %d ms off',
    async (off) => {
      const id = nativeId(NOON + off);
      await store.write([at(NOON, id)]);
      expect(await idsOf({ from: NOON, to: NOON + 1 })).toEqual([id]);
      expect(await idsOf({ from: NOON + 1 })).toEqual([]);
      expect(await idsOf({ to: NOON })).toEqual([]);
      const isForeign = await db.prepare('SELECT foreign_id FROM traces').first('foreign_id');
      expect(isForeign).toBe(Math.abs(off) > 60_000 ? 1 : 0);
      expect(await store.prune(NOON + 1)).toBe(1);
    },
  );

  it('moves a resumed trace to its first start when the earlier chunk arrives later', async () => {
    const id = nativeId(NOON);
    await store.write([
      makeChunk({ id, started_at: NOON + 3_600_000, flush_id: 'resumed' }),
      at(NOON + 1),
    ]);
    expect(await idsOf({})).toEqual([id, nativeId(NOON + 1)]);
    await store.write([makeChunk({ id, started_at: NOON, flush_id: 'first' })]);
    expect(await idsOf({})).toEqual([nativeId(NOON + 1), id]);
  });

  it('lists a trace that claims to start beyond the years that keys are walked for', async () => {
    const ms = Date.UTC(2150, 0, 1);
    await store.write([at(NOON), at(ms), at(0)]);
    expect(await walk({ limit: 1 })).toEqual([nativeId(ms), nativeId(NOON), nativeId(0)]);
  });

  it('shows every trace once, in order, for any mix of ids and any page size', async () => {
    // Few times and suffixes, so that starts and keys collide.
    const trace = fc.record({
      ms: fc.integer({ min: 0, max: 4 }),
      id: fc.constantFrom('native', '0', '0193', '7', 'f'),
      n: fc.integer({ min: 0, max: 9 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(trace, { maxLength: 25 }),
        fc.integer({ min: 1, max: 7 }),
        async (traces, limit) => {
          await clear();
          const chunks = traces.map(({ ms, id, n }) =>
            at(
              NOON + ms,
              id === 'native'
                ? nativeId(NOON + ms, String(n))
                : `trace_${id}${ms}${n}`.padEnd(38, 'a'),
            ),
          );
          await store.write(chunks);
          const expected = chunks
            .map(({ trace: { id, started_at } }) => ({ id, started_at }))
            .filter(({ id }, index, all) => all.findIndex((other) => other.id === id) === index)
            .toSorted((a, b) => b.started_at - a.started_at || (a.id < b.id ? 1 : -1))
            .map(({ id }) => id);
          expect(await walk({ limit })).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('filters by group, request, workflow, status and start', async () => {
    await store.write([
      makeChunk({
        id: nativeId(NOON),
        started_at: NOON,
        group_id: 'g1',
        request_id: 'r1',
        status: 'error',
      }),
      makeChunk({
        id: foreignId('e'),
        started_at: NOON + 1,
        group_id: 'g1',
        workflow_name: 'billing',
      }),
      makeChunk({
        id: nativeId(NOON + 2),
        started_at: NOON + 2,
        group_id: 'g2',
        status: 'blocked',
      }),
    ]);
    expect(await idsOf({ groupId: 'g1' })).toEqual([foreignId('e'), nativeId(NOON)]);
    expect(await idsOf({ requestId: 'r1' })).toEqual([nativeId(NOON)]);
    expect(await idsOf({ workflow: 'billing' })).toEqual([foreignId('e')]);
    expect(await idsOf({ status: 'ok' })).toEqual([foreignId('e')]);
    expect(await idsOf({ status: 'error' })).toEqual([nativeId(NOON)]);
    expect(await idsOf({ from: NOON + 1 })).toEqual([nativeId(NOON + 2), foreignId('e')]);
    expect(await idsOf({ to: NOON + 1 })).toEqual([nativeId(NOON)]);
    expect(await idsOf({ from: NOON, to: NOON + 2, groupId: 'g1', status: 'error' })).toEqual([
      nativeId(NOON),
    ]);
    expect(await idsOf({ groupId: "g1' OR 1=1 --" })).toEqual([]);
  });

  it('pages within a filter', async () => {
    await store.write(
      [0, 1, 2, 3, 4].map((n) =>
        makeChunk({ id: nativeId(NOON + n), started_at: NOON + n, group_id: `g${n % 2}` }),
      ),
    );
    expect(await walk({ groupId: 'g0', limit: 1 })).toEqual(
      [4, 2, 0].map((n) => nativeId(NOON + n)),
    );
  });

  it('gives no `next` on a page that ends the list exactly', async () => {
    await store.write([at(NOON), at(NOON + 1)]);
    expect(await store.listTraces({ limit: 2 })).not.toHaveProperty('next');
    expect(await store.listTraces({ limit: 1 })).toHaveProperty('next');
  });

  it.each([
    { limit: 0 },
    { limit: 201 },
    { limit: 1.5 },
    { limit: Number.NaN },
    { cursor: '' },
    { cursor: 'x' },
    { cursor: '1' },
    { cursor: '-1.trace_a' },
    { cursor: '1.%E0%A4%A' },
    { cursor: '99999999999999999999.trace_a' },
    { cursor: "1.a' OR 1=1".repeat(500) },
    { from: Number.NaN },
    { to: Number.POSITIVE_INFINITY },
    { status: 'gone' as TraceStatus },
    { groupId: 7 as unknown as string },
    { cursor: {} as string },
  ])('refuses %o with a coded error', async (query) => {
    await expect(store.listTraces(query)).rejects.toMatchObject({ code: 'invalid_option' });
  });

  it.each([
    '0.',
    '1.a',
    '999999999999999.\u{10ffff}',
    `${NOON}.trace_`,
    "5.'; DROP TABLE traces; --",
  ])('answers the made-up cursor %o without a fault', async (cursor) => {
    await store.write([at(NOON)]);
    const [time, ...id] = cursor.split('.');
    const page = await store.listTraces({ cursor: `${time}.${encodeURIComponent(id.join('.'))}` });
    expect(page.traces.length).toBeLessThanOrEqual(1);
    expect(await idsOf({})).toHaveLength(1);
  });

  it.each<TraceQuery>([
    {},
    { groupId: 'g' },
    { requestId: 'r' },
    { status: 'error' },
    { from: NOON, to: NOON + 1 },
    { cursor: `${NOON}.${nativeId(NOON)}` },
    { cursor: `${NOON}.${nativeId(NOON)}`, groupId: 'g' },
  ])('answers %o by an index and scans no table', async (query) => {
    const { native, foreign } = planList(query);
    for (const { sql, params } of [native, foreign]) {
      const plan = await db
        .prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .bind(...params)
        .all<{ detail: string }>();
      for (const { detail } of plan.results) expect(detail).not.toMatch(/^SCAN traces(?! USING)/);
    }
  });

  it('reads stored metadata that is not what it should be as none', async () => {
    await store.write([at(NOON), at(NOON + 1), at(NOON + 2)]);
    for (const [n, broken] of ['{"a":', '[1]', '{"a":1,"b":"kept"}'].entries()) {
      await db
        .prepare('UPDATE traces SET metadata = ?1 WHERE trace_id = ?2')
        .bind(broken, nativeId(NOON + n))
        .run();
    }
    const { traces } = await store.listTraces();
    expect(traces.map(({ metadata }) => metadata)).toEqual([{ b: 'kept' }, {}, {}]);
  });
});

describe('reading one trace', () => {
  const id = nativeId(NOON);
  const iso = (ms: number): string => new Date(NOON + ms).toISOString();
  const spanIds = async (): Promise<string[]> =>
    ((await store.getTrace(id))?.spans ?? []).map((span) => span.id);

  it.each<unknown>([undefined, null, 7, {}])(
    'refuses %o as an id, and says what one is',
    async (given) => {
      await expect(store.getTrace(given as string)).rejects.toMatchObject({
        code: 'invalid_option',
        message: expect.stringContaining('traceId must be a string'),
      });
    },
  );

  it('knows no trace that was not written', async () => {
    expect(await store.getTrace('trace_none')).toBeUndefined();
    expect(await store.getTrace("' OR 1=1 --")).toBeUndefined();
  });

  it('gives the spans of all chunks in order of start, parents before children', async () => {
    await store.write([
      makeChunk({}, [
        makeSpan('child', { parent_id: 'span_root', started_at: iso(0) }),
        makeSpan('second', { parent_id: 'span_root', started_at: iso(5) }),
        makeSpan('root', { started_at: iso(0) }),
      ]),
      makeChunk(
        {},
        [makeSpan('first', { started_at: iso(2) }), makeSpan('open', { started_at: null })],
        1,
      ),
    ]);
    expect(await spanIds()).toEqual(
      ['root', 'child', 'first', 'second', 'open'].map((name) => `span_${name}`),
    );
  });

  it('takes the record of the ended span where there is one made while it was open', async () => {
    const open = makeSpan('a', { ended_at: null, facts: { kind: 'function', truncated: true } });
    const ended = makeSpan('a', { span_data: { type: 'function', output: 'done' } });
    await store.write([
      makeChunk({}, [open, makeSpan('b')]),
      makeChunk({ flush_seq: 1 }, [ended, { ...open, id: 'span_b' }], 1),
    ]);
    const trace = await store.getTrace(id);
    expect(trace?.spans).toHaveLength(2);
    expect(trace?.spans.find((span) => span.id === 'span_a')).toEqual(ended);
    expect(trace?.spans.find((span) => span.id === 'span_b')).toEqual(makeSpan('b'));
  });

  it('reads a trace of more chunks than one query fetches, in order', async () => {
    const names = Array.from({ length: 45 }, (_, n) => String(n).padStart(2, '0'));
    await store.write(names.map((name, n) => makeChunk({}, [makeSpan(name)], n)));
    expect(await spanIds()).toEqual(names.map((name) => `span_${name}`));
  });

  it('leaves out what it cannot read and says how many pieces', async () => {
    const good = JSON.stringify(makeSpan('good'));
    await store.write([0, 1, 2, 3].map((n) => makeChunk({}, [makeSpan(`s${n}`)], n)));
    const broken = ['{"not an array":1}', '[{"id":', `[${good},7,null,{"id":"x"},[1]]`];
    for (const [n, spans] of broken.entries()) {
      await db
        .prepare('UPDATE chunks SET spans = ?1 WHERE chunk_id = ?2')
        .bind(spans, `flush-${n}`)
        .run();
    }
    const trace = await store.getTrace(id);
    expect(trace?.spans.map((span) => span.id)).toEqual(['span_good', 'span_s3']);
    expect(trace?.unreadable).toBe(6);
  });

  it('is not caught in parents that form a circle', async () => {
    await store.write([
      makeChunk({}, [
        makeSpan('a', { parent_id: 'span_b' }),
        makeSpan('b', { parent_id: 'span_a' }),
      ]),
    ]);
    expect(await spanIds()).toHaveLength(2);
  });
});
