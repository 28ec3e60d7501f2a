import { env } from 'cloudflare:workers';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Chunk } from '../../src/model/envelope.ts';
import type { TraceRecord } from '../../src/model/records.ts';
import { accountOf } from '../../src/store/account.ts';
import { d1Store } from '../../src/store/d1.ts';
import { emptied, makeChunk, makeSpan, migrated, nativeId, NOON } from './make.ts';

const store = d1Store(env.TRACES_DB);
const id = nativeId(NOON);

beforeAll(migrated);
beforeEach(emptied);

describe('the account of a trace', () => {
  it('says which spans were captured and are neither dropped nor here', async () => {
    const account = { request_id: 'r1', captured: 6, dropped: { policy_failed: 1 } };
    await store.write([makeChunk(account, [makeSpan('a'), makeSpan('b')])]);
    const expected = { captured: 6, dropped: { policy_failed: 1 }, missing: 3, sampleWeight: 1 };
    expect(await store.getTrace(id)).toMatchObject(expected);
    expect((await store.listTraces()).traces).toMatchObject([expected]);
  });

  it('lets nothing be missing any longer when the chunk that was on its way arrives', async () => {
    const account = { captured: 2, request_id: 'r1' };
    await store.write([makeChunk(account, [makeSpan('b')], 1)]);
    expect(await store.getTrace(id)).toMatchObject({ missing: 1 });
    await store.write([makeChunk(account, [makeSpan('a')], 0)]);
    expect(await store.getTrace(id)).toMatchObject({ missing: 0, captured: 2 });
  });

  it('takes a later flush of one request for the whole, and adds what another request says', async () => {
    const step = (
      request_id: string,
      flush_seq: number,
      captured: number,
    ): Partial<TraceRecord> => ({
      request_id,
      flush_seq,
      captured,
      flush_id: `${request_id}${flush_seq}`,
    });
    await store.write([
      makeChunk(step('r1', 1, 5)),
      makeChunk(step('r1', 0, 3)),
      makeChunk(step('r2', 0, 4)),
    ]);
    expect(await store.getTrace(id)).toMatchObject({ captured: 9, missing: 9 });
  });

  it('missed nothing where two services share a trace id and a request id, and one of them lost all', async () => {
    const said = (scope_id: string, captured: number): Partial<TraceRecord> => ({
      request_id: 'forwarded',
      scope_id,
      captured,
      flush_id: scope_id,
    });
    await store.write([
      makeChunk(said('first', 2), [makeSpan('a'), makeSpan('b')]),
      makeChunk(said('second', 2)),
    ]);
    expect(await store.getTrace(id)).toMatchObject({ captured: 4, missing: 2 });
    expect((await store.totals())[0]).toMatchObject({ captured: 4, missing: 2 });
  });

  it('makes up no loss where an older consumer has stored some of what one scope said, in any order', async () => {
    const step = (flush_seq: number, captured: number, scope_id?: string): Chunk =>
      makeChunk(
        {
          request_id: 'r1',
          flush_seq,
          captured,
          flush_id: `f${flush_seq}`,
          ...(scope_id !== undefined && { scope_id }),
        },
        [makeSpan(`s${flush_seq}`)],
      );
    const steps = [step(0, 1), step(1, 2, 'one'), step(2, 3, 'one')];
    for (const order of [steps, steps.toReversed(), [steps[1]!, steps[0]!, steps[2]!]]) {
      await emptied();
      for (const chunk of order) await store.write([chunk]);
      expect(await store.getTrace(id)).toMatchObject({ captured: 3, missing: 0 });
      expect((await store.totals())[0]).toMatchObject({ captured: 3, missing: 0 });
    }
  });

  it('is unknown, and nothing is missing, where the producer does not say', async () => {
    await store.write([makeChunk({}, [makeSpan('a')])]);
    expect(await store.getTrace(id)).toMatchObject({ captured: null, dropped: {}, missing: 0 });
  });

  it('takes the trace for one that was always kept when any of its requests was', async () => {
    await store.write([makeChunk({ sample_weight: 10 })]);
    expect(await store.getTrace(id)).toMatchObject({ sampleWeight: 10 });
    await store.write([makeChunk({ sample_weight: 1, flush_id: 'failed', status: 'error' })]);
    expect(await store.getTrace(id)).toMatchObject({ sampleWeight: 1 });
  });

  it('becomes unknown where more requests share a trace id than a row could tell apart, in any order', async () => {
    const chunks = Array.from({ length: 1_500 }, (_, n) =>
      makeChunk({ request_id: `request-${n}`.padEnd(60, 'x'), flush_id: `f${n}`, captured: 9 }, [
        makeSpan(String(n)),
      ]),
    );
    await store.write(chunks);
    await store.write([...chunks.slice(0, 10), makeChunk({ flush_id: 'last', captured: 9 })]);
    expect(await store.getTrace(id)).toMatchObject({
      captured: null,
      missing: 0,
      spanCount: 1_500,
    });
  });

  it('changes nothing else where request ids are those of an attacker', async () => {
    const ids = ['"]', "'); DROP TABLE traces; --", '$.a', '', '\u0000', '\ud800', '[["r","",9]]'];
    await store.write(
      ids.map((request_id, n) => makeChunk({ request_id, captured: 1, flush_id: `f${n}` })),
    );
    // A NUL and half a surrogate pair are stored as the same replacement.
    expect(await store.getTrace(id)).toMatchObject({ captured: 6 });
  });
});

describe('what a store takes of a chunk', () => {
  const account = (patch: Partial<TraceRecord>, lost?: number): ReturnType<typeof accountOf> =>
    accountOf({ ...makeChunk(patch), ...(lost === undefined ? {} : { lost }) });

  it('is nothing where the chunk says nothing', () => {
    expect(account({})).toEqual({ captured: null, dropped: null, sample_weight: null, lost: null });
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 1.5, 1e300])(
    'is whole numbers of a size that adds up, whatever it says: %o',
    (n) => {
      const { captured, dropped, lost } = account({ captured: n, dropped: { a: n } }, n);
      for (const value of [captured, dropped?.['a'] ?? 0, lost]) {
        expect(Number.isSafeInteger(value)).toBe(true);
        expect(value).toBeGreaterThanOrEqual(0);
      }
    },
  );

  it.each([
    [1 / 0.3, 3413 / 1024],
    [1, 1],
    [0.5, 1],
    [Number.NaN, 1],
    [Number.POSITIVE_INFINITY, 1_000_000],
  ])('makes of the weight %d one that sums exactly: %d', (given, taken) => {
    expect(account({ sample_weight: given }).sample_weight).toBe(taken);
  });

  it('is a few reasons, under names that can be rows, and the rest together', () => {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`r${n}`, 1]));
    const { dropped } = account({ dropped: { 'Private text': 2, buffer_full: 3, ...many } });
    expect(Object.keys(dropped ?? {}).length).toBeLessThanOrEqual(17);
    expect(dropped).toMatchObject({ buffer_full: 3 });
    expect(Object.values(dropped ?? {}).reduce((sum, n) => sum + n, 0)).toBe(45);
    expect(JSON.stringify(dropped)).not.toContain('Private');
  });
});
