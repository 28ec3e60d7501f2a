import { createExecutionContext } from 'cloudflare:test';
import { Agent, run, withCustomSpan, withTrace } from '@openai/agents';
import { Hono } from 'hono';
import { stream, streamSSE } from 'hono/streaming';
import { describe, expect, it } from 'vitest';
import { registeredTraces } from '../../src/capture/registry.ts';
import { scripted, send, toolThenText, tracedApp, tracing } from '../support/app.ts';
import { observeTraces } from '../support/observe.ts';

const traces = observeTraces();

const kinds = (spans: { facts: { kind: string } }[]): string[] =>
  spans.map((span) => span.facts.kind).toSorted((a, b) => a.localeCompare(b));
const ONE_RUN = ['agent', 'function', 'response', 'response', 'task', 'turn', 'turn'];

async function answer(question = 'Where is A-1?'): Promise<string> {
  const { runner, agent } = scripted(toolThenText);
  return (await runner.run(agent, question)).finalOutput ?? '';
}

describe('a plain run', () => {
  it('exports each span once, with model and usage and without content', async () => {
    const { app } = tracedApp();
    app.get('/', async (c) => c.text(await answer()));
    const response = await send(app);
    expect(await response.text()).toBe('Your order is on its way.');
    const { spans, traces: records, reports } = await traces.flushed();
    expect(kinds(spans)).toEqual(ONE_RUN);
    expect(JSON.stringify(spans)).not.toContain('A-1');
    expect(JSON.stringify(spans)).not.toContain('on its way');
    expect(records).toMatchObject([{ workflow_name: 'support_triage', status: 'ok' }]);
    expect(reports).toMatchObject([{ captured: 7, truncated: 0, reason: 'response' }]);
    expect(spans.find((span) => span.facts.finish_reason)?.facts).toMatchObject({
      model: 'gpt-test',
      usage: { input_tokens: 10, output_tokens: 5 },
    });
  });

  it('counts each token of a trace once, where it was spent', async () => {
    const { app } = tracedApp();
    app.get('/', async (c) => c.text(await answer()));
    await (await send(app)).text();
    const { spans } = await traces.flushed();
    const counted = spans.filter((span) => span.facts.counts_usage);
    expect(counted.map((span) => span.facts.kind)).toEqual(['response', 'response']);
    expect(counted.reduce((sum, span) => sum + (span.facts.usage?.input_tokens ?? 0), 0)).toBe(30);
  });

  it('that fails after its handler caught the error still leaves a trace with status error', async () => {
    const { app } = tracedApp();
    app.get('/', async (c) => {
      const { runner, agent } = scripted([{ error: { status: 500, message: 'canary-message' } }]);
      return c.text(
        await runner.run(agent, 'hi').then(
          () => 'fine',
          () => 'sorry',
        ),
      );
    });
    await (await send(app)).text();
    const { spans, traces: records } = await traces.flushed();
    expect(records).toMatchObject([{ status: 'error' }]);
    expect(spans.some((span) => span.facts.error_kind === 'model_error')).toBe(true);
    expect(JSON.stringify(spans)).not.toContain('canary-message');
  });

  it('of 40 concurrent requests lands in its own trace only', async () => {
    const { app, memory } = tracedApp();
    app.get('/:n', async (c) => c.text(await answer(`question ${c.req.param('n')}`)));
    const requests = Array.from({ length: 40 }, (_, n) =>
      send(app, `/${n}`, { headers: { 'x-group-id': `group-${n}` } }).then((response) =>
        response.text(),
      ),
    );
    await Promise.all(requests);
    await traces.flushed();
    expect(memory.batches).toHaveLength(40);
    for (const batch of memory.batches) {
      expect(batch.traces).toHaveLength(1);
      expect(kinds(batch.spans)).toEqual(ONE_RUN);
      expect(new Set(batch.spans.map((span) => span.trace_id))).toEqual(
        new Set([batch.traces[0]?.id]),
      );
    }
    expect(new Set(memory.traces.map((trace) => trace.group_id)).size).toBe(40);
    expect(registeredTraces()).toBe(0);
  });
});

