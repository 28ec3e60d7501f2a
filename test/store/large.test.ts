import { env } from 'cloudflare:workers';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { d1Store } from '../../src/store/d1.ts';
import { MAX_TRACE_BYTES } from '../../src/store/read.ts';
import { emptied, makeChunk, makeSpan, migrated, nativeId, NOON } from './make.ts';

const db = env.TRACES_DB;
const id = nativeId(NOON);

/** The store, and how many characters of spans it has taken from the database. */
function counting() {
  const read = { characters: 0, most: 0 };
  const counted = {
    prepare: (sql: string) => db.prepare(sql),
    async batch(statements: D1PreparedStatement[]) {
      const results = await db.batch<{ spans?: string }>(statements);
      const sizes = results
        .flatMap((result) => result.results)
        .map(({ spans = '' }) => spans.length);
      const sum = sizes.reduce((total, size) => total + size, 0);
      read.characters += sum;
      read.most = Math.max(read.most, sum);
      return results;
    },
  };
  return { store: d1Store(counted as unknown as D1Database), read };
}

/** A trace of one request that flushed so many steps, each with two spans, one of them of so many bytes. */
async function written(steps: number, bytes: number): Promise<void> {
  const chunks = Array.from({ length: steps }, (_, n) => {
    const started_at = new Date(NOON + n * 1_000).toISOString();
    const spans = [makeSpan(`${n}a`, { started_at }), makeSpan(`${n}b`, { started_at })];
    // Flush ids are random: their order is not that in which they were made.
    const flush_id = `f${((n * 7) % steps).toString().padStart(3, '0')}`;
    return makeChunk({ flush_id, flush_seq: n, request_id: 'r' }, spans);
  });
  await d1Store(db).write(chunks);
  await db
    .prepare(
      `UPDATE chunks SET spans = json_set(spans, '$[0].span_data.output', hex(zeroblob(?1 / 2)))`,
    )
    .bind(bytes)
    .run();
}

beforeAll(migrated);
beforeEach(emptied);

describe('a trace that is larger than an isolate can show', () => {
  it('was read as a whole, and ended the isolate', async () => {
    await written(20, 1_850_000);
    const { store, read } = counting();
    const trace = await store.getTrace(id);
    expect(read.characters).toBeLessThanOrEqual(MAX_TRACE_BYTES);
    expect(read.most).toBeLessThanOrEqual(4_000_000);
    // Twelve steps fit: the last, which has how it ended, and the first eleven.
    const steps = [...Array.from({ length: 11 }, (_, n) => n), 19];
    expect(trace?.spans.map((span) => span.id)).toEqual(
      steps.flatMap((n) => [`span_${n}a`, `span_${n}b`]),
    );
    expect(trace).toMatchObject({ spanCount: 40, left: 16 });
    expect(trace).not.toHaveProperty('unreadable');
  });

  it('has all of its spans, and nothing left, up to the budget', async () => {
    await written(30, 750_000);
    const { store, read } = counting();
    const trace = await store.getTrace(id);
    expect(trace?.spans).toHaveLength(60);
    expect(trace).not.toHaveProperty('left');
    expect(read.characters).toBeGreaterThan(22_500_000);
  });

  it('is none for many small pieces, which come with the first question', async () => {
    await written(50, 10);
    const { store, read } = counting();
    const trace = await store.getTrace(id);
    expect(trace?.spans.map((span) => span.id).slice(0, 2)).toEqual(['span_0a', 'span_0b']);
    expect(trace?.spans).toHaveLength(100);
    expect(trace).not.toHaveProperty('left');
    expect(read.characters).toBe(read.most);
  });
});
