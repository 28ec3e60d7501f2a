import { env } from 'cloudflare:workers';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { d1Store } from '../../src/store/d1.ts';
import { makeChunk, makeSpan, migrated, nativeId, NOON } from './make.ts';

const db = env.TRACES_DB;
const store = d1Store(db);

beforeAll(migrated);
beforeEach(async () => {
  await db.batch([db.prepare('DELETE FROM chunks'), db.prepare('DELETE FROM traces')]);
});

describe('pruning', () => {
  it('deletes traces that started before the time, with their chunks, and no others', async () => {
    await store.write([
      makeChunk({ id: nativeId(NOON - 1), started_at: NOON - 1 }, [makeSpan('a')]),
      makeChunk({ id: 'trace_ffffforeign', started_at: NOON - 1 }, [makeSpan('b')]),
      makeChunk({ id: nativeId(NOON), started_at: NOON }, [makeSpan('c')]),
      makeChunk({ id: 'trace_0000foreign', started_at: NOON }, [makeSpan('d')]),
    ]);
    expect(await store.prune(NOON)).toBe(2);
    const { traces } = await store.listTraces();
    expect(traces.map(({ traceId }) => traceId)).toEqual([nativeId(NOON), 'trace_0000foreign']);
    const { results } = await db.prepare('SELECT trace_id FROM chunks ORDER BY trace_id').all();
    expect(results.map((row) => row['trace_id'])).toEqual(['trace_0000foreign', nativeId(NOON)]);
    expect(await store.prune(NOON)).toBe(0);
  });

  it('deletes more than a slice of each kind of id in one call', async () => {
    const chunks = Array.from({ length: 450 }, (_, n) =>
      makeChunk({ id: n % 2 ? nativeId(NOON + n) : `trace_e${n}`, started_at: NOON + n }),
    );
    await store.write(chunks);
    expect(await store.prune(NOON + 449)).toBe(449);
    expect(await db.prepare('SELECT count(*) AS n FROM chunks').first('n')).toBe(1);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 'now' as unknown as number])(
    'refuses %o instead of deleting everything or nothing',
    async (before) => {
      await store.write([makeChunk()]);
      await expect(store.prune(before)).rejects.toMatchObject({ code: 'invalid_option' });
      expect(await store.getTrace(nativeId(NOON))).toBeDefined();
    },
  );
});
