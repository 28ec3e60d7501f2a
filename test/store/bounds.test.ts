import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TraceQuery } from '../../src/model/store.ts';
import { d1Store } from '../../src/store/d1.ts';
import { LOOKED_AT, planList } from '../../src/store/query.ts';
import { oldTraces } from '../../src/store/prune.ts';
import type { SqlStatement } from '../../src/store/sql.ts';
import { makeChunk, migrated, nativeId, NOON } from './make.ts';

const db = env.TRACES_DB;
const store = d1Store(db);

/** As many ids that sort before `trace_` as make a scan of them plain. */
const ELSEWHERE = 3_000;

beforeAll(async () => {
  await migrated();
  await store.write(
    Array.from({ length: ELSEWHERE }, (_, n) =>
      makeChunk({ id: `conv-${n}`, started_at: NOON + n, flush_id: `f${n}` }),
    ),
  );
  await store.write([makeChunk({ id: nativeId(NOON), started_at: NOON })]);
}, 60_000);

async function rowsRead({ sql, params }: SqlStatement): Promise<number> {
  return (
    await db
      .prepare(sql)
      .bind(...params)
      .run()
  ).meta.rows_read;
}

describe('ids from elsewhere that sort before all keys', () => {
  it.each<TraceQuery>([{}, { limit: 200 }, { to: NOON + 1_000_000 }, { tool: 'none' }])(
    'were all read by the list of keys for %o',
    async (query) => {
      const { native, foreign } = planList(query);
      expect(await rowsRead(native)).toBeLessThanOrEqual(4);
      expect(await rowsRead(foreign)).toBeLessThanOrEqual(2 * LOOKED_AT + 2);
    },
  );

  it('were all read by each slice of a retention that they are too young for', async () => {
    const read = await Promise.all(oldTraces(NOON).map(rowsRead));
    expect(Math.max(...read)).toBeLessThanOrEqual(2);
  });

  it('are pruned all the same', async () => {
    expect(await store.prune(NOON + 10)).toBe(11);
    expect(await db.prepare('SELECT count(*) AS n FROM traces').first('n')).toBe(ELSEWHERE - 10);
  });
});
