import { applyD1Migrations } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { d1Store } from '../../src/store/d1.ts';
import { makeChunk, makeSpan, nativeId, NOON } from './make.ts';

const db = env.TRACES_DB;
const store = d1Store(db);
const DAY = 86_400_000;

/** As the package wrote a chunk before there was a second migration. */
const INSERT_V1 = `INSERT INTO chunks (
  trace_id, chunk_id, flush_id, flush_seq, workflow, group_id, request_id, status, started_at, ended_at,
  span_count, error_count, input_tokens, output_tokens, metadata, refused, spans
) VALUES (?1, ?2, ?3, 0, 'support_triage', 'g1', ?4, ?5, ?6, ?6, ?7, 0, 10, 2, '{"release":"7"}', NULL, ?8)
ON CONFLICT DO NOTHING`;

interface Old {
  id: string;
  flush: string;
  at: number;
  status: string;
  spans: number;
}

async function writeV1({ id, flush, at, status, spans }: Old): Promise<void> {
  const records = Array.from({ length: spans }, (_, n) =>
    makeSpan(`${flush}${n}`, { trace_id: id }),
  );
  await db
    .prepare(INSERT_V1)
    .bind(id, `${flush}-0`, flush, `r-${flush}`, status, at, spans, JSON.stringify(records))
    .run();
}

const first = nativeId(NOON);
const second = nativeId(NOON + DAY);

// One database for all of them: what is asserted first is what the migration left.
beforeAll(async () => {
  const migrations = inject('migrations');
  await applyD1Migrations(db, migrations.slice(0, 1));
  await writeV1({ id: first, flush: 'a', at: NOON, status: 'incomplete', spans: 2 });
  await writeV1({ id: second, flush: 'b', at: NOON + DAY, status: 'ok', spans: 1 });
});

describe('a database that was filled before the second migration', () => {
  it('is a coded error for a newer package, which says what to run', async () => {
    const missing = {
      code: 'missing_schema',
      message: expect.stringContaining('wrangler d1 migrations apply'),
    };
    await expect(store.write([makeChunk()])).rejects.toMatchObject(missing);
    await expect(store.listTraces()).rejects.toMatchObject(missing);
    await expect(store.totals()).rejects.toMatchObject(missing);
    await expect(store.countDeadLetters()).rejects.toMatchObject(missing);
  });

  it('is read as it was, with an unknown account and nothing missing', async () => {
    await applyD1Migrations(db, inject('migrations'));
    expect(await store.getTrace(first)).toMatchObject({
      status: 'incomplete',
      groupId: 'g1',
      spanCount: 2,
      spans: [{ id: 'span_a0' }, { id: 'span_a1' }],
      metadata: { release: '7' },
      captured: null,
      dropped: {},
      missing: 0,
      sampleWeight: 1,
    });
  });

  it('has totals of what it held, and is not short of it', async () => {
    expect(await store.totals()).toMatchObject([
      { day: '2026-11-21', traces: 1, tracesEstimated: 1, spans: 1, missing: 0, lost: 0 },
      { day: '2026-11-20', traces: 1, spans: 2, inputTokens: 10, captured: 2, missing: 0 },
    ]);
  });

  it('has the hours of what it held, and goes on adding to them', async () => {
    const hours = (await store.hourly()).hours.map((hour) => [
      hour.hour,
      hour.traces,
      hour.statuses,
    ]);
    expect(hours).toEqual([
      [NOON + DAY, 1, { ok: 1 }],
      [NOON, 1, { incomplete: 1 }],
    ]);
  });

  it('goes on with a trace that an older and a newer producer wrote, as one', async () => {
    const trace = { id: first, request_id: 'r2', flush_id: 'c', started_at: NOON + 5, captured: 3 };
    await store.write([makeChunk(trace, [makeSpan('c', { trace_id: first })])]);
    const account = { captured: 3, missing: 2 };
    expect(await store.getTrace(first)).toMatchObject({ status: 'ok', spanCount: 3, ...account });
    expect(await store.totals({ to: NOON + 1 })).toMatchObject([
      { traces: 1, spans: 3, captured: 5, missing: 2 },
    ]);
  });

  it('changes nothing when an old chunk is delivered again by a newer package', async () => {
    const totals = await store.totals();
    const again = makeChunk({ id: second, flush_id: 'b', started_at: NOON + DAY }, [makeSpan('x')]);
    await store.write([again]);
    expect(await store.totals()).toEqual(totals);
    expect(await store.getTrace(second)).toMatchObject({ spanCount: 1 });
  });

  it('takes what a consumer of the older package still writes', async () => {
    const id = nativeId(NOON + 2 * DAY);
    await writeV1({ id, flush: 'd', at: NOON + 2 * DAY, status: 'ok', spans: 1 });
    expect(await store.getTrace(id)).toMatchObject({ spanCount: 1, captured: null, missing: 0 });
  });

  it('counts a trace of an older package once, when an earlier request of it comes', async () => {
    const earlier = { id: second, flush_id: 'e', started_at: NOON, request_id: 'r3', captured: 0 };
    await store.write([makeChunk(earlier)]);
    const traces = (await store.totals()).map(({ day, traces: n }) => [day, n]);
    expect(traces).toEqual([
      ['2026-11-21', 0],
      ['2026-11-20', 2],
    ]);
  });
});
