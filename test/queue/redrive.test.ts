import { env } from 'cloudflare:workers';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TraceExporter } from '../../src/model/exporter.ts';
import type { TraceBatch } from '../../src/model/records.ts';
import type { DeadLetter, LetterOwed } from '../../src/model/store.ts';
import { redrive } from '../../src/queue/redrive.ts';
import type { RedriveOptions } from '../../src/queue/redrive.ts';
import { d1Store } from '../../src/store/d1.ts';
import { emptied, migrated, nativeId, NOON } from '../store/make.ts';
import { message } from './messages.ts';

const store = d1Store(env.TRACES_DB);

beforeAll(migrated);
beforeEach(emptied);

function letter(n: number, body: unknown, owedTo: LetterOwed = 'store'): DeadLetter {
  return {
    queue: 'traces-dead',
    messageId: `m${n}`,
    reason: 'store_failed: D1 answered',
    attempts: 1,
    receivedAt: NOON + n,
    owedTo,
    body: JSON.stringify(body),
    cut: false,
  };
}

/** An exporter that keeps what it gets, or does as told. */
function recording(
  answer: (batch: TraceBatch) => Promise<void> = async () => undefined,
): TraceExporter & { ids: string[] } {
  const ids: string[] = [];
  return {
    name: 'recording',
    ids,
    async export(batch) {
      await answer(batch);
      ids.push(batch.id);
    },
  };
}

const kept = async (): Promise<string[]> =>
  (await store.deadLetters()).letters.map(({ messageId }) => messageId);

