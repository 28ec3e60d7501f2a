import { env } from 'cloudflare:workers';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SluiceError } from '../../src/model/errors.ts';
import type { ExportContext, TraceExporter } from '../../src/model/exporter.ts';
import type { TraceBatch } from '../../src/model/records.ts';
import type { TraceStore } from '../../src/model/store.ts';
import { traceConsumer } from '../../src/queue/consumer.ts';
import type { ConsumerTarget } from '../../src/queue/consumer.ts';
import { d1Store } from '../../src/store/d1.ts';
import { migrated, nativeId, NOON } from '../store/make.ts';
import { openaiExporter } from '../../src/destinations/openai.ts';
import { openSink } from '../support/sink.ts';
import { consume } from './fake-broker.ts';
import { message } from './messages.ts';

const store = d1Store(env.TRACES_DB);
const random = (): number => 1;

beforeAll(migrated);
beforeEach(async () => {
  await env.TRACES_DB.batch(
    ['chunks', 'traces'].map((table) => env.TRACES_DB.prepare(`DELETE FROM ${table}`)),
  );
});

async function stored(): Promise<string[]> {
  return (await store.listTraces()).traces.map(({ traceId }) => traceId).toReversed();
}

/** The store, where writes of some chunks do as told; notes the chunk ids of each write. */
function faulty(
  writes: string[][],
  fault: (ids: string[]) => Promise<void> | undefined,
): TraceStore {
  return {
    ...store,
    async write(chunks) {
      const ids = chunks.map(({ chunk_id }) => chunk_id);
      writes.push(ids);
      await fault(ids);
      await store.write(chunks);
    },
  };
}

/** Stores of others reject with anything. */
async function rejectionWith(reason: unknown): Promise<never> {
  throw reason;
}