describe('a streamed run', () => {
  function streamingApp(): Hono {
    const { app } = tracedApp();
    app.get('/', (c) =>
      streamSSE(c, async (sse) => {
        const { runner, agent } = scripted(toolThenText);
        const result = await runner.run(agent, 'Where is A-1?', { stream: true });
        for await (const event of result) {
          if (event.type === 'raw_model_stream_event' && event.data.type === 'output_text_delta') {
            await sse.writeSSE({ data: event.data.delta });
          }
        }
      }),
    );
    return app;
  }

  it('whose stream the client reads to its end loses no span', async () => {
    const text = await (await send(streamingApp())).text();
    expect(text.match(/data: (.*)/g)?.length).toBeGreaterThan(1);
    const { spans, reports } = await traces.flushed();
    expect(kinds(spans)).toEqual(ONE_RUN);
    expect(reports).toMatchObject([{ captured: 7, truncated: 0, reason: 'stream-end' }]);
  });

  it('is not concluded while the client is still reading, however long that takes', async () => {
    const { app, memory } = tracedApp({ flush: { deadlineMs: 100 } });
    let finishBody: () => void = () => {};
    const held = new Promise<void>((resolve) => (finishBody = resolve));
    app.get('/', (c) =>
      stream(c, async (body) => {
        await body.write('first');
        await answer();
        await held;
        await body.write('last');
      }),
    );
    const response = await send(app);
    const reader = response.body!.getReader();
    await reader.read();
    await expect(traces.flushed({ timeoutMs: 400 })).rejects.toThrow(/response body to be read/);
    expect(memory.traces.every((trace) => trace.status === 'incomplete')).toBe(true);
    finishBody();
    while (!(await reader.read()).done);
    const { reports } = await traces.flushed();
    expect(reports.reduce((sum, report) => sum + report.captured, 0)).toBe(7);
    expect(reports.at(-1)).toMatchObject({ reason: 'stream-end' });
    expect(memory.traces.at(-1)).toMatchObject({ status: 'ok' });
    expect(new Set(memory.spans.map((span) => span.id)).size).toBe(memory.spans.length);
  });

  it('that the client gives up is exported with the reason cancel', async () => {
    const { app } = tracedApp({ flush: { deadlineMs: 300 } });
    app.get('/', (c) =>
      stream(c, async (body) => {
        await answer();
        for (let n = 0; n < 1_000 && !body.aborted; n += 1) await body.write(`chunk ${n}\n`);
      }),
    );
    const response = await send(app);
    const reader = response.body!.getReader();
    await reader.read();
    await reader.cancel('gone');
    const { reports } = await traces.flushed();
    expect(reports).toMatchObject([{ reason: 'cancel', captured: 7, truncated: 0 }]);
  });

  it('begun inside a pull() long after the handler returned lands in the same trace', async () => {
    const { app, memory } = tracedApp();
    app.get('/', (c) => {
      const encoder = new TextEncoder();
      let pulls = 0;
      const body = new ReadableStream<Uint8Array>(
        {
          async pull(controller) {
            pulls += 1;
            if (pulls === 1) return controller.enqueue(encoder.encode('head '));
            await new Promise((resolve) => setTimeout(resolve, 20));
            controller.enqueue(encoder.encode(await answer()));
            controller.close();
          },
        },
        { highWaterMark: 0 },
      );
      return c.body(body);
    });
    expect(await (await send(app)).text()).toBe('head Your order is on its way.');
    const { spans, traces: records } = await traces.flushed();
    expect(kinds(spans)).toEqual(ONE_RUN);
    expect(records).toHaveLength(1);
    expect(new Set(memory.spans.map((span) => span.trace_id))).toEqual(new Set([records[0]?.id]));
  });

  it('whose body breaks off leaves a trace with status error', async () => {
    const { app } = tracedApp();
    app.get('/', async (c) => {
      await answer();
      let pulls = 0;
      return c.body(
        new ReadableStream({
          pull(controller) {
            pulls += 1;
            if (pulls > 1) controller.error(new Error('source failed'));
            else controller.enqueue(new TextEncoder().encode('part'));
          },
        }),
      );
    });
    const response = await send(app);
    await expect(response.text()).rejects.toThrow();
    const { traces: records, reports } = await traces.flushed();
    expect(reports).toMatchObject([{ reason: 'error', captured: 7 }]);
    expect(records).toMatchObject([{ status: 'error' }]);
  });
});

