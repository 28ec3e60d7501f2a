import { env } from 'cloudflare:workers';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TraceBatch } from '../../src/model/records.ts';
import { d1Exporter, d1Store } from '../../src/store/d1.ts';
import { makeSpan, makeTrace, migrated, nativeId, NOON } from './make.ts';

const db = env.TRACES_DB;
const never = new AbortController().signal;

beforeAll(migrated);
beforeEach(async () => {
  await db.batch([db.prepare('DELETE FROM chunks'), db.prepare('DELETE FROM traces')]);
});

/** A database whose batches from the `from`th on do as told. */
function failing(from: number, answer: () => Promise<never>): D1Database {
  let batches = 0;
  return {
    prepare: (sql: string) => db.prepare(sql),
    batch: (statements: D1PreparedStatement[]) =>
      batches++ >= from ? answer() : db.batch(statements),
  } as unknown as D1Database;
}

function batchOf(...sizes: number[]): TraceBatch {
  const spans = sizes.map((size, n) =>
    makeSpan(String(n), { span_data: { type: 'custom', data: 'x'.repeat(size) } }),
  );
  return { id: 'flush', traces: [makeTrace()], spans };
}

describe('the D1 exporter', () => {
  it('stores what it exports', async () => {
    const exporter = d1Exporter(db);
    await exporter.export(batchOf(10, 10), { signal: never });
    const trace = await d1Store(db).getTrace(nativeId(NOON));
    expect(exporter.name).toBe('d1');
    expect(trace?.spans).toEqual(batchOf(10, 10).spans);
  });

  it('stores a batch once, however often it is exported', async () => {
    const exporter = d1Exporter(db);
    for (let n = 0; n < 3; n += 1) await exporter.export(batchOf(10), { signal: never });
    expect(await d1Store(db).getTrace(nativeId(NOON))).toMatchObject({ spanCount: 1 });
  });

  it('cuts a span that no row could hold, and stores it with its neighbours', async () => {
    await d1Exporter(db).export(batchOf(10, 3_000_000), { signal: never });
    const trace = await d1Store(db).getTrace(nativeId(NOON));
    expect(trace?.spans.map(({ facts }) => facts.cut)).toEqual([
      undefined,
      { 'span_data.data': 3_000_002 },
    ]);
  });

  it('rejects when the database does not take the batch', async () => {
    const broken = failing(0, () => Promise.reject(new Error('D1_ERROR: overloaded')));
    const done = d1Exporter(broken).export(batchOf(1), { signal: never });
    await expect(done).rejects.toMatchObject({
      code: 'store_failed',
      message: expect.stringContaining('overloaded'),
    });
  });

  it('says how many spans were stored when a later slice fails', async () => {
    const broken = failing(1, () => Promise.reject(new Error('gone')));
    const done = d1Exporter(broken).export(batchOf(900_000, 900_000, 900_000), { signal: never });
    await expect(done).rejects.toMatchObject({ name: 'PartialExportError', exportedSpans: 2 });
  });

  it('rejects at the deadline when the database hangs', async () => {
    const hanging = failing(0, () => new Promise(() => undefined));
    const done = d1Exporter(hanging).export(batchOf(1), { signal: AbortSignal.timeout(10) });
    await expect(done).rejects.toMatchObject({ code: 'export_timeout' });
  });

  it('begins nothing when the deadline has passed', async () => {
    const done = d1Exporter(db).export(batchOf(1), { signal: AbortSignal.abort() });
    await expect(done).rejects.toMatchObject({ code: 'export_timeout' });
    expect(await d1Store(db).listTraces()).toEqual({ traces: [] });
  });
});

describe('a missing database', () => {
  it.each([d1Store, d1Exporter])('is an error that says what to add to wrangler.toml', (make) => {
    for (const wrong of [undefined, null, {}, 'TRACES_DB', env.CF_VERSION_METADATA]) {
      expect(() => make(wrong as D1Database)).toThrow(
        expect.objectContaining({
          code: 'missing_binding',
          message: expect.stringContaining('[[d1_databases]]'),
        }),
      );
    }
  });
});
