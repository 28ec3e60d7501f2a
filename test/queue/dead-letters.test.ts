import { env } from 'cloudflare:workers';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SluiceError } from '../../src/model/errors.ts';
import { deadLetterConsumer } from '../../src/queue/dead-letters.ts';
import type { DeadLetterTarget } from '../../src/queue/dead-letters.ts';
import { d1Store } from '../../src/store/d1.ts';
import { emptied, migrated, nativeId, NOON } from '../store/make.ts';
import { consume } from './fake-broker.ts';
import { message } from './messages.ts';

const store = d1Store(env.TRACES_DB);
const random = (): number => 1;
const poison = { v: 1, chunks: [{ secret: 'private value' }] };

beforeAll(migrated);
beforeEach(emptied);

const today = async (): Promise<number> => (await store.totals())[0]?.deadLetters ?? 0;

/** The store, where some of its methods do as told. */
const faulty = (patch: Partial<DeadLetterTarget['store']>): DeadLetterTarget['store'] => ({
  write: (chunks) => store.write(chunks),
  bury: (letters) => store.bury(letters),
  ...patch,
});

const down = (): Promise<never> =>
  Promise.reject(new SluiceError('store_failed', 'D1 answered: overloaded'));

describe('consuming dead letters', () => {
  it('stores what can be read, and counts it without keeping it', async () => {
    const result = await consume(deadLetterConsumer({ store }), [message(0), message(1)], env);
    expect(result.acked).toEqual(['m0', 'm1']);
    expect(await store.getTrace(nativeId(NOON))).toMatchObject({ spanCount: 1 });
    expect(await store.countDeadLetters()).toBe(0);
    expect(
      await env.TRACES_DB.prepare('SELECT sum(dead_letters) AS n FROM daily_totals').first('n'),
    ).toBe(2);
  });

  it('keeps poison and newer versions as they came, with why, and stores their neighbours', async () => {
    const newer = { v: 2, parts: ['private text'] };
    const { acked, retried, logged } = await consume(
      deadLetterConsumer({ store }),
      [poison, message(1), newer, 'private text', null],
      env,
      4,
    );
    expect(acked).toEqual(['m0', 'm1', 'm2', 'm3', 'm4']);
    expect(retried).toEqual({});
    const { letters } = await store.deadLetters();
    expect(letters).toMatchObject([
      { messageId: 'm0', queue: 'traces', attempts: 4, owedTo: 'store', cut: false },
      { messageId: 'm2', reason: expect.stringContaining('version 1, not 2') },
      {
        messageId: 'm3',
        body: '"private text"',
        reason: expect.stringContaining('sent by queueExporter()?'),
      },
      { messageId: 'm4', body: 'null' },
    ]);
    expect(letters.map(({ body }) => JSON.parse(body ?? '') as unknown)).toEqual([
      poison,
      newer,
      'private text',
      null,
    ]);
    expect(letters.map(({ reason }) => reason).join()).not.toContain('private');
    expect(await store.getTrace(nativeId(NOON + 1))).toBeDefined();
    expect(logged).toEqual([
      {
        event: 'sluice.queue.dead_letters',
        queue: 'traces',
        delivered: 1,
        kept: 4,
        reason: expect.stringContaining('invalid_envelope'),
      },
    ]);
    expect(JSON.stringify(logged)).not.toContain('private');
  });

  it('counts a message once, however often it is delivered', async () => {
    const consumer = deadLetterConsumer({ store });
    for (let n = 0; n < 3; n += 1) await consume(consumer, [poison, message(1)], env);
    expect(await today()).toBe(2);
    expect(await store.countDeadLetters()).toBe(1);
  });

  it('keeps letters for exporters beside what it stores of them', async () => {
    await consume(deadLetterConsumer({ store }, { owedTo: 'both' }), [message(0), poison], env);
    expect(await store.getTrace(nativeId(NOON))).toMatchObject({ spanCount: 1 });
    expect((await store.deadLetters()).letters).toMatchObject([
      { messageId: 'm0', owedTo: 'exporters', body: JSON.stringify(message(0)) },
      { messageId: 'm1', owedTo: 'both' },
    ]);
  });

  it('stores nothing of letters whose traces the store has by another way', async () => {
    await consume(deadLetterConsumer({ store }, { owedTo: 'exporters' }), [message(0)], env);
    expect(await store.listTraces()).toEqual({ traces: [] });
    expect((await store.deadLetters()).letters).toMatchObject([{ owedTo: 'exporters' }]);
  });

  it('retries with growing waits while the store is down, and acknowledges nothing', async () => {
    const target = { store: faulty({ write: down, bury: down }) };
    const consumer = deadLetterConsumer(target, { random });
    for (const [attempts, delay] of [
      [1, 10],
      [5, 160],
      [90, 900],
    ] as const) {
      const { acked, retried } = await consume(consumer, [message(0), poison], env, attempts);
      expect(acked).toEqual([]);
      expect(retried).toEqual({ m0: delay, m1: delay });
    }
    expect(await store.totals()).toEqual([]);
  });

  it('stores what it noted in vain when it comes again, and counts it then', async () => {
    const half = deadLetterConsumer({ store: faulty({ bury: down }) }, { random });
    expect((await consume(half, [message(0)], env)).retried).toEqual({ m0: 10 });
    expect((await consume(deadLetterConsumer({ store }), [message(0)], env)).acked).toEqual(['m0']);
    expect(await store.getTrace(nativeId(NOON))).toMatchObject({ spanCount: 1 });
  });

  it('keeps a letter that the store refuses again and again, as a dead-letter queue has none behind it', async () => {
    const refusing = faulty({
      write: async (chunks) =>
        chunks.some(({ chunk_id }) => chunk_id === 'f0-0') ? down() : store.write(chunks),
    });
    const consumer = deadLetterConsumer({ store: refusing }, { random });
    const first = await consume(consumer, [message(0), message(1)], env, 1);
    expect(first).toMatchObject({ acked: ['m1'], retried: { m0: 10 } });
    const third = await consume(consumer, [message(0)], env, 3);
    expect(third.acked).toEqual(['m0']);
    expect((await store.deadLetters()).letters).toMatchObject([
      { messageId: 'm0', reason: expect.stringContaining('store_failed') },
    ]);
  });

  it('retries when the store does not answer before the deadline', async () => {
    const hanging = faulty({ write: () => new Promise(() => undefined) });
    const consumer = deadLetterConsumer({ store: hanging }, { random, deadlineMs: 10 });
    expect((await consume(consumer, [message(0)], env, 9)).acked).toEqual([]);
  });

  it.each([
    ['bytes', new Uint8Array([1, 2, 3]), 'Uint8Array'],
    ['a map', new Map([['v', 1]]), 'Map'],
    ['a date inside', { at: new Date(0) }, 'Object'],
    ['a BigInt', { n: 1n }, 'Object'],
    ['nothing', undefined, 'Undefined'],
  ])('keeps of %s what kind it was, and that it is no longer whole', async (_, body, kind) => {
    const { acked } = await consume(deadLetterConsumer({ store }), [body], env);
    expect(acked).toEqual(['m0']);
    expect((await store.deadLetters()).letters).toMatchObject([
      { cut: true, body: `{"$unserializable":"${kind}"}` },
    ]);
  });

  it('keeps circles, bombs and bodies of a depth that no reader follows', async () => {
    const circle: Record<string, unknown> = { v: 1 };
    circle['self'] = circle;
    let deep: unknown = 1;
    for (let n = 0; n < 2_000; n += 1) deep = [deep];
    const { acked } = await consume(deadLetterConsumer({ store }), [circle, { deep }], env);
    expect(acked).toEqual(['m0', 'm1']);
    expect((await store.deadLetters()).letters.map(({ cut }) => cut)).toEqual([true, true]);
  });
});

