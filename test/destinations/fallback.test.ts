import { env } from 'cloudflare:workers';
import { describe, expect, test } from 'vitest';
import { openaiExporter } from '../../src/destinations/openai.ts';
import type { OpenAIExporterOptions } from '../../src/destinations/openai.ts';
import type { Envelope } from '../../src/model/envelope.ts';
import { PartialExportError } from '../../src/model/errors.ts';
import type { TraceExporter } from '../../src/model/exporter.ts';
import { packSized } from '../../src/model/pack.ts';
import { traceConsumer } from '../../src/queue/consumer.ts';
import { queueExporter } from '../../src/queue/exporter.ts';
import { captureTraces } from '../../src/testing/capture-traces.ts';
import { consume } from '../queue/fake-broker.ts';
import {
  memoryExporter,
  scripted,
  send as sendTo,
  toolThenText,
  tracedApp,
} from '../support/app.ts';
import { openSink } from '../support/sink.ts';
import type { Sink } from '../support/sink.ts';
import { batchOf, bottomless, spanRecord, traceRecord } from './records.ts';
import { API_KEY, rejection, start } from './start.ts';

const spans = (count: number) => Array.from({ length: count }, () => spanRecord());
const idsOf = (records: readonly { id: string }[]) => records.map(({ id }) => id);

/** An exporter with a fallback that keeps what it is handed, and the count that the report was told. */
function withFallback(options: Partial<OpenAIExporterOptions> = {}, act?: TraceExporter['export']) {
  const kept = memoryExporter('kept');
  const fallback: TraceExporter = act ? { name: 'kept', export: act } : kept;
  const { sink, send } = start({ fallback, ...options });
  const told: number[] = [];
  return {
    sink,
    kept,
    told,
    send: (batch = batchOf(spans(1)), leftMs = 10_000) =>
      send(batch, AbortSignal.timeout(leftMs), {
        deadlineAt: Date.now() + leftMs,
        onFallback: (n) => told.push(n),
      }),
  };
}

/** Ids of the spans in the requests that were accepted. */
async function arrivedAt(sink: Sink, isAccepted: (n: number) => boolean): Promise<string[]> {
  const requests = (await sink.requests()).filter((_, n) => isAccepted(n));
  const bodies = requests.map(
    ({ body }) => JSON.parse(body) as { data: { object: string; id: string }[] },
  );
  return idsOf(bodies.flatMap(({ data }) => data).filter(({ object }) => object !== 'trace'));
}

describe.concurrent('what the ingest does not take goes to the fallback', () => {
  test.each([
    ['the service fails', [{ status: 500 }, { status: 502 }, { status: 503 }]],
    ['the key is not accepted', [{ status: 401 }]],
    ['tracing is not allowed', [{ status: 403 }]],
    ['there is no ingest', [{ status: 404 }]],
    ['the body is refused', [{ status: 400 }]],
    ['a Retry-After does not fit', [{ status: 429, headers: { 'retry-after': '60' } }]],
  ])('when %s', async (_why, faults) => {
    const { sink, kept, told, send } = withFallback();
    await sink.setFaults(...faults);
    const batch = batchOf(spans(3));
    await expect(send(batch)).resolves.toBeUndefined();
    expect(kept.spans).toEqual(batch.spans);
    expect(told).toEqual([3]);
    expect(await sink.requests()).toHaveLength(faults.length);
  });

  test('when there is no key', async () => {
    const { kept, send } = withFallback({ apiKey: undefined });
    await send(batchOf(spans(2)));
    expect(kept.spans).toHaveLength(2);
  });

  test('but nothing where the ingest takes all', async () => {
    const { kept, told, send } = withFallback();
    await send();
    expect(kept.batches).toEqual([]);
    expect(told).toEqual([]);
  });

  test('exactly: the bodies that arrived stay out of it, as do their traces', async () => {
    const { sink, kept, told, send } = withFallback();
    await sink.setFaults({ slowMs: 0 }, { status: 400 }, { slowMs: 0 }, { status: 401 });
    const other = traceRecord({ id: 'trace_2' });
    const batch = batchOf(
      [...spans(300), spanRecord(undefined, { trace_id: 'trace_2' }), ...spans(99)],
      [traceRecord(), other],
    );
    await send(batch);
    // Bodies of 100 records, of which two are the traces: 98, 100, 100 and so on.
    const [first, refused, third, ...unsent] = [0, 98, 198, 298, 398].map((from, n) =>
      batch.spans.slice(from, n === 0 ? 98 : from + 100),
    );
    expect(idsOf(kept.spans)).toEqual(idsOf([...refused!, ...unsent.flat()]));
    expect(idsOf(kept.traces)).toEqual([traceRecord().id, 'trace_2']);
    expect(told).toEqual([kept.spans.length]);
    expect(first!.length + third!.length + kept.spans.length).toBe(400);
    expect(kept.batches).toHaveLength(1);
  });

  test('a trace whose record alone did not arrive is handed over too', async () => {
    const { sink, kept, told, send } = withFallback();
    await sink.setFaults({ status: 401 });
    await send(batchOf([]));
    expect(idsOf(kept.traces)).toEqual([traceRecord().id]);
    expect(told).toEqual([]);
  });

  test('under chunk ids of its own, the same each time', async () => {
    const { sink, kept, send } = withFallback();
    const batch = batchOf(spans(1));
    for (let n = 0; n < 2; n += 1) {
      await sink.setFaults({ status: 401 });
      await send(batch);
    }
    const [first, second] = kept.batches.map((rest) => packSized(rest, 100_000));
    expect(first).toEqual(second);
    expect(first?.map(({ chunk }) => chunk.chunk_id)).toEqual(['flush-1-fallback-openai-0']);
    expect(kept.batches.map(({ id }) => id)).toEqual(Array(2).fill('flush-1-fallback-openai'));
    expect(batch.traces[0]?.flush_id).toBe('flush-1');
  });
});

