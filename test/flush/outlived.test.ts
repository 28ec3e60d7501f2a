/** Regressions: what outlives its request, its deadline or its event. Each title says what was wrong. */
import { createExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { createCustomSpan, withCustomSpan } from '@openai/agents';
import { Hono } from 'hono';
import { beforeEach, expect, it, vi } from 'vitest';
import { traceHandlers, withAgentTrace } from '../../src/handlers.ts';
import { agentTracing } from '../../src/middleware.ts';
import { PartialExportError } from '../../src/model/errors.ts';
import type { FlushReport, TraceExporter } from '../../src/model/exporter.ts';
import { definePolicy } from '../../src/policy/define.ts';
import { queueExporter } from '../../src/queue/exporter.ts';
import { memoryExporter, send, tracedApp } from '../support/app.ts';
import type { MemoryExporter } from '../support/app.ts';
import { observeTraces } from '../support/observe.ts';

const traces = observeTraces();
let memory: MemoryExporter;
beforeEach(() => {
  memory = memoryExporter();
  vi.spyOn(console, 'error').mockReturnValue();
  vi.spyOn(console, 'warn').mockReturnValue();
});

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const span = (name: string, ms = 0): Promise<void> =>
  withCustomSpan(() => sleep(ms), { data: { name } });
/** Work that a handler leaves behind without a word to anybody. */
const inBackground = (work: () => Promise<void>): void => {
  work().catch(() => undefined);
};
const base = () => ({ workflow: 'outlived', exporters: () => [memory] });

it('a call without a context waited for as long as an agent that it left running', async () => {
  const slow: TraceExporter = { name: 'slow', export: () => sleep(150) };
  const options = { ...base(), exporters: () => [slow], flush: { deadlineMs: 200 } };
  let isRunning = true;
  const start = Date.now();
  await withAgentTrace(options, { env: {} }, async () => {
    inBackground(async () => {
      while (isRunning) await span('loop', 50);
    });
  });
  expect(Date.now() - start).toBeLessThan(2_500);
  isRunning = false;
  await traces.flushed();
});

it('steps opened a connection each to a destination that hangs', async () => {
  let open = 0;
  let most = 0;
  const hanging: TraceExporter = {
    name: 'hanging',
    export: (_batch, { signal }) => {
      most = Math.max(most, (open += 1));
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          open -= 1;
          reject(new Error('given up'));
        });
      });
    },
  };
  const { app } = tracedApp({
    exporters: () => [hanging],
    flush: { maxSpans: 2, deadlineMs: 1_000 },
  });
  app.get('/', async (c) => {
    for (let n = 0; n < 40; n += 1) await span('work', 2);
    return c.text('ok');
  });
  await (await send(app)).text();
  await traces.flushed();
  expect(most).toBeLessThanOrEqual(2);
});

it('a Hono app that failed inside traceHandlers was stored as a success', async () => {
  for (const isMounted of [true, false]) {
    const app = new Hono();
    if (isMounted) app.use(agentTracing<object>(base()) as never);
    app.get('/', async () => {
      await span('work');
      throw new Error('thrown');
    });
    const { fetch } = traceHandlers<object>(base(), { fetch: app.fetch });
    const request = new Request('http://app.test/') as never;
    const response = await fetch?.(request, {}, createExecutionContext());
    expect(response?.status).toBe(500);
    await response?.text();
    await traces.flushed();
  }
  expect(memory.traces.map(({ status }) => status)).toEqual(['error', 'error']);
});

it('a span that ended in another event of its object was exported twice', async () => {
  const options = { ...base(), flush: { deadlineMs: 300 } };
  let shared: ReturnType<typeof createCustomSpan> | undefined;
  const call = () => ({ env: {}, ctx: createExecutionContext() });
  await withAgentTrace(options, call(), () => {
    shared = createCustomSpan({ data: { name: 'shared' } });
    shared.start();
  });
  await withAgentTrace(options, call(), async () => {
    await span('other');
    shared?.end();
  });
  await traces.flushed();
  expect(memory.spans.filter(({ facts }) => facts.name === 'shared')).toMatchObject([
    { ended_at: expect.any(String) },
  ]);
});

it('a step that began while the destinations were served was missing from the account', async () => {
  let call = 0;
  const slow: TraceExporter = {
    name: 'slow',
    export: async () => {
      call += 1;
      if (call === 1) await sleep(300);
      if (call === 2) await new Promise(() => {});
    },
  };
  const { app } = tracedApp({
    exporters: () => [slow],
    flush: { maxSpans: 5, deadlineMs: 1_000 },
  });
  let flushed: Promise<FlushReport> | undefined;
  app.get('/', async (c) => {
    ({ flushed } = c.var.agentTrace);
    await span('first');
    inBackground(async () => {
      await sleep(80);
      for (let n = 0; n < 12; n += 1) await span('work', 5);
    });
    return c.text('ok');
  });
  await (await send(app)).text();
  await traces.flushed();
  expect((await flushed)?.captured).toBe(13);
});

