import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TraceQuery } from '../../src/model/store.ts';
import { d1Store } from '../../src/store/d1.ts';
import { LOOKED_AT, planList } from '../../src/store/query.ts';
import { makeChunk, makeSpan, migrated, nativeId, NOON } from './make.ts';

const db = env.TRACES_DB;
const store = d1Store(db);

/** Of each kind of id more than twice what a page looks at. */
const TRACES = 2 * LOOKED_AT + 500;
const MAX_ROWS_READ = 5_000;

const foreignId = (n: number): string => `trace_${'f'.repeat(24)}${String(n).padStart(8, '0')}`;

// The oldest of each has what nothing else has.
beforeAll(async () => {
  await migrated();
  const chunks = Array.from({ length: TRACES }, (_, n) => {
    const at = NOON + n * 100;
    const rare = n === 0;
    const about = {
      started_at: at,
      ended_at: at + (rare ? 60_000 : 10),
      workflow_name: rare ? 'rare' : 'common',
      metadata: { release: rare ? 'rare' : 'common', model_alias: rare ? 'rare' : 'common' },
      group_id: rare ? 'rare' : 'everyone',
      request_id: `r${n}`,
      status: rare ? 'error' : 'ok',
    } as const;
    const span = makeSpan('s', {
      facts: rare
        ? { kind: 'function', name: 'rare', error_kind: 'tool_error' }
        : { kind: 'function', name: 'common' },
    });
    return [
      makeChunk({ ...about, id: nativeId(at), flush_id: `n${n}` }, [span]),
      makeChunk({ ...about, id: foreignId(n), flush_id: `f${n}` }, [span]),
    ];
  });
  await store.write(chunks.flat());
}, 60_000);

async function rowsRead(query: TraceQuery): Promise<number> {
  const { native, foreign } = planList(query);
  const results = await db.batch(
    [native, foreign].map(({ sql, params }) => db.prepare(sql).bind(...params)),
  );
  return results.reduce((sum, { meta }) => sum + meta.rows_read, 0);
}

const RARE: TraceQuery[] = [
  { workflow: 'rare' },
  { metadata: { release: 'rare' } },
  { model: 'rare' },
  { tool: 'rare' },
  { errorKind: 'tool_error' },
  { minDurationMs: 30_000 },
  { workflow: 'rare', groupId: 'everyone' },
  { tool: 'rare', groupId: 'everyone', status: 'ok', to: NOON + TRACES * 100 },
];

describe('a filter that has no index', () => {
  it.each(RARE)('%o reads a bounded number of rows, whatever is there', async (query) => {
    expect(await rowsRead(query)).toBeLessThanOrEqual(MAX_ROWS_READ);
  });

  it('says how far back it looked, and finds what is older when it looks further', async () => {
    const first = await store.listTraces({ tool: 'rare' });
    expect(first.traces).toEqual([]);
    expect(first.searchedBackTo).toBe(NOON + (TRACES - LOOKED_AT) * 100);
    const found: string[] = [];
    let pages = 0;
    for (let { next } = first; next !== undefined; pages += 1) {
      const page = await store.listTraces({ tool: 'rare', cursor: next });
      found.push(...page.traces.map(({ traceId }) => traceId));
      next = page.next;
    }
    expect(found).toEqual([foreignId(0), nativeId(NOON)]);
    expect(pages).toBe(2);
  });

  it('says nothing of how far it looked where a page is full or all was looked at', async () => {
    expect(await store.listTraces({ tool: 'common', limit: 5 })).not.toHaveProperty(
      'searchedBackTo',
    );
    expect(await store.listTraces({ tool: 'rare', to: NOON + 50 })).not.toHaveProperty(
      'searchedBackTo',
    );
  });

  it('shows each trace once over its pages, natives and foreign ones in one order', async () => {
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.listTraces({ tool: 'common', limit: 200, cursor });
      ids.push(...page.traces.map(({ traceId }) => traceId));
      cursor = page.next;
    } while (cursor !== undefined && ids.length < 3 * LOOKED_AT);
    expect(new Set(ids).size).toBe(ids.length);
    const expected = Array.from({ length: ids.length / 2 }, (_, n) => TRACES - 1 - n).flatMap(
      (n) => [foreignId(n), nativeId(NOON + n * 100)],
    );
    expect(ids).toEqual(expected);
  });
});

describe('a filter that has an index', () => {
  it.each<[TraceQuery, number]>([
    [{ groupId: 'rare' }, 10],
    [{ requestId: 'r0' }, 10],
    [{ status: 'error' }, 10],
    [{ groupId: 'everyone', limit: 50 }, 210],
    [{ limit: 50 }, 210],
    [{ limit: 50, cursor: `${NOON + 200_000}.${nativeId(NOON + 200_000)}` }, 210],
  ])('%o reads about what it shows', async (query, rows) => {
    expect(await rowsRead(query)).toBeLessThanOrEqual(rows);
  });

  it.each<[TraceQuery, string, string]>([
    [{ groupId: 'g' }, 'traces_by_group', 'traces_foreign_by_group'],
    [{ status: 'error' }, 'traces_not_ok', 'traces_foreign_not_ok'],
    [{ requestId: 'r' }, 'traces_by_request', 'traces_by_request'],
    [{ tool: 't' }, 'PRIMARY KEY', 'traces_foreign'],
    [{ tool: 't', groupId: 'g' }, 'traces_by_group', 'traces_foreign_by_group'],
    [{ groupId: 'g', status: 'error' }, 'traces_by_group', 'traces_foreign_by_group'],
  ])('%o goes by %s, and for ids from elsewhere by %s', async (query, native, foreign) => {
    const plan = planList(query);
    for (const [{ sql, params }, index] of [
      [plan.native, native],
      [plan.foreign, foreign],
    ] as const) {
      const { results } = await db
        .prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .bind(...params)
        .all<{ detail: string }>();
      const first = results.find(({ detail }) => /(SEARCH|SCAN) traces/.test(detail))?.detail;
      expect(first).toMatch(new RegExp(`USING (INDEX )?${index}\\b`));
    }
  });
});