describe('configuring the consumer of dead letters', () => {
  it.each([undefined, null, {}, { store: {} }, { store: { write: () => undefined } }] as unknown[])(
    'refuses %o at once',
    (target) => {
      expect(() => deadLetterConsumer(target as DeadLetterTarget)).toThrow(
        expect.objectContaining({
          code: 'invalid_option',
          message: expect.stringContaining('deadLetterConsumer() needs a store'),
        }),
      );
    },
  );

  it.each<[string, Record<string, unknown>]>([
    ['owedTo must be one of store, both, exporters', { owedTo: 'exporter' }],
    ['owedTo must be', { owedTo: null }],
    ['deadlineMs must be', { deadlineMs: 0 }],
    ['deadlineMs must be', { deadlineMs: Infinity }],
  ])('says %s, at once, of %o', (why, options) => {
    expect(() => deadLetterConsumer({ store }, options)).toThrow(
      expect.objectContaining({ code: 'invalid_option', message: expect.stringContaining(why) }),
    );
  });

  it('resolves the store from env, and retries with one log line when that fails', async () => {
    const consumer = deadLetterConsumer(({ TRACES_DB }: Cloudflare.Env) => ({
      store: d1Store(TRACES_DB),
    }));
    expect((await consume(consumer, [message(0)], env)).acked).toEqual(['m0']);
    const broken = deadLetterConsumer(
      () => ({ store: d1Store(undefined as unknown as D1Database) }),
      { random },
    );
    const { retried, logged } = await consume(broken, [message(0)], env);
    expect(retried).toEqual({ m0: 10 });
    expect(logged).toMatchObject([{ code: 'missing_binding' }]);
  });
});