describe('consuming into a store', () => {
  it('stores valid messages with one write and acknowledges each', async () => {
    const writes: string[][] = [];
    const consumer = traceConsumer({ store: faulty(writes, () => undefined) });
    const result = await consume(consumer, [message(0), message(1)], env);
    expect(result).toEqual({ acked: ['m0', 'm1'], retried: {}, logged: [] });
    expect(writes).toEqual([['f0-0', 'f1-0']]);
    expect(await stored()).toEqual([nativeId(NOON), nativeId(NOON + 1)]);
  });

  it('resolves the store from env', async () => {
    const consumer = traceConsumer(({ TRACES_DB }: Cloudflare.Env) => ({
      store: d1Store(TRACES_DB),
    }));
    expect((await consume(consumer, [message(0)], env)).acked).toEqual(['m0']);
    expect(await stored()).toHaveLength(1);
  });

  it('stores a message once, however often it is delivered', async () => {
    const consumer = traceConsumer({ store });
    for (let n = 0; n < 3; n += 1) await consume(consumer, [message(0), message(0)], env);
    expect(await store.getTrace(nativeId(NOON))).toMatchObject({ spanCount: 1 });
  });

  it('acknowledges an envelope without chunks', async () => {
    expect((await consume(traceConsumer({ store }), [{ v: 1, chunks: [] }], env)).acked).toEqual([
      'm0',
    ]);
  });

  it('leaves poison to the dead-letter queue, at once, and stores its neighbours', async () => {
    const poison = { v: 1, chunks: [{ secret: 'private value' }] };
    const result = await consume(
      traceConsumer({ store }),
      [message(0), poison, message(2), 'private text', null],
      env,
      3,
    );
    expect(result.acked).toEqual(['m0', 'm2']);
    expect(result.retried).toEqual({ m1: undefined, m3: undefined, m4: undefined });
    expect(await stored()).toEqual([nativeId(NOON), nativeId(NOON + 2)]);
  });

  it('logs one line for a message that it cannot read, with its id and none of its content', async () => {
    const { logged } = await consume(
      traceConsumer({ store }),
      [{ v: 1, chunks: [{ chunk_id: 'private value' }] }],
      env,
      3,
    );
    expect(logged).toEqual([
      {
        event: 'sluice.queue.unreadable',
        code: 'invalid_envelope',
        queue: 'traces',
        message_id: 'm0',
        attempts: 3,
        reason: expect.stringContaining('chunks.0.trace'),
      },
    ]);
    expect(JSON.stringify(logged)).not.toContain('private');
  });

  it('lets a message of another version wait for the consumer that a rollout brings', async () => {
    const { retried, logged } = await consume(
      traceConsumer({ store }, { random }),
      [{ v: 2, chunks: [] }],
      env,
      2,
    );
    expect(retried).toEqual({ m0: 20 });
    expect(logged).toMatchObject([{ code: 'invalid_envelope', message_id: 'm0' }]);
  });

  it('writes message by message when the write of all fails, so that a bad one takes nothing from the others', async () => {
    const writes: string[][] = [];
    const fault = (ids: string[]): Promise<void> | undefined =>
      ids.includes('f1-0')
        ? Promise.reject(new SluiceError('store_failed', 'D1 answered: no'))
        : undefined;
    const consumer = traceConsumer({ store: faulty(writes, fault) }, { random });
    const result = await consume(consumer, [message(0), message(1), message(2)], env, 4);
    expect(result.acked).toEqual(['m0', 'm2']);
    expect(result.retried).toEqual({ m1: 80 });
    expect(result.logged).toMatchObject([
      { event: 'sluice.queue.undelivered', code: 'store_failed', messages: 1 },
    ]);
    expect(writes).toEqual([['f0-0', 'f1-0', 'f2-0'], ['f0-0'], ['f1-0'], ['f2-0']]);
    expect(await stored()).toEqual([nativeId(NOON), nativeId(NOON + 2)]);
  });

  it('regression: a store that was down was asked once for each message of a batch', async () => {
    const writes: string[][] = [];
    const down = faulty(writes, () => rejectionWith(new SluiceError('store_failed', 'down')));
    const bodies = Array.from({ length: 20 }, (_, n) => message(n));
    const result = await consume(traceConsumer({ store: down }, { random }), bodies, env);
    expect(Object.keys(result.retried)).toHaveLength(20);
    expect(writes.length).toBeLessThanOrEqual(4);
  });

  it('retries all and logs one line when the store is down', async () => {
    const consumer = traceConsumer(
      { store: faulty([], () => Promise.reject(new Error('down'))) },
      { random },
    );
    const result = await consume(consumer, [message(0), message(1), message(2)], env);
    expect(result.retried).toEqual({ m0: 10, m1: 10, m2: 10 });
    expect(result.logged).toEqual([
      {
        event: 'sluice.queue.undelivered',
        code: 'store_failed',
        queue: 'traces',
        messages: 3,
        reason: 'Error: down',
      },
    ]);
  });

  it('says once what to run when the tables are missing, and tries no message by itself', async () => {
    const writes: string[][] = [];
    const missing = new SluiceError('missing_schema', 'run `wrangler d1 migrations apply`');
    const consumer = traceConsumer({ store: faulty(writes, () => Promise.reject(missing)) });
    const { acked, logged } = await consume(consumer, [message(0), message(1)], env);
    expect(acked).toEqual([]);
    expect(logged).toMatchObject([
      { code: 'missing_schema', messages: 2, reason: expect.stringContaining('migrations apply') },
    ]);
    expect(writes).toHaveLength(1);
  });

  it('retries what a hanging store has not taken by the deadline', async () => {
    const consumer = traceConsumer(
      { store: faulty([], () => new Promise(() => undefined)) },
      { deadlineMs: 20, random },
    );
    const { retried, logged } = await consume(consumer, [message(0), message(1)], env);
    expect(retried).toEqual({ m0: 10, m1: 10 });
    expect(logged).toMatchObject([{ code: 'export_timeout', messages: 2 }]);
  });

  it.each([undefined, null, 0, ''])(
    'takes a rejection with %o for the failure that it is',
    async (reason) => {
      const consumer = traceConsumer({ store: faulty([], () => rejectionWith(reason)) });
      const { acked, retried } = await consume(consumer, [message(0)], env);
      expect(acked).toEqual([]);
      expect(Object.keys(retried)).toEqual(['m0']);
    },
  );
});