describe.concurrent('the time that is left', () => {
  test('is shared, so that a destination that hangs leaves the fallback its part', async () => {
    let left = 0;
    const { sink, told, send } = withFallback({}, async (_batch, { signal, deadlineAt }) => {
      expect(signal.aborted).toBe(false);
      left = deadlineAt! - Date.now();
    });
    await sink.setFaults({ hang: true });
    await send(undefined, 600);
    expect(told).toEqual([1]);
    expect(left).toBeGreaterThan(100);
  });

  test('is kept whole where a Retry-After would eat it up', async () => {
    const { sink, told, send } = withFallback();
    await sink.setFaults({ status: 429, headers: { 'retry-after': '2' } });
    const before = Date.now();
    await send(undefined, 2_500);
    expect(Date.now() - before).toBeLessThan(1_000);
    expect(told).toEqual([1]);
    expect(await sink.requests()).toHaveLength(1);
  });

  test('ends a fallback that hangs as well', async () => {
    const { sink, told, send } = withFallback({}, () => new Promise(() => undefined));
    await sink.setFaults({ status: 401 });
    const error = await rejection(send(undefined, 200));
    expect(error).toMatchObject({ name: 'PartialExportError', exportedSpans: 0 });
    expect(error.message).toContain('export_timeout');
    expect(told).toEqual([]);
  });
});

describe('when the fallback fails too', () => {
  test('the rejection names both and counts what either took', async () => {
    const { sink, told, send } = withFallback({}, () =>
      Promise.reject(new PartialExportError('the queue is full', 50)),
    );
    await sink.setFaults({ slowMs: 0 }, { status: 401 });
    const error = await rejection(send(batchOf(spans(250))));
    expect(error).toMatchObject({ name: 'PartialExportError', exportedSpans: 99 + 50 });
    expect(error.message).toContain('401');
    expect(error.message).toContain('The fallback kept failed too');
    expect(error.message).toContain('the queue is full');
    expect((error.cause as AggregateError).errors).toHaveLength(2);
    expect(told).toEqual([50]);
  });

  test('by throwing at once, the export still rejects', async () => {
    const { sink, send } = withFallback({}, () => {
      throw new TypeError('thrown');
    });
    await sink.setFaults({ status: 401 });
    expect((await rejection(send())).message).toContain('TypeError: thrown');
  });

  test('a span that cannot be written is not handed over, as nobody could deliver it', async () => {
    const { sink, kept, told, send } = withFallback();
    await sink.setFaults({ status: 401 });
    const hostile = spanRecord({ type: 'custom', name: 'c', data: { deep: bottomless() } });
    const error = await rejection(send(batchOf([...spans(2), hostile])));
    expect(error).toMatchObject({ name: 'PartialExportError', exportedSpans: 2 });
    expect(error.message).toContain('could not be written');
    expect(kept.spans).toHaveLength(2);
    expect(told).toEqual([2]);
  });
});

