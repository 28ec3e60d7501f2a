import { env } from 'cloudflare:workers';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Chunk } from '../../src/model/envelope.ts';
import type { SqlRow } from '../../src/store/sql.ts';
import { writeChunks } from '../../src/store/write.ts';
import { emptied, makeChunk, makeSpan, migrated, NOON } from './make.ts';

const db = env.TRACES_DB;

beforeAll(migrated);
beforeEach(emptied);

interface Cost {
  /** The chunk, its trace, and what moves in the hours with it. */
  trace: number;
  /** By day, hour and model. */
  totals: number;
}

/** What a write costs, in written rows. */
async function costOf(...chunks: Chunk[]): Promise<Cost> {
  const written: number[] = [];
  const counting = {
    async run(statements: readonly { sql: string; params: readonly unknown[] }[]) {
      const results = await db.batch<SqlRow>(
        statements.map(({ sql, params }) => db.prepare(sql).bind(...params)),
      );
      written.push(...results.map(({ meta }) => meta.rows_written));
      return results.map(({ results: rows }) => rows);
    },
  };
  await writeChunks(counting, chunks);
  const trace = written.at(-1) ?? 0;
  return { trace, totals: written.reduce((sum, rows) => sum + rows, 0) - trace };
}

const usage = { input_tokens: 5, output_tokens: 5 };
const facts = { kind: 'generation', model: 'gpt-5', usage, counts_usage: true };

const begun = { request_id: 'r', status: 'incomplete', captured: 1 } as const;
const first = makeChunk({ ...begun, flush_id: 'a' }, [makeSpan('a', { facts })]);

/** Of the same trace, so much later. */
function later(ms: number, patch: Partial<Chunk['trace']> = {}): Chunk {
  const trace = {
    ...begun,
    id: first.trace.id,
    flush_id: 'b',
    flush_seq: 1,
    captured: 2,
    ended_at: NOON + ms,
  };
  return makeChunk({ ...trace, ...patch }, [makeSpan('b', { facts })]);
}

describe('what a write costs', () => {
  it('is a row each for a chunk, its trace and its indexes, and five for totals', async () => {
    const ok = makeChunk({ request_id: 'r', group_id: 'g' }, [makeSpan('a', { facts })]);
    expect(await costOf(ok)).toEqual({ trace: 4, totals: 5 });
  });

  it('was six rows for a further chunk, four of them for an hour in which nothing changed', async () => {
    await costOf(first);
    expect(await costOf(later(1_050))).toEqual({ trace: 2, totals: 3 });
  });

  it('is a row more for the hour and the day in which a trace takes longer', async () => {
    await costOf(first);
    expect(await costOf(later(9_000))).toEqual({ trace: 4, totals: 3 });
  });

  it('is a row more for the hour and the day, and one for the status, when it ends with another', async () => {
    await costOf(first);
    expect(await costOf(later(9_000, { status: 'ok' }))).toEqual({ trace: 5, totals: 3 });
  });

  it('is three rows of hours for a trace that began in an earlier hour of its day', async () => {
    const id = 'my own id';
    await costOf(makeChunk({ ...begun, id, status: 'ok', flush_id: 'a' }));
    const started_at = NOON - 3_600_000;
    const earlier = later(1_000, { id, status: 'ok', flush_id: 'c', started_at });
    // The chunk, its trace twice, the index of starts, the two hours, and the day that it took longer in.
    expect(await costOf(earlier)).toMatchObject({ trace: 7 });
  });

  it('is a row more for an id from elsewhere, for its group, and where it is not ok', async () => {
    const id = 'my own id';
    const foreign = makeChunk({ id, request_id: 'r', group_id: 'g' });
    expect(await costOf(foreign)).toMatchObject({ trace: 6 });
    const failed = { id: 'another', request_id: 'r', group_id: 'g', status: 'error' } as const;
    expect(await costOf(makeChunk(failed))).toMatchObject({ trace: 8 });
  });

  it('is nothing for a chunk that comes again', async () => {
    await costOf(first, later(9_000));
    expect(await costOf(first, later(9_000))).toEqual({ trace: 0, totals: 0 });
  });
});