describe('work beside the response', () => {
  it('given to waitUntil is captured, also when its run begins after the flush', async () => {
    const { app, memory } = tracedApp();
    app.get('/', (c) => {
      c.executionCtx.waitUntil(
        (async () => {
          await new Promise((resolve) => setTimeout(resolve, 60));
          await answer();
        })(),
      );
      return c.text('accepted');
    });
    await (await send(app)).text();
    await expect.poll(() => memory.spans.length, { timeout: 3_000 }).toBe(7);
    expect(new Set(memory.traces.map((trace) => trace.id)).size).toBe(1);
    expect(memory.traces.at(-1)).toMatchObject({ status: 'ok' });
    const { reports } = await traces.flushed();
    expect(reports.at(-1)).toMatchObject({ reason: 'late', captured: 7 });
  });

  it('given to agentTrace.waitUntil keeps the flush open for its spans', async () => {
    const { app } = tracedApp();
    app.get('/', (c) => {
      c.var.agentTrace.waitUntil(
        (async () => {
          await new Promise((resolve) => setTimeout(resolve, 60));
          await answer();
        })(),
      );
      return c.text('accepted');
    });
    await (await send(app)).text();
    const { reports } = await traces.flushed();
    expect(reports).toMatchObject([{ reason: 'response', captured: 7 }]);
  });

  it('that a rejected promise stands for breaks nothing', async () => {
    const { app } = tracedApp();
    app.get('/', async (c) => {
      c.var.agentTrace.waitUntil(Promise.reject(new Error('background failed')));
      return c.text(await answer());
    });
    expect(await (await send(app)).text()).toBe('Your order is on its way.');
    expect((await traces.flushed()).reports).toMatchObject([{ captured: 7 }]);
  });
});

describe('traces of the application itself', () => {
  it('opened inside the request go out with it, under their own id, name and group', async () => {
    const { app } = tracedApp({ metadataKeys: ['plan'] });
    app.get('/', async (c) => {
      await withTrace('nightly_summary', () => answer(), {
        groupId: 'thread-7',
        metadata: { plan: 'pro', secret_note: 'x' },
      });
      return c.text('done');
    });
    await (await send(app)).text();
    const { traces: records, spans, reports } = await traces.flushed();
    expect(records).toMatchObject([
      { workflow_name: 'nightly_summary', group_id: 'thread-7', metadata: { plan: 'pro' } },
    ]);
    expect(records[0]?.metadata).not.toHaveProperty('secret_note');
    expect(new Set(spans.map((span) => span.trace_id))).toEqual(new Set([records[0]?.id]));
    expect(reports[0]?.refused).toMatchObject({ 'metadata.undeclared': 1 });
  });

  it('with a name that is user text take the name of the workflow', async () => {
    const { app } = tracedApp();
    app.get('/', async (c) => {
      await withTrace('Where is my order, it is late!', () => answer());
      return c.text('done');
    });
    await (await send(app)).text();
    const { traces: records, reports } = await traces.flushed();
    expect(records).toMatchObject([{ workflow_name: 'support_triage' }]);
    expect(reports[0]?.refused).toMatchObject({ workflow: 1 });
  });

  it('that start and end twice under one id, as a resumed approval does, are one trace', async () => {
    const { app } = tracedApp();
    const traceId = `trace_${'ab'.repeat(16)}`;
    app.get('/', async (c) => {
      await withTrace(
        'resumable',
        () => withCustomSpan(async () => 1, { data: { name: 'first' } }),
        { traceId },
      );
      await withTrace(
        'resumable',
        () => withCustomSpan(async () => 2, { data: { name: 'second' } }),
        { traceId },
      );
      return c.text('done');
    });
    await (await send(app)).text();
    const { traces: records, spans } = await traces.flushed();
    expect(records.map((trace) => trace.id)).toEqual([traceId]);
    expect(spans).toHaveLength(2);
  });
});

describe('mounting', () => {
  it('twice opens one trace', async () => {
    const { app } = tracedApp();
    app.use(tracing({ workflow: 'second_mount' }));
    app.get('/', async (c) => c.text(await answer()));
    await (await send(app)).text();
    const { traces: records } = await traces.flushed();
    expect(records).toMatchObject([{ workflow_name: 'support_triage' }]);
  });

  it('an app with its own middleware below a traced one opens one trace', async () => {
    const { app } = tracedApp();
    const inner = new Hono();
    inner.use(tracing({ workflow: 'inner_app' }));
    inner.get('/run', async (c) => c.text(`${c.var.agentTrace.workflow}: ${await answer()}`));
    app.mount('/inner', inner.fetch);
    expect(await (await send(app, '/inner/run')).text()).toMatch(/^support_triage: /);
    const { traces: records } = await traces.flushed();
    expect(records).toHaveLength(1);
  });

  it('without an ExecutionContext, as in app.request(), works detached', async () => {
    const { app } = tracedApp();
    app.get('/', async (c) => c.text(await answer()));
    expect(await (await app.request('/')).text()).toBe('Your order is on its way.');
    expect((await traces.flushed()).reports).toMatchObject([{ captured: 7 }]);
  });
});

