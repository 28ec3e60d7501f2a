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

describe('the spans view', () => {
  it('has one row for each span, with times in milliseconds', async () => {
    const span = makeSpan('a', {
      parent_id: 'span_p',
      started_at: '2026-11-20T12:00:00.123Z',
      error: { message: 'no such order' },
      facts: { kind: 'turn', name: 'Turn 1', usage: { input_tokens: 5 } },
    });
    await store.write([makeChunk({}, [span])]);
    const row = await db.prepare('SELECT * FROM spans').first();
    expect(row).toEqual({
      trace_id: nativeId(NOON),
      span_id: 'span_a',
      parent_id: 'span_p',
      kind: 'turn',
      name: 'Turn 1',
      started_at: NOON + 123,
      ended_at: NOON + 500,
      error: 'no such order',
      data: '{"type":"function","name":"lookup_order"}',
      facts: '{"kind":"turn","name":"Turn 1","usage":{"input_tokens":5}}',
      truncated: 0,
      chunk_id: 'flush-0',
    });
  });

  it('gives exact milliseconds for any time of a day', async () => {
    const spans = Array.from({ length: 1_000 }, (_, n) =>
      makeSpan(String(n), { started_at: new Date(NOON + n * 86_399).toISOString() }),
    );
    await store.write([makeChunk({}, spans)]);
    const { results } = await db
      .prepare('SELECT span_id, started_at FROM spans')
      .all<{ span_id: string; started_at: number }>();
    for (const row of results)
      expect(row.started_at).toBe(NOON + Number(row.span_id.slice(5)) * 86_399);
  });

  it('has null for what a span does not know', async () => {
    await store.write([
      makeChunk({}, [makeSpan('a', { started_at: 'yesterday', ended_at: null })]),
    ]);
    const row = await db
      .prepare('SELECT started_at, ended_at, error, parent_id FROM spans')
      .first();
    expect(row).toEqual({ started_at: null, ended_at: null, error: null, parent_id: null });
  });

  it('passes over rows that are not what the store writes', async () => {
    await store.write([0, 1, 2].map((n) => makeChunk({}, [makeSpan(String(n))], n)));
    await db.prepare("UPDATE chunks SET spans = '[{' WHERE chunk_id = 'flush-0'").run();
    await db
      .prepare("UPDATE chunks SET spans = '[1,\"text\",null]' WHERE chunk_id = 'flush-1'")
      .run();
    const { results } = await db.prepare("SELECT span_id FROM spans WHERE kind = 'function'").all();
    expect(results).toEqual([{ span_id: 'span_2' }]);
  });
});
