import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { Chunk } from '../../src/model/envelope.ts';
import type { TraceBatch } from '../../src/model/records.ts';
import { queueExporter } from '../../src/queue/exporter.ts';
import { readEnvelope } from '../../src/queue/schema.ts';
import { makeSpan, makeTrace, nativeId, NOON } from '../store/make.ts';
import { recordingQueue } from './fake-broker.ts';

const never = new AbortController().signal;
const encoder = new TextEncoder();
const bytesOf = (value: unknown): number => encoder.encode(JSON.stringify(value)).length;

function batchOf(count: number, bytes: number): TraceBatch {
  const spans = Array.from({ length: count }, (_, n) =>
    makeSpan(String(n), { span_data: { type: 'custom', data: '€'.repeat(bytes / 3) } }),
  );
  return { id: 'flush', traces: [makeTrace()], spans };
}

async function exported(batch: TraceBatch): Promise<{ bodies: unknown[][]; chunks: Chunk[] }> {
  const { queue, calls } = recordingQueue();
  await queueExporter(queue).export(batch, { signal: never });
  const bodies = calls.map((call) =>
    call.map(({ body }) => JSON.parse(JSON.stringify(body)) as unknown),
  );
  return { bodies, chunks: bodies.flat().flatMap(readEnvelope) };
}

describe('the queue exporter', () => {
  it('is accepted by a real producer binding', async () => {
    const exporter = queueExporter(env.TRACES_QUEUE);
    await expect(exporter.export(batchOf(300, 3_000), { signal: never })).resolves.toBeUndefined();
    expect(exporter.name).toBe('queue');
  });

  it('sends everything, as JSON, in messages and calls within the limits of Queues', async () => {
    const { bodies, chunks } = await exported(batchOf(400, 3_000));
    expect(bodies.length).toBeGreaterThan(4);
    for (const call of bodies) {
      expect(call.length).toBeLessThanOrEqual(100);
      expect(call.reduce<number>((sum, body) => sum + bytesOf(body), 0)).toBeLessThanOrEqual(
        250_000,
      );
      for (const body of call) expect(bytesOf(body)).toBeLessThanOrEqual(120_000);
    }
    expect(chunks.flatMap(({ spans }) => spans)).toEqual(batchOf(400, 3_000).spans);
  });

  it('lets the chunks of several small traces share one message', async () => {
    const traces = Array.from({ length: 50 }, (_, n) =>
      makeTrace({ id: nativeId(NOON, String(n)) }),
    );
    const spans = traces.map(({ id }, n) => makeSpan(String(n), { trace_id: id }));
    const { bodies, chunks } = await exported({ id: 'flush', traces, spans });
    expect(bodies.map((call) => call.length)).toEqual([1]);
    expect(chunks.map(({ trace }) => trace.id)).toEqual(traces.map(({ id }) => id));
  });

  it('never puts more than 100 messages into a call', async () => {
    const { queue, calls } = recordingQueue();
    const exporter = queueExporter(queue, { maxMessageBytes: 16_000 });
    await exporter.export(batchOf(400, 9_000), { signal: never });
    expect(Math.max(...calls.map((call) => call.length))).toBeLessThanOrEqual(100);
    expect(calls.flat()).toHaveLength(400);
  });

  it('cuts a span that no message could hold', async () => {
    const { chunks } = await exported(batchOf(1, 900_000));
    expect(chunks[0]?.spans[0]?.facts.cut).toEqual({ 'span_data.data': 900_002 });
  });

  it('sends nothing for an empty batch', async () => {
    expect((await exported({ id: 'flush', traces: [], spans: [] })).bodies).toEqual([]);
  });

  it('sends the trace although it has no spans', async () => {
    const { chunks } = await exported({ id: 'flush', traces: [makeTrace()], spans: [] });
    expect(chunks).toEqual([{ chunk_id: 'flush-0', trace: makeTrace(), spans: [] }]);
  });

  it('sends the same chunks when the same batch is exported again', async () => {
    expect((await exported(batchOf(100, 3_000))).chunks).toEqual(
      (await exported(batchOf(100, 3_000))).chunks,
    );
  });

  it('takes a name of its own', () => {
    expect(queueExporter(recordingQueue().queue, { name: 'archive' }).name).toBe('archive');
  });
});