describe('under the middleware', () => {
  test('the report counts what the fallback took as exported, and says how much that was', async () => {
    using traces = captureTraces();
    const sink = openSink();
    await sink.setFaults({ status: 401 });
    const kept = memoryExporter('kept');
    const exporter = openaiExporter({ apiKey: API_KEY, endpoint: sink.ingestUrl, fallback: kept });
    const { app } = tracedApp({ exporters: () => [exporter] });
    app.get('/', async (c) => {
      const { runner, agent } = scripted(toolThenText);
      return c.text((await runner.run(agent, 'hi')).finalOutput ?? '');
    });
    await (await sendTo(app)).text();
    const { reports } = await traces.flushed();
    expect(reports.map(({ destinations }) => destinations)).toEqual([
      {
        openai: {
          exported: 7,
          dropped: {},
          failed: 0,
          fallback: 7,
          fallbackReason: expect.stringContaining('answered 401'),
        },
      },
    ]);
    expect(kept.spans).toHaveLength(7);
  });
});

describe('what is configured', () => {
  test.each([{}, 'queue', null, env.TRACES_QUEUE])('is no exporter: %o', (fallback) => {
    const make = () =>
      openaiExporter({ apiKey: API_KEY, fallback: fallback as unknown as TraceExporter });
    expect(make).toThrow(expect.objectContaining({ code: 'invalid_option' }));
    expect(make).toThrow('queueExporter(env.RETRY_QUEUE)');
  });

  test('is the name in the report, which chunk ids follow', async () => {
    const { sink, kept, send } = withFallback({ name: 'openai_eu' });
    await sink.setFaults({ status: 401 });
    await send();
    expect(openaiExporter({ apiKey: API_KEY, name: 'openai_eu' }).name).toBe('openai_eu');
    expect(kept.traces[0]?.flush_id).toBe('flush-1-fallback-openai_eu');
  });
});

/** The real producer binding, with a look at what it is given: a broker keeps that to itself. */
function watchedQueue() {
  const bodies: Envelope[] = [];
  const sendBatch: Queue['sendBatch'] = async (messages) => {
    const given = [...messages];
    bodies.push(...given.map(({ body }) => structuredClone(body) as Envelope));
    return env.TRACES_QUEUE.sendBatch(given);
  };
  return { queue: { sendBatch }, bodies };
}

describe('through the queue and back', () => {
  test('each span arrives once, when the ingest is up again', async () => {
    const { queue, bodies } = watchedQueue();
    const sink = openSink();
    const options = { apiKey: API_KEY, endpoint: sink.ingestUrl };
    const batch = batchOf(spans(250));
    await sink.setFaults({ slowMs: 0 }, { status: 503, headers: { 'x-should-retry': 'false' } });
    await openaiExporter({ ...options, fallback: queueExporter(queue) }).export(batch, {
      signal: AbortSignal.timeout(10_000),
      deadlineAt: Date.now() + 10_000,
    });
    expect(bodies).not.toEqual([]);

    const consumer = traceConsumer<object>({ exporters: [openaiExporter(options)] });
    await sink.setFaults({ status: 401 });
    const down = await consume(consumer, bodies, {});
    expect(Object.keys(down.retried)).toHaveLength(1);
    const again = bodies.filter((_, n) => `m${n}` in down.retried);
    expect((await consume(consumer, again, {}, 2)).acked).toEqual(['m0']);

    // The second request met the 503, and the third the 401.
    const ids = await arrivedAt(sink, (index) => index !== 1 && index !== 2);
    expect(ids.toSorted()).toEqual(idsOf(batch.spans).toSorted());
  });

  test('a body that is refused for ever ends in the dead-letter queue and goes round no further', async () => {
    const { queue, bodies } = watchedQueue();
    const sink = openSink();
    const exporter = openaiExporter({
      apiKey: API_KEY,
      endpoint: sink.ingestUrl,
      fallback: queueExporter(queue),
    });
    await sink.setFaults({ status: 400 }, { status: 400 });
    await exporter.export(batchOf(spans(1)), { signal: AbortSignal.timeout(10_000) });
    expect(bodies).toHaveLength(1);
    const { acked, retried } = await consume(
      traceConsumer<object>({ exporters: [exporter] }),
      bodies,
      {},
    );
    expect(acked).toEqual([]);
    expect(Object.keys(retried)).toEqual(['m0']);
    expect(bodies).toHaveLength(1);
    expect(await sink.requests()).toHaveLength(2);
  });
});
