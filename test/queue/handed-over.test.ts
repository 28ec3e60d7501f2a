import { env } from 'cloudflare:workers';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openaiExporter } from '../../src/destinations/openai.ts';
import type { TraceExporter } from '../../src/model/exporter.ts';
import type { LetterOwed } from '../../src/model/store.ts';
import { traceConsumer } from '../../src/queue/consumer.ts';
import { deadLetterConsumer } from '../../src/queue/dead-letters.ts';
import { queueExporter } from '../../src/queue/exporter.ts';
import { redrive } from '../../src/queue/redrive.ts';
import { d1Store } from '../../src/store/d1.ts';
import { emptied, makeSpan, makeTrace, migrated, nativeId, NOON } from '../store/make.ts';
import { consume, recordingQueue } from './fake-broker.ts';
import { message } from './messages.ts';

const store = d1Store(env.TRACES_DB);
const batch = {
  id: 'flush',
  traces: [makeTrace()],
  spans: [makeSpan('a'), makeSpan('b')],
};
const context = { signal: new AbortController().signal };

/** Without a key it takes nothing and asks nobody. */
const closed = (fallback?: TraceExporter): TraceExporter =>
  openaiExporter({ apiKey: undefined, fallback });

beforeAll(migrated);
beforeEach(emptied);

/** What two exporters make of one flush: bodies for the store's queue, and those that OpenAI did not take. */
async function flushed(): Promise<{ traces: unknown[]; retries: unknown[] }> {
  const [traces, retries] = [recordingQueue(), recordingQueue()];
  await queueExporter(traces.queue).export(batch, context);
  await closed(queueExporter(retries.queue)).export(batch, context);
  const bodies = ({ calls }: typeof traces): unknown[] => calls.flat().map(({ body }) => body);
  return { traces: bodies(traces), retries: bodies(retries) };
}

const spansOf = (batches: readonly (typeof batch)[]): string[] =>
  batches.flatMap(({ spans }) => spans.map(({ id }) => id));

describe('dead letters of a fallback', () => {
  it.each<LetterOwed | undefined>([undefined, 'store', 'both', 'exporters'])(
    'are not stored beside what the store has, but wait for exporters, where owedTo is %s',
    async (owedTo) => {
      const { traces, retries } = await flushed();
      await consume(traceConsumer({ store }), traces, env);
      const [before] = await store.totals();
      expect(before).toMatchObject({ traces: 1, spans: 2 });
      const retry = traceConsumer({ exporters: [closed()] });
      expect((await consume(retry, retries, env)).acked).toEqual([]);

      const dead = deadLetterConsumer({ store }, { owedTo });
      const { acked, logged } = await consume(dead, retries, env);
      expect(acked).toEqual(['m0']);
      expect(logged).toMatchObject([
        { delivered: 0, kept: 1, reason: expect.stringContaining('its exporters did not take it') },
      ]);
      const rest = (await store.totals()).filter(({ traces: count }) => count > 0);
      expect(rest).toMatchObject([{ day: before?.day, traces: 1, spans: 2 }]);
      expect(await store.getTrace(nativeId(NOON))).toMatchObject({ spanCount: 2 });

      const none = await redrive({ from: store, to: { store } });
      expect(none).toMatchObject({ redriven: 0, skipped: 1, remaining: 1 });
      const got: (typeof batch)[] = [];
      const open: TraceExporter = {
        name: 'open',
        export: async (given) => void got.push({ ...batch, spans: [...given.spans] }),
      };
      const report = await redrive({ from: store, to: { exporters: [open] } });
      expect(report).toMatchObject({ redriven: 1, remaining: 0 });
      expect(spansOf(got)).toEqual(['span_a', 'span_b']);
    },
  );

  it('are not stored either where the store has nothing of their trace', async () => {
    const { retries } = await flushed();
    await consume(deadLetterConsumer({ store }), retries, env);
    expect(await store.listTraces()).toEqual({ traces: [] });
    expect((await store.deadLetters()).letters).toMatchObject([{ owedTo: 'exporters' }]);
  });

  it('keep no neighbour out of the store, and the log line says why they are kept', async () => {
    const { retries } = await flushed();
    const bodies = [message(1), ...retries];
    const { acked, logged } = await consume(deadLetterConsumer({ store }), bodies, env);
    expect(acked).toEqual(['m0', 'm1']);
    expect(await store.getTrace(nativeId(NOON + 1))).toMatchObject({ spanCount: 1 });
    expect(logged).toMatchObject([
      { delivered: 1, kept: 1, reason: expect.stringContaining('its exporters did not take it') },
    ]);
  });

  it('are owed to exporters also where they were noted by a version that could not read them', async () => {
    const { traces, retries } = await flushed();
    await consume(traceConsumer({ store }), traces, env);
    await store.bury([
      {
        queue: 'traces-dead',
        messageId: 'm0',
        reason: 'invalid_envelope',
        attempts: 1,
        receivedAt: NOON,
        owedTo: 'store',
        body: JSON.stringify(retries[0]),
        cut: false,
      },
    ]);
    expect(await redrive({ from: store, to: { store } })).toMatchObject({ skipped: 1 });
    expect(await store.getTrace(nativeId(NOON))).toMatchObject({ spanCount: 2 });
  });
});
