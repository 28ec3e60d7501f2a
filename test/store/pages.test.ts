import { env } from 'cloudflare:workers';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TraceQuery } from '../../src/model/store.ts';
import { d1Store } from '../../src/store/d1.ts';
import { MAX_KEY_MS, timeOf } from '../../src/store/key.ts';
import { LOOKED_AT } from '../../src/store/query.ts';
import fc from '../support/property.ts';
import { emptied, makeChunk, migrated, nativeId, NOON } from './make.ts';

const store = d1Store(env.TRACES_DB);

beforeAll(migrated);
beforeEach(emptied);

interface Begun {
  id: string;
  started_at: number;
}

/** All pages one after the other; more of them than there are traces is a walk without an end. */
async function walk(query: TraceQuery, most: number): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages <= most; pages += 1) {
    const page = await store.listTraces({ ...query, cursor });
    ids.push(...page.traces.map(({ traceId }) => traceId));
    cursor = page.next;
    if (cursor === undefined) return ids;
  }
  throw new Error(`after ${most} pages there is still a next one`);
}

function write(traces: readonly Begun[]): Promise<void> {
  return store.write(traces.map((trace, n) => makeChunk({ ...trace, flush_id: `f${n}` })));
}

const hexOf = (ms: number): string => ms.toString(16).padStart(12, '0');

describe('pages of traces', () => {
  it('ended at an id that stands among those with a time and has none in it', async () => {
    const good = Array.from({ length: 10 }, (_, n) => ({
      id: nativeId(NOON + n * 1_000),
      started_at: NOON + n * 1_000,
    }));
    const odd = { id: `trace_${hexOf(NOON + 4_500).slice(0, 10)}zz00`, started_at: NOON + 4_500 };
    await write([...good, odd]);
    const ids = await walk({ limit: 1 }, 20);
    expect(ids.toSorted()).toEqual([...good, odd].map(({ id }) => id).toSorted());
  });

  it('ended there too when it was the last that a page had looked at', async () => {
    // Such an id comes before the sixteen milliseconds that its eleven digits are those of.
    const below = NOON - (NOON % 16) + 15;
    const odd = { id: `trace_${hexOf(below).slice(0, 11)}zz`, started_at: below };
    const starts = [-19, ...Array.from({ length: LOOKED_AT - 1 }, (_, n) => n + 1)];
    const all = [...starts.map((n) => ({ id: nativeId(below + n), started_at: below + n })), odd];
    await store.write(
      all.map((trace, n) =>
        makeChunk({ ...trace, flush_id: `f${n}`, workflow_name: n === 0 ? 'rare' : 'common' }),
      ),
    );
    expect(await store.listTraces({ workflow: 'rare' })).toMatchObject({
      traces: [],
      searchedBackTo: below,
    });
    expect(await walk({ workflow: 'rare' }, 5)).toEqual([nativeId(below - 19)]);
  });

  it.each<[string, Begun]>([
    ['starts with a point', { id: '.a', started_at: NOON }],
    ['is longer than a cursor', { id: 'x'.repeat(5_000), started_at: NOON }],
    ['has characters of two units', { id: '\u{1f680}'.repeat(1_000), started_at: NOON }],
    ['is of a trace that starts in a time of 16 digits', { id: 'a', started_at: 9e15 }],
  ])('gave a cursor that was refused for an id that %s', async (_, odd) => {
    await write([odd, { id: nativeId(NOON - 5), started_at: NOON - 5 }]);
    expect(await walk({ limit: 1 }, 5)).toEqual([odd.id, nativeId(NOON - 5)]);
  });

  it('never had a trace of the last minute of keys whose id is of the next', async () => {
    const last = { id: nativeId(MAX_KEY_MS + 30_000), started_at: MAX_KEY_MS - 1 };
    await write([last, { id: nativeId(NOON), started_at: NOON }]);
    expect(await walk({ limit: 1 }, 5)).toEqual([last.id, nativeId(NOON)]);
  });

  it('show each trace once, whatever its id is', async () => {
    const started_at = fc.oneof(
      { weight: 3, arbitrary: fc.integer({ min: NOON, max: NOON + 40 }) },
      fc.constantFrom(0, 1, 59_999, 60_001, MAX_KEY_MS - 1, MAX_KEY_MS, 9e15),
    );
    // Keys with some of their digits replaced, cut off, or followed by anything.
    const key = fc
      .tuple(
        started_at,
        fc.integer({ min: -60_000, max: 60_000 }),
        fc.integer({ min: 0, max: 12 }),
        fc.string({
          unit: fc.constantFrom(
            '0',
            '9',
            'a',
            'f',
            'g',
            'z',
            'A',
            '/',
            'é',
            '\uffff',
            '\u{10ffff}',
          ),
          maxLength: 5,
        }),
      )
      .map(([at, off, kept, tail]) => ({
        id: `trace_${hexOf(Math.max(0, at + off)).slice(0, kept)}${tail}`,
        started_at: at,
      }));
    const any = fc.record({
      id: fc.string({ unit: 'binary', maxLength: 8 }).map((text) => text.replaceAll('\0', '0')),
      started_at,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.oneof(key, any), { maxLength: 14, selector: ({ id }) => id }),
        fc.integer({ min: 1, max: 3 }),
        async (traces, limit) => {
          await emptied();
          await write(traces);
          const ids = await walk({ limit }, 20);
          expect(ids.toSorted()).toEqual(traces.map(({ id }) => id).toSorted());
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('the time of a key', () => {
  it('is in the order of the keys, whatever stands in the place of its digits', () => {
    const tail = fc.string({ unit: 'binary-ascii', maxLength: 13 });
    fc.assert(
      fc.property(fc.array(tail, { minLength: 2, maxLength: 8 }), (tails) => {
        const keys = tails.map((text) => `trace_${text}`).toSorted();
        const times = keys.map(timeOf);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
      }),
    );
  });
});