describe('consuming into exporters', () => {
  it('tried a message again sooner than its destination had asked for', async () => {
    const sink = openSink();
    await sink.setFaults({ status: 503, headers: { 'retry-after': '120' } });
    const exporter = openaiExporter({ apiKey: 'not-a-key', endpoint: sink.ingestUrl });
    const consumer = traceConsumer({ exporters: [exporter] }, { random: () => 0 });
    expect((await consume(consumer, [message(0)], env)).retried).toEqual({ m0: 120 });
    expect((await consume(consumer, [message(0)], env)).acked).toEqual(['m0']);
  });

  function exporterInto(
    batches: TraceBatch[],
    fault?: (batch: TraceBatch) => Promise<void> | undefined,
  ): TraceExporter {
    return {
      name: 'webhook',
      async export(batch) {
        batches.push(batch);
        await fault?.(batch);
      },
    };
  }

  it('gives each exporter the batch of each message, with the same id at each delivery', async () => {
    const batches: TraceBatch[] = [];
    const consumer = traceConsumer({ exporters: [exporterInto(batches)] });
    expect((await consume(consumer, [message(0), message(1)], env)).acked).toEqual(['m0', 'm1']);
    await consume(consumer, [message(0)], env);
    const [chunk] = message(0).chunks;
    expect(batches[0]).toEqual({ id: 'f0-0', traces: [chunk?.trace], spans: chunk?.spans });
    expect(batches.map(({ id }) => id)).toEqual(['f0-0', 'f1-0', 'f0-0']);
  });

  it('tells each exporter by when it must be done, and what producers lost before', async () => {
    const seen: [TraceBatch, ExportContext][] = [];
    const exporter: TraceExporter = {
      name: 'webhook',
      async export(batch, context) {
        seen.push([batch, context]);
      },
    };
    const body = message(0);
    const lossy = { ...body, chunks: body.chunks.map((chunk) => ({ ...chunk, lost: 7 })) };
    const before = Date.now();
    await consume(traceConsumer({ exporters: [exporter] }, { deadlineMs: 5_000 }), [lossy], env);
    const [batch, context] = seen[0]!;
    expect(batch.lost).toBe(7);
    expect(context.signal.aborted).toBe(false);
    expect(context.deadlineAt! - before).toBeGreaterThanOrEqual(5_000);
    expect(context.deadlineAt! - Date.now()).toBeLessThanOrEqual(5_000);
  });

  it('acknowledges a message only when all of them have it', async () => {
    const good: TraceBatch[] = [];
    const refuse = ({ id }: TraceBatch): Promise<void> | undefined =>
      id === 'f1-0' ? Promise.reject(new Error('ingest answered 500')) : undefined;
    const consumer = traceConsumer(
      { exporters: [exporterInto([], refuse), exporterInto(good)] },
      { random },
    );
    const result = await consume(consumer, [message(0), message(1), message(2)], env);
    expect(result.acked).toEqual(['m0', 'm2']);
    expect(result.retried).toEqual({ m1: 10 });
    expect(result.logged).toMatchObject([
      { code: 'export_failed', reason: expect.stringContaining('ingest answered 500') },
    ]);
    expect(good).toHaveLength(3);
  });

  it('regression: an exporter that hung on one message kept the others from a healthy one', async () => {
    const seen: string[] = [];
    const healthy: TraceExporter = {
      name: 'healthy',
      async export(batch) {
        seen.push(...batch.spans.map(({ id }) => id));
      },
    };
    const hanging: TraceExporter = { name: 'hanging', export: () => new Promise(() => {}) };
    const consumer = traceConsumer({ exporters: [hanging, healthy] }, { random, deadlineMs: 50 });
    const result = await consume(consumer, [message(0), message(1), message(2)], env);
    expect(seen).toHaveLength(3);
    expect(Object.keys(result.retried)).toEqual(['m0', 'm1', 'm2']);
  });

  it('does not export what the store refused', async () => {
    const batches: TraceBatch[] = [];
    const down = faulty([], () => Promise.reject(new Error('down')));
    await consume(
      traceConsumer({ store: down, exporters: [exporterInto(batches)] }),
      [message(0)],
      env,
    );
    expect(batches).toEqual([]);
  });

  it('is not held up by an exporter that hangs or throws', async () => {
    const hang = exporterInto([], () => new Promise(() => undefined));
    const thrower: TraceExporter = {
      name: 'thrower',
      export: () => {
        throw new Error('thrown');
      },
    };
    const { retried } = await consume(
      traceConsumer({ exporters: [hang] }, { deadlineMs: 20 }),
      [message(0), message(1)],
      env,
    );
    expect(Object.keys(retried)).toEqual(['m0', 'm1']);
    expect(
      Object.keys(
        (await consume(traceConsumer({ exporters: [thrower] }), [message(0)], env)).retried,
      ),
    ).toEqual(['m0']);
  });
});

describe('configuring the consumer', () => {
  it.each([
    undefined,
    null,
    {},
    { exporters: [] },
    { store: {} },
    { store: null },
    { exporters: [{}] },
    { exporters: 'x' },
  ])('refuses %o', (target) => {
    expect(() => traceConsumer(target as ConsumerTarget)).toThrow(
      expect.objectContaining({ code: 'invalid_option' }),
    );
  });

  it.each([0, -1, NaN, '5'])('refuses %o as deadlineMs', (deadlineMs) => {
    const options = { deadlineMs: deadlineMs as number };
    expect(() => traceConsumer({ store }, options)).toThrow(
      expect.objectContaining({ message: expect.stringContaining('deadlineMs must be') }),
    );
  });

  it.each<[string, () => ConsumerTarget, string]>([
    [
      'throws',
      () => {
        throw new TypeError('no binding');
      },
      'invalid_option',
    ],
    ['returns nothing', () => undefined as unknown as ConsumerTarget, 'invalid_option'],
    [
      'lacks its binding',
      () => ({ store: d1Store(undefined as unknown as D1Database) }),
      'missing_binding',
    ],
  ])('retries and logs once when the function of env %s', async (_, target, code) => {
    const { acked, retried, logged } = await consume(
      traceConsumer(target, { random }),
      [message(0), message(1)],
      env,
    );
    expect(acked).toEqual([]);
    expect(retried).toEqual({ m0: 10, m1: 10 });
    expect(logged).toMatchObject([{ code, messages: 2 }]);
  });
});
