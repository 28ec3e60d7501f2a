import { env } from 'cloudflare:workers';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DeadLetter } from '../../src/model/store.ts';
import { d1Store } from '../../src/store/d1.ts';
import { emptied, makeChunk, migrated, nativeId, NOON } from './make.ts';

const db = env.TRACES_DB;
const store = d1Store(db);
const DAY = 86_400_000;

beforeAll(migrated);
beforeEach(emptied);

function letter(n: number, patch: Partial<DeadLetter> = {}): DeadLetter {
  return {
    queue: 'traces-dead',
    messageId: `m${n}`,
    reason: 'invalid_envelope: Not a Sluice envelope',
    attempts: 1,
    receivedAt: NOON + n,
    owedTo: 'store',
    body: `{"v":1,"n":${n}}`,
    cut: false,
    ...patch,
  };
}

async function idsOf(): Promise<string[]> {
  return (await store.deadLetters()).letters.map(({ messageId }) => messageId);
}

describe('keeping dead letters', () => {
  it('gives them back as they came, oldest first', async () => {
    await store.bury([letter(2, { owedTo: 'both', attempts: 7 }), letter(1)]);
    expect(await store.deadLetters()).toEqual({
      letters: [letter(1), letter(2, { owedTo: 'both', attempts: 7 })],
    });
    expect(await store.countDeadLetters()).toBe(2);
  });

  it('counts each message once, on the day of its first arrival, however often it comes', async () => {
    await store.bury([letter(1), letter(2), letter(1)]);
    await store.bury([letter(1, { receivedAt: NOON + DAY, body: null }), letter(3)]);
    expect(await store.totals()).toMatchObject([{ day: '2026-11-20', deadLetters: 3 }]);
    expect(await idsOf()).toEqual(['m1', 'm2', 'm3']);
  });

  it('tells letters of two queues apart, whatever their ids', async () => {
    await store.bury([letter(1), letter(1, { queue: 'other-dead' })]);
    expect(await store.countDeadLetters()).toBe(2);
    expect(await store.totals()).toMatchObject([{ deadLetters: 2 }]);
  });

  it('counts letters beside what came in on that day, and not as spans', async () => {
    await store.write([makeChunk()]);
    await store.bury([letter(1)]);
    expect(await store.totals()).toMatchObject([{ traces: 1, spans: 0, deadLetters: 1 }]);
  });

  it('keeps no body of a letter that has been delivered, and counts it all the same', async () => {
    await store.bury([letter(1, { body: null })]);
    expect(await store.deadLetters()).toEqual({ letters: [] });
    expect(await store.countDeadLetters()).toBe(0);
    expect(await store.totals()).toMatchObject([{ deadLetters: 1 }]);
  });

  it('lets go of letters that have arrived, and knows them when they come again', async () => {
    await store.bury([letter(1), letter(2), letter(1, { queue: 'other-dead' })]);
    await store.settle([letter(1)]);
    await store.bury([letter(1)]);
    expect((await store.deadLetters()).letters).toMatchObject([
      { queue: 'other-dead', messageId: 'm1' },
      { messageId: 'm2' },
    ]);
    expect(await store.totals()).toMatchObject([{ deadLetters: 3 }]);
    await store.settle([]);
    await store.settle([letter(9)]);
    expect(await store.countDeadLetters()).toBe(2);
  });

  it('pages through them without a gap or a double, also where all came at once', async () => {
    const all = Array.from({ length: 12 }, (_, n) => letter(n, { receivedAt: NOON }));
    await store.bury(all);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.deadLetters({ limit: 5, cursor });
      seen.push(...page.letters.map(({ messageId }) => messageId));
      cursor = page.next;
    } while (cursor !== undefined);
    expect(seen.toSorted()).toEqual(all.map(({ messageId }) => messageId).toSorted());
  });

  it.each(['', 'x', '5.', '5.{}', '5.%5B1%5D', `5.${'x'.repeat(3_000)}`])(
    'refuses the cursor %j',
    async (cursor) => {
      await expect(store.deadLetters({ cursor })).rejects.toMatchObject({ code: 'invalid_option' });
    },
  );

  it.each([0, 51, 1.5, Number.NaN])('refuses a page of %d', async (limit) => {
    await expect(store.deadLetters({ limit })).rejects.toMatchObject({ code: 'invalid_option' });
  });

  it('keeps hostile content inertly, and finds its letter again', async () => {
    const body = JSON.stringify({ a: '\u0000\ud800"\'); DROP TABLE traces; --', __proto__: 1 });
    const hostile = letter(1, { queue: "q'\u0000", messageId: '\ud800"', reason: '\u0000', body });
    await store.bury([hostile, letter(2)]);
    const { letters } = await store.deadLetters();
    expect(letters).toHaveLength(2);
    expect(letters[0]?.body).toBe(body);
    await store.settle([hostile]);
    expect(await idsOf()).toEqual(['m2']);
  });

  it('keeps the beginning of a body that no row could hold, and says that it is cut', async () => {
    const body = JSON.stringify({ text: '"'.repeat(2_000_000) });
    await store.bury([letter(1, { body }), letter(2, { body }), letter(3)]);
    const { letters } = await store.deadLetters();
    expect(letters.map(({ cut }) => cut)).toEqual([true, true, false]);
    expect(body.startsWith(letters[0]?.body ?? 'nothing')).toBe(true);
    expect(letters[0]?.body?.length).toBeGreaterThan(100_000);
  });

  it('lets go of all that was received before the time of a pruning, kept or delivered', async () => {
    await store.bury([
      letter(1),
      letter(2, { body: null }),
      ...Array.from({ length: 250 }, (_, n) => letter(n + 10, { receivedAt: NOON })),
      letter(3, { receivedAt: NOON + DAY }),
    ]);
    await store.write([makeChunk({ id: nativeId(NOON + DAY), started_at: NOON + DAY })]);
    expect(await store.prune(NOON + DAY)).toBe(0);
    expect(await idsOf()).toEqual(['m3']);
    expect(await db.prepare('SELECT count(*) AS n FROM dead_letters').first('n')).toBe(1);
    expect(await store.totals()).toMatchObject([{ deadLetters: 1 }, { deadLetters: 252 }]);
  });
});