describe('a request without a run', () => {
  it('exports nothing', async () => {
    const { app, memory } = tracedApp();
    app.get('/', (c) => c.text('static'));
    await (await send(app)).text();
    const { reports } = await traces.flushed();
    expect(memory.batches).toEqual([]);
    expect(reports).toMatchObject([{ captured: 0 }]);
  });

  it('exports its empty trace where exportEmpty asks for it', async () => {
    const { app, memory } = tracedApp({ exportEmpty: true });
    app.get('/', (c) => c.text('static'));
    await (await send(app)).text();
    await traces.flushed();
    expect(memory.batches).toMatchObject([
      { traces: [{ workflow_name: 'support_triage' }], spans: [] },
    ]);
  });

  it('that only records an outcome exports that', async () => {
    const { app, memory } = tracedApp();
    app.get('/', (c) => {
      c.var.agentTrace.outcome('schema_valid', false, 'missing_field');
      return c.text('static');
    });
    await (await send(app)).text();
    await traces.flushed();
    expect(memory.spans).toMatchObject([
      {
        span_data: { type: 'custom', name: 'outcome' },
        facts: { outcome: { name: 'schema_valid', passed: false, code: 'missing_field' } },
      },
    ]);
  });
});

describe('runs outside a traced request', () => {
  it("are nobody's and leave nothing behind", async () => {
    const before = registeredTraces();
    const { runner, agent } = scripted(toolThenText);
    await runner.run(agent, 'hello');
    expect(registeredTraces()).toBe(before);
  });
});

describe('a nested agent used as a tool', () => {
  it('that fails inside a run which recovers does not fail the trace', async () => {
    const { app } = tracedApp();
    app.get('/', async (c) => {
      const { runner, agent } = scripted([
        { toolCalls: [{ name: 'broken_tool', arguments: { id: 'x' } }] },
        { text: 'recovered' },
      ]);
      return c.text((await runner.run(agent, 'go')).finalOutput ?? '');
    });
    await (await send(app)).text();
    const { traces: records, spans } = await traces.flushed();
    expect(records).toMatchObject([{ status: 'ok' }]);
    expect(spans.filter((span) => span.facts.error_kind === 'tool_error')).toHaveLength(1);
  });
});

describe('the thrown error of a handler', () => {
  it('reaches the client as without tracing, and the trace has status error', async () => {
    const { app } = tracedApp();
    app.get('/', async () => {
      await answer();
      throw new Error('handler failed');
    });
    app.onError((error, c) => c.text(`handled: ${error.message}`, 503));
    const response = await send(app);
    expect([response.status, await response.text()]).toEqual([503, 'handled: handler failed']);
    const { traces: records, reports } = await traces.flushed();
    expect(records).toMatchObject([{ status: 'error' }]);
    expect(reports).toMatchObject([{ reason: 'error' }]);
  });

  it('that is no Error rejects as without tracing and fabricates no answer', async () => {
    const { app } = tracedApp();
    app.get('/', async () => {
      await answer();
      // oxlint-disable-next-line typescript/only-throw-error -- Hono lets through what is no Error
      throw 'a string';
    });
    await expect(
      app.fetch(new Request('http://app.test/'), {}, createExecutionContext()),
    ).rejects.toBe('a string');
    const { traces: records } = await traces.flushed();
    expect(records).toMatchObject([{ status: 'error' }]);
  });
});

it("a run with the SDK's plain run() function is captured as well", async () => {
  const { app } = tracedApp();
  app.get('/', async (c) => {
    const { agent, runner } = scripted(toolThenText);
    const model = await runner.config.modelProvider.getModel('gpt-test');
    const result = await run(new Agent({ name: agent.name, tools: agent.tools, model }), 'hi');
    return c.text(result.finalOutput ?? '');
  });
  await (await send(app)).text();
  expect(kinds((await traces.flushed()).spans)).toEqual(ONE_RUN);
});