it('a handler that outlived its client and the deadline drew later calls into its trace', async () => {
  const options = { ...base(), flush: { deadlineMs: 100 } };
  const client = new AbortController();
  let inner: Promise<void> | undefined;
  const { fetch } = traceHandlers<object>(options, {
    async fetch() {
      await span('outer');
      setTimeout(() => {
        const own = { env: {}, ctx: createExecutionContext() };
        inner = withAgentTrace(options, own, () => span('inner'));
      }, 500);
      await sleep(400);
      return new Response('ok');
    },
  });
  setTimeout(() => client.abort(), 20);
  const request = new Request('http://app.test/', { signal: client.signal }) as never;
  await (await fetch?.(request, {}, createExecutionContext()))?.text();
  await sleep(200);
  await inner;
  await traces.flushed();
  const traceOf = (name: string) => memory.spans.find(({ facts }) => facts.name === name)?.trace_id;
  expect(traceOf('inner')).toMatch(/^trace_/);
  expect(traceOf('inner')).not.toBe(traceOf('outer'));
});

it('a loss that an exporter carried and took only part of was never told', async () => {
  const lost: (number | undefined)[] = [];
  let call = 0;
  const flaky: TraceExporter = {
    name: 'flaky',
    export: async (batch) => {
      call += 1;
      if (call === 1) throw new Error('down');
      if (call === 2) throw new PartialExportError('the second half only', 1);
      lost.push(batch.lost);
    },
  };
  const { app } = tracedApp({ exporters: () => [flaky] });
  app.get('/', async (c) => {
    for (let n = 0; n < 3; n += 1) await span('work');
    return c.text('ok');
  });
  for (let n = 0; n < 3; n += 1) {
    await (await send(app)).text();
    await traces.flushed();
  }
  expect(lost).toEqual([3]);
});

it('a lost step was told as lost although the last word without spans arrived', async () => {
  const batches: (number | undefined)[] = [];
  let call = 0;
  const flaky: TraceExporter = {
    name: 'flaky',
    export: async (batch) => {
      call += 1;
      if (call === 1) throw new Error('down');
      batches.push(batch.lost);
    },
  };
  const { app } = tracedApp({ exporters: () => [flaky], flush: { maxSpans: 5 } });
  app.get('/:spans', async (c) => {
    for (let n = 0; n < Number(c.req.param('spans')); n += 1) await span('work');
    await sleep(30);
    return c.text('ok');
  });
  for (const spans of [5, 1]) {
    await (await send(app, `/${spans}`)).text();
    await traces.flushed();
  }
  expect(batches).toEqual([undefined, undefined]);
});

it('the consumer of its own queue fed itself with empty traces', async () => {
  const sent: unknown[] = [];
  const queue = {
    sendBatch: async (messages: Iterable<unknown>) => void sent.push(...messages),
  } as unknown as Queue;
  const options = { ...base(), exporters: () => [queueExporter(queue)], exportEmpty: true };
  const { queue: handler } = traceHandlers<object>(options, { queue: async () => {} });
  const batch = {
    queue: 'traces',
    messages: [],
    ackAll() {},
    retryAll() {},
  } as unknown as MessageBatch;
  await handler?.(batch, env, createExecutionContext());
  await traces.flushed();
  expect(sent).toEqual([]);
});

it('error texts that the policy keeps did not count against the memory of a request', async () => {
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => (open = resolve));
  const held: TraceExporter = { name: 'held', export: () => gate };
  const errorsOnly = definePolicy({ errors: 'keep', metadata: 'keep' });
  const { app } = tracedApp({ exporters: () => [held], policy: errorsOnly });
  app.get('/', async (c) => {
    for (let n = 0; n < 60; n += 1) {
      await withCustomSpan(
        async (current) => {
          current.setError({ message: 'e'.repeat(900_000) });
          await sleep(0);
        },
        { data: { name: 'work' } },
      );
    }
    open();
    return c.text('done');
  });
  await (await send(app)).text();
  const { reports } = await traces.flushed();
  const exported = reports.reduce(
    (sum, { destinations }) => sum + (destinations['held']?.exported ?? 0),
    0,
  );
  expect(exported).toBe(35);
});