describe('redriving dead letters', () => {
  it('stores what a newer version can read, keeps what it cannot, and says how many there are', async () => {
    await store.bury([
      letter(0, message(0)),
      letter(1, { v: 2, chunks: [] }),
      letter(2, message(2)),
    ]);
    expect(await redrive({ from: store, to: { store } })).toEqual({
      redriven: 2,
      unreadable: 1,
      failed: 0,
      skipped: 0,
      remaining: 1,
    });
    expect(await kept()).toEqual(['m1']);
    for (const n of [0, 2])
      expect(await store.getTrace(nativeId(NOON + n))).toMatchObject({ spanCount: 1 });
  });

  it('changes nothing when it is done twice, nor when what it brings was stored already', async () => {
    await store.write(message(0).chunks);
    const before = await store.totals();
    await store.bury([letter(0, message(0))]);
    await redrive({ from: store, to: { store } });
    const again = await redrive({ from: store, to: { store } });
    expect(again).toMatchObject({ redriven: 0, remaining: 0 });
    expect(await store.totals()).toEqual([{ ...before[0], deadLetters: 1 }]);
  });

  it('brings each letter to what it is owed to', async () => {
    const owed: LetterOwed[] = ['store', 'exporters', 'both'];
    await store.bury(owed.map((owedTo, n) => letter(n, message(n), owedTo)));
    const exporter = recording();
    const report = await redrive({ from: store, to: { store, exporters: [exporter] } });
    expect(report).toMatchObject({ redriven: 3, remaining: 0 });
    expect(exporter.ids).toEqual(['f1-0', 'f2-0']);
    const { traces } = await store.listTraces();
    expect(traces.map(({ traceId }) => traceId)).toEqual([nativeId(NOON + 2), nativeId(NOON)]);
  });

  it('leaves what is owed to something that it was not given', async () => {
    const owed: LetterOwed[] = ['store', 'exporters', 'both'];
    await store.bury(owed.map((owedTo, n) => letter(n, message(n), owedTo)));
    expect(await redrive({ from: store, to: { store } })).toMatchObject({
      redriven: 1,
      skipped: 2,
      remaining: 2,
    });
    expect(await kept()).toEqual(['m1', 'm2']);
  });

  it('keeps what a destination does not take, and says what it said', async () => {
    await store.bury([0, 1, 2].map((n) => letter(n, message(n), 'exporters')));
    const exporter = recording(async ({ id }) => {
      if (id === 'f1-0') throw new Error('the ingest is down');
    });
    expect(await redrive({ from: store, to: { exporters: [exporter] } })).toEqual({
      redriven: 2,
      unreadable: 0,
      failed: 1,
      skipped: 0,
      remaining: 1,
      error: expect.stringContaining('the ingest is down'),
    });
    expect(await kept()).toEqual(['m1']);
  });

  it('stops waiting for a destination that hangs, and goes on from there the next time', async () => {
    await store.bury(Array.from({ length: 30 }, (_, n) => letter(n, message(n), 'exporters')));
    const hanging = recording(() => new Promise(() => undefined));
    const first = await redrive({ from: store, to: { exporters: [hanging] }, deadlineMs: 20 });
    expect(first).toMatchObject({ redriven: 0, failed: 25, remaining: 30 });
    const to = { exporters: [recording()] };
    const second = await redrive({ from: store, to, cursor: first.next });
    expect(second).toMatchObject({ redriven: 5, remaining: 25 });
  });

  it('sends letters back into a queue as they were', async () => {
    const sent: unknown[] = [];
    const queue = {
      async send(body: unknown, options?: QueueSendOptions): Promise<QueueSendResponse> {
        if (sent.length === 1) throw new Error('Too Many Requests');
        sent.push([body, options]);
        return { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } };
      },
    };
    await store.bury([letter(0, message(0)), letter(1, message(1), 'exporters'), letter(2, 'no')]);
    const report = await redrive({ from: store, to: { queue } });
    expect(report).toMatchObject({ redriven: 1, failed: 1, unreadable: 1, remaining: 2 });
    expect(sent).toEqual([[message(0), { contentType: 'json' }]]);
    expect(await redrive({ from: store, to: { queue: env.TRACES_QUEUE } })).toMatchObject({
      redriven: 1,
    });
  });

  it('tries no more letters than it may, and comes to all of them by and by', async () => {
    await store.bury(
      Array.from({ length: 70 }, (_, n) => letter(n, n % 2 ? message(n) : 'unreadable')),
    );
    const reports = [];
    let cursor: string | undefined;
    do {
      const report = await redrive({ from: store, to: { store }, limit: 30, cursor });
      reports.push(report);
      cursor = report.next;
    } while (cursor !== undefined);
    expect(reports.map(({ redriven, unreadable }) => [redriven, unreadable])).toEqual([
      [30, 30],
      [5, 5],
    ]);
    expect(reports.at(-1)).toMatchObject({ remaining: 35 });
  });

  it('came to no letter behind a hundred that it cannot read or has nowhere to bring, without a cursor', async () => {
    await store.bury(
      Array.from({ length: 120 }, (_, n) =>
        n % 2 ? letter(n, 'unreadable') : letter(n, message(n), 'exporters'),
      ),
    );
    await store.bury(Array.from({ length: 3 }, (_, n) => letter(200 + n, message(200 + n))));
    const passed = { unreadable: 60, skipped: 60, failed: 0 };
    const crons = [
      { redriven: 2, remaining: 121, next: expect.any(String) },
      { redriven: 1, remaining: 120 },
    ];
    for (const cron of crons) {
      const report = await redrive({ from: store, to: { store }, limit: 2 });
      expect(report).toEqual({ ...passed, ...cron });
    }
    const { traces } = await store.listTraces();
    expect(traces).toHaveLength(3);
  });

  it('passes over only so many letters in one call, and says where to go on', async () => {
    let reads = 0;
    const endless = {
      ...store,
      async deadLetters({ limit = 0 } = {}) {
        reads += 1;
        return { letters: Array.from({ length: limit }, (_, n) => letter(n, 'no')), next: 'more' };
      },
    };
    const report = await redrive({ from: endless, to: { store } });
    expect(report).toMatchObject({ redriven: 0, unreadable: 10_000, next: 'more' });
    expect(reads).toBe(400);
  });

  it('passes over letters no longer than until its deadline', async () => {
    const slow: RedriveOptions['from'] = {
      ...store,
      async deadLetters() {
        await new Promise((resolve) => setTimeout(resolve, 10));
        return { letters: [letter(0, 'no')], next: 'more' };
      },
    };
    const report = await redrive({ from: slow, to: { store }, deadlineMs: 25 });
    expect(report.unreadable).toBeLessThan(20);
    expect(report.next).toBe('more');
  });

  it('lets go of no letter for a list without exporters', async () => {
    await store.bury([letter(0, message(0), 'exporters'), letter(1, message(1), 'both')]);
    const report = await redrive({ from: store, to: { store, exporters: [] } });
    expect(report).toMatchObject({ redriven: 0, skipped: 2, remaining: 2 });
  });

  it('does not take a body that was cut for what was sent, although it can be read', async () => {
    await store.bury([
      { ...letter(0, message(0)), cut: true },
      { ...letter(1, 0), body: '{"v":1,' },
    ]);
    expect(await redrive({ from: store, to: { store } })).toMatchObject({
      unreadable: 2,
      remaining: 2,
    });
  });

  it('rejects with what the store said when letters cannot be read or let go of', async () => {
    const down = (): Promise<never> => Promise.reject(new Error('down'));
    await store.bury([letter(0, message(0))]);
    const to = { store };
    await expect(redrive({ from: { ...store, deadLetters: down }, to })).rejects.toThrow('down');
    await expect(redrive({ from: { ...store, settle: down }, to })).rejects.toThrow('down');
    expect(await redrive({ from: store, to })).toMatchObject({ redriven: 1, remaining: 0 });
    expect(await store.getTrace(nativeId(NOON))).toMatchObject({ spanCount: 1 });
  });
});
