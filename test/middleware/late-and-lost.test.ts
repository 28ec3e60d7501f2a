import {
  addTraceProcessor,
  getGlobalTraceProvider,
  setTraceProcessors,
  withCustomSpan,
  withTrace,
} from '@openai/agents';
import type { TracingProcessor } from '@openai/agents';
import { Hono } from 'hono';
import { stream } from 'hono/streaming';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { registeredTraces } from '../../src/capture/registry.ts';
import { addObserver } from '../../src/flush/observe.ts';
import { fromHeader } from '../../src/identity/group.ts';
import type { TraceExporter } from '../../src/model/exporter.ts';
import { memoryExporter, send, tracedApp, tracing } from '../support/app.ts';
import { observeTraces } from '../support/observe.ts';

const traces = observeTraces();
beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  vi.spyOn(console, 'warn').mockImplementation(() => {});
});
// Whatever a test registered goes; the next request brings ours back.
afterEach(() => setTraceProcessors([]));

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const work = (name: string, act: () => unknown = () => name): Promise<unknown> =>
  withCustomSpan(async () => act(), { data: { name } });
const fail = (): never => {
  throw new Error('failed');
};

describe('regression', () => {
  it.each([0, 20, 40, 60])(
    'spans that ended %i ms into the export were lost in silence',
    async (delayMs) => {
      const memory = memoryExporter();
      const slow: TraceExporter = {
        name: 'slow',
        async export(batch, context) {
          await pause(50);
          await memory.export(batch, context);
        },
      };
      const { app } = tracedApp({ exporters: () => [slow] });
      app.get('/', async (c) => {
        await work('first');
        c.executionCtx.waitUntil(pause(delayMs).then(() => work('second')));
        return c.text('ok');
      });
      await (await send(app)).text();
      await expect
        .poll(() => memory.spans.map((span) => span.facts.name), { timeout: 2_000 })
        .toEqual(['first', 'second']);
      await expect.poll(() => registeredTraces()).toBe(0);
    },
  );

  it('an outcome after a failed run cleared the status of the trace', async () => {
    const { app, memory } = tracedApp();
    app.get('/', async (c) => {
      await work('run', fail).catch(() => undefined);
      c.var.agentTrace.outcome('answered', false);
      return c.text('ok');
    });
    await (await send(app)).text();
    await traces.flushed();
    expect(memory.traces).toMatchObject([{ status: 'error' }]);
  });

  it('spans of a request went to another request that had a trace of the same id open', async () => {
    const app = new Hono();
    const memory = memoryExporter();
    app.use(tracing({ exporters: () => [memory] }));
    const traceId = `trace_${'cd'.repeat(16)}`;
    app.get('/:name', async (c) => {
      const name = c.req.param('name');
      await withTrace('shared', () => work(name, () => pause(name === 'long' ? 60 : 5)), {
        traceId,
      });
      return c.text('ok');
    });
    const init = (group: string): RequestInit => ({ headers: { 'x-request-id': group } });
    const long = send(app, '/long', init('long'));
    await pause(10);
    await send(app, '/short', init('short'));
    await long;
    await traces.flushed();
    const seen = memory.batches.map(({ traces: [trace], spans }) => [
      trace?.request_id,
      spans.map((span) => span.facts.name),
    ]);
    expect(seen).toEqual([
      ['short', ['short']],
      ['long', ['long']],
    ]);
  });

  it('a trace of the application in a handler that threw was stored as ok', async () => {
    const { app, memory } = tracedApp();
    app.get('/', async () => {
      await withTrace('own_trace', () => work('run'));
      return fail();
    });
    await (await send(app)).text();
    await traces.flushed();
    expect(memory.traces).toMatchObject([{ workflow_name: 'own_trace', status: 'error' }]);
  });

  it("an outcome inside a trace of the application had the id of the request's trace", async () => {
    const { app, memory } = tracedApp();
    app.get('/', async (c) => {
      await withTrace('own_trace', () =>
        work('run', () => c.var.agentTrace.outcome('checked', true)),
      );
      return c.text('ok');
    });
    await (await send(app)).text();
    await traces.flushed();
    expect(new Set(memory.spans.map((span) => span.trace_id)).size).toBe(1);
    const [outcome, run] = memory.spans;
    expect(outcome?.parent_id).toBe(run?.id);
  });

  it('work that was still held at the deadline left the status ok', async () => {
    const { app, memory } = tracedApp({ flush: { deadlineMs: 100 } });
    app.get('/', async (c) => {
      await work('run');
      c.var.agentTrace.waitUntil(new Promise(() => {}));
      return c.text('ok');
    });
    await (await send(app)).text();
    await traces.flushed();
    expect(memory.traces).toMatchObject([{ status: 'truncated' }]);
  });

  it('waitUntil(undefined) answered 500 where tracing is off', async () => {
    const { app } = tracedApp({ enabled: false });
    app.get('/', (c) => {
      c.var.agentTrace.waitUntil(undefined as unknown as Promise<void>);
      return c.text('ok');
    });
    expect((await send(app)).status).toBe(200);
  });

  it('a hanging step kept the last flush past the deadline', async () => {
    const hanging: TraceExporter = { name: 'hanging', export: () => new Promise(() => {}) };
    const { app } = tracedApp({
      exporters: () => [hanging],
      flush: { deadlineMs: 300, maxSpans: 2 },
    });
    app.get('/', async (c) => {
      await pause(250);
      for (const name of ['a', 'b', 'c']) await work(name);
      return c.text('ok');
    });
    await (await send(app)).text();
    const start = Date.now();
    await traces.flushed();
    expect(Date.now() - start).toBeLessThan(550);
  });

  it('a processor that throws before ours had ours added once more by each request', async () => {
    const { app, memory } = tracedApp();
    app.get('/', async (c) => {
      await work('run');
      return c.text('ok');
    });
    const nothing = async (): Promise<void> => {};
    const throwing: TracingProcessor = {
      onTraceStart: async () => fail(),
      onTraceEnd: nothing,
      onSpanStart: nothing,
      onSpanEnd: nothing,
      forceFlush: nothing,
      shutdown: nothing,
    };
    setTraceProcessors([{ ...throwing, onTraceStart: nothing }]);
    await (await send(app)).text();
    await traces.flushed();
    memory.batches.length = 0;
    addTraceProcessor(throwing);
    for (let n = 0; n < 3; n += 1) await (await send(app)).text();
    await traces.flushed();
    expect(memory.spans).toHaveLength(3);
  });

  it('a body whose cancel() never settles was never flushed when the client left', async () => {
    const { app } = tracedApp({ flush: { deadlineMs: 200 } });
    app.get('/', async (c) => {
      await work('run');
      const body = new ReadableStream({
        pull: (controller) => controller.enqueue(new TextEncoder().encode('chunk')),
        cancel: () => new Promise<void>(() => {}),
      });
      return c.body(body);
    });
    const reader = (await send(app)).body!.getReader();
    await reader.read();
    await reader.cancel();
    expect((await traces.flushed()).reports).toMatchObject([{ reason: 'cancel', captured: 1 }]);
  });

  it('a run inside the pull() of a byte stream was lost', async () => {
    const { app } = tracedApp();
    app.get('/', (c) => {
      const body = new ReadableStream({
        type: 'bytes',
        async pull(controller) {
          await work('late');
          controller.enqueue(new TextEncoder().encode('done'));
          controller.close();
        },
      });
      return c.body(body);
    });
    expect(await (await send(app)).text()).toBe('done');
    expect((await traces.flushed()).spans).toMatchObject([{ facts: { name: 'late' } }]);
  });

  it('a stream with the content encoding "identity" counted as ended when it was returned', async () => {
    const { app } = tracedApp();
    app.get('/', (c) => {
      c.header('content-encoding', 'Identity');
      return stream(c, async (body) => {
        await body.write('a');
        await work('late');
      });
    });
    await (await send(app)).text();
    expect((await traces.flushed()).reports).toMatchObject([{ reason: 'stream-end', captured: 1 }]);
  });

  it('a streamed body that another middleware replaced kept its spans for ever', async () => {
    const memory = memoryExporter();
    const app = new Hono();
    app.use(async (c, next) => {
      await next();
      c.res = undefined;
      c.res = new Response('replaced');
    });
    app.use(tracing({ exporters: () => [memory], flush: { deadlineMs: 100 } }));
    app.get('/', (c) =>
      stream(c, async (body) => {
        await work('run');
        await body.write('never read');
      }),
    );
    expect(await (await send(app)).text()).toBe('replaced');
    await expect.poll(() => memory.spans.length).toBe(1);
  });

  it('a late run whose spans forceFlush() had taken stayed incomplete for ever', async () => {
    const { app, memory } = tracedApp();
    app.get('/', (c) => {
      c.executionCtx.waitUntil(
        pause(40).then(async () => {
          await work('late');
          await getGlobalTraceProvider().forceFlush();
        }),
      );
      return c.text('ok');
    });
    await (await send(app)).text();
    await expect.poll(() => memory.traces.at(-1)?.status).toBe('ok');
    expect(memory.spans).toHaveLength(1);
  });

  it('metadata that was set after the flush was lost', async () => {
    const { app, memory } = tracedApp();
    app.get('/', async (c) => {
      const { agentTrace } = c.var;
      await work('run');
      c.executionCtx.waitUntil(
        pause(60).then(() => agentTrace.setMetadata({ approval_state: 'approved' })),
      );
      return c.text('ok');
    });
    await (await send(app)).text();
    await expect.poll(() => memory.traces.at(-1)?.metadata['approval_state']).toBe('approved');
  });

  it('awaiting `flushed` inside a span hung the request for ever', async () => {
    const { app } = tracedApp({ flush: { deadlineMs: 300 } });
    app.get('/', async (c) => {
      await work('run', () => c.var.agentTrace.flushed);
      return c.text('ok');
    });
    expect(await (await send(app)).text()).toBe('ok');
  });

  it('forceFlush() exported traces that sampling would have dropped', async () => {
    const { app, memory } = tracedApp({ sampling: { head: 0 } });
    app.get('/', async (c) => {
      await work('run');
      await getGlobalTraceProvider().forceFlush();
      return c.text('ok');
    });
    await (await send(app)).text();
    expect((await traces.flushed()).reports).toMatchObject([
      { captured: 1, destinations: { memory: { dropped: { sampled_out: 1 } } } },
    ]);
    expect(memory.batches).toEqual([]);
  });

  it('a trace id that does not end in hex escaped head: 0', async () => {
    const { app, memory } = tracedApp({ sampling: { head: 0 } });
    app.get('/', async (c) => {
      await withTrace('own_trace', () => work('run'), { traceId: 'trace_of_my_own_making' });
      return c.text('ok');
    });
    await (await send(app)).text();
    await traces.flushed();
    expect(memory.batches).toEqual([]);
  });

  it('an exporter could abort the export of the others', async () => {
    const meddler: TraceExporter = {
      name: 'meddler',
      async export(_, context) {
        expect(context).not.toHaveProperty('abort');
      },
    };
    const { app } = tracedApp({ exporters: () => [meddler] });
    app.get('/', async (c) => {
      await work('run');
      return c.text('ok');
    });
    await (await send(app)).text();
    expect((await traces.flushed()).reports).toMatchObject([
      { destinations: { meddler: { exported: 1, failed: 0 } } },
    ]);
  });

  it('a resumed trace counted the request id of its first request as refused', async () => {
    const { app } = tracedApp();
    app.get('/', async (c) => {
      const metadata = { request_id: 'earlier', prompt_version: 'v7' };
      await withTrace('resumed', () => work('run'), { metadata });
      return c.text('ok');
    });
    await (await send(app, '/', { headers: { 'x-request-id': 'now' } })).text();
    const { reports, traces: records } = await traces.flushed();
    expect(reports[0]?.refused).toEqual({});
    expect(records).toMatchObject([{ metadata: { request_id: 'now', prompt_version: 'v7' } }]);
  });

  it('a processor slower than the request began its trace again after the flush', async () => {
    const { app, memory } = tracedApp();
    app.get('/', async (c) => {
      await work('run');
      return c.text('ok');
    });
    const nothing = async (): Promise<void> => {};
    const slow: TracingProcessor = {
      onTraceStart: nothing,
      onTraceEnd: nothing,
      onSpanStart: nothing,
      onSpanEnd: nothing,
      forceFlush: nothing,
      shutdown: nothing,
    };
    setTraceProcessors([slow]);
    await (await send(app)).text();
    await traces.flushed();
    // Ours has been brought back behind this one, so it hears of the start; then a third one is slow.
    addTraceProcessor({ ...slow, onTraceStart: () => pause(60) });
    let flushes = 0;
    const nothingElse = { opened() {}, handed() {}, settled() {} };
    const stop = addObserver({ ...nothingElse, flushed: () => (flushes += 1) });
    await (await send(app)).text();
    await traces.flushed();
    await pause(100);
    stop();
    expect(flushes).toBe(1);
    expect(memory.spans).toHaveLength(2);
  });

  it('setMetadata that accepted nothing sent the trace again', async () => {
    const { app, memory } = tracedApp();
    app.get('/', async (c) => {
      const { agentTrace } = c.var;
      await work('run');
      c.executionCtx.waitUntil(pause(30).then(() => agentTrace.setMetadata({ undeclared: 'x' })));
      return c.text('ok');
    });
    await (await send(app)).text();
    await traces.flushed();
    await pause(80);
    expect(memory.batches).toHaveLength(1);
  });

  it('a group id whose hash secret was missing from env was stored as it came', () => {
    expect(() => fromHeader('x-user', { hash: undefined })).toThrow(/hash/);
  });
});