describe('a queue that does not take the traces', () => {
  const refuse = async (): Promise<never> => Promise.reject(new Error('Too Many Requests'));

  it('makes the export reject with what the queue said', async () => {
    const { queue } = recordingQueue(refuse);
    const done = queueExporter(queue).export(batchOf(1, 30), { signal: never });
    await expect(done).rejects.toMatchObject({
      code: 'export_failed',
      message: expect.stringContaining('Too Many Requests'),
    });
  });

  it('is told apart from one that took a part, whose spans are counted', async () => {
    const { queue, calls } = recordingQueue(async (call) => (call === 1 ? refuse() : undefined));
    const done = queueExporter(queue).export(batchOf(400, 3_000), { signal: never });
    const error: unknown = await done.catch((reason: unknown) => reason);
    const lost = calls[1]?.flatMap(({ body }) => body.chunks.flatMap(({ spans }) => spans)) ?? [];
    expect(lost.length).toBeGreaterThan(0);
    expect(error).toMatchObject({ name: 'PartialExportError', exportedSpans: 400 - lost.length });
    expect(calls.length).toBeGreaterThan(2);
  });

  it('makes the export reject at the deadline when it hangs, and no call follows', async () => {
    const { queue, calls } = recordingQueue(async () => new Promise(() => undefined));
    const done = queueExporter(queue).export(batchOf(400, 3_000), {
      signal: AbortSignal.timeout(10),
    });
    await expect(done).rejects.toMatchObject({ code: 'export_timeout' });
    expect(calls).toHaveLength(1);
  });

  it('counts what it took before it hung', async () => {
    const { queue, calls } = recordingQueue(async (call) =>
      call < 1 ? undefined : new Promise(() => undefined),
    );
    const done = queueExporter(queue).export(batchOf(400, 3_000), {
      signal: AbortSignal.timeout(50),
    });
    const error: unknown = await done.catch((reason: unknown) => reason);
    const sent = calls[0]?.flatMap(({ body }) => body.chunks.flatMap(({ spans }) => spans)) ?? [];
    expect(error).toMatchObject({
      name: 'PartialExportError',
      exportedSpans: sent.length,
      cause: { code: 'export_timeout' },
    });
  });

  it('sends nothing when the deadline has passed already', async () => {
    const { queue, calls } = recordingQueue();
    const done = queueExporter(queue).export(batchOf(1, 30), { signal: AbortSignal.abort() });
    await expect(done).rejects.toMatchObject({ code: 'export_timeout' });
    expect(calls).toEqual([]);
  });
});

describe('configuring the queue exporter', () => {
  it('refuses what is no producer binding and says what to add to wrangler.toml', () => {
    for (const wrong of [
      undefined,
      null,
      {},
      'TRACES_QUEUE',
      env.CF_VERSION_METADATA,
    ] as unknown[]) {
      expect(() => queueExporter(wrong as Queue)).toThrow(
        expect.objectContaining({
          code: 'missing_binding',
          message: expect.stringContaining('[[queues.producers]]'),
        }),
      );
    }
  });

  it.each([0, 15_999, 127_001, Number.NaN, 'large' as unknown as number])(
    'refuses messages of %o bytes',
    (maxMessageBytes) => {
      expect(() => queueExporter(recordingQueue().queue, { maxMessageBytes })).toThrow(
        expect.objectContaining({
          code: 'invalid_option',
          message: expect.stringContaining('maxMessageBytes'),
        }),
      );
    },
  );
});
