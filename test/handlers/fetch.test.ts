import { describe, expect, it, vi } from 'vitest';
import { Hono } from 'hono';
import { currentTrace } from '../../src/request/current-trace.ts';
import { fromCookie, fromHeader } from '../../src/identity/group.ts';
import { scripted, send, toolThenText, tracing } from '../support/app.ts';
import { observeTraces } from '../support/observe.ts';
import { fail, fetcher, pause, spanNames, traced, work } from './support.ts';

const traces = observeTraces();

/** A body that writes text, does what `act` does, and writes again. */
function streaming(act: () => Promise<unknown>): Response {
  const encoder = new TextEncoder();
  const body = new ReadableStream({
    async start(controller) {
      controller.enqueue(encoder.encode('first '));
      await act();
      controller.enqueue(encoder.encode('last'));
      controller.close();
    },
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}

describe('a plain fetch handler', () => {
  it('has one trace a request, with the ids of its headers', async () => {
    const { options, memory } = traced();
    const { runner, agent } = scripted(toolThenText);
    const fetch = fetcher(options, async () => {
      const { finalOutput } = await runner.run(agent, 'Where is A-1?');
      return Response.json({ answer: finalOutput, trace: currentTrace()?.traceId });
    });
    const headers = { 'x-thread-id': 'thread-1', 'x-request-id': 'req-1' };
    const { answer, trace } = await (await fetch({ headers })).json<Record<string, string>>();
    const { reports } = await traces.flushed();
    expect(answer).toBe('Your order is on its way.');
    expect(memory.traces).toMatchObject([
      {
        id: trace,
        workflow_name: 'support_triage',
        group_id: 'thread-1',
        request_id: 'req-1',
        status: 'ok',
      },
    ]);
    expect(memory.spans.map(({ facts }) => facts.kind).toSorted()).toEqual([
      'agent',
      'function',
      'response',
      'response',
      'task',
      'turn',
      'turn',
    ]);
    expect(reports).toMatchObject([{ reason: 'response', captured: 7 }]);
  });

  it('is flushed when its streamed body has ended, not when it has returned', async () => {
    const { options, memory } = traced();
    const fetch = fetcher(options, () => streaming(() => work('behind the response')));
    const response = await fetch();
    expect(memory.batches).toEqual([]);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(await response.text()).toBe('first last');
    const { reports } = await traces.flushed();
    expect(spanNames(memory)).toEqual(['behind the response']);
    expect(reports).toMatchObject([{ reason: 'stream-end' }]);
  });

  it('is flushed when the reader gives its body up', async () => {
    const { options, memory } = traced();
    const fetch = fetcher(options, () => streaming(() => work('slow', () => pause(20))));
    await (await fetch()).body?.cancel();
    const { reports } = await traces.flushed();
    expect(spanNames(memory)).toEqual(['slow']);
    expect(reports).toMatchObject([{ reason: 'cancel' }]);
  });

  it('throws what it threw, and its trace is an error', async () => {
    const { options, memory } = traced();
    const error = new RangeError('mine');
    const fetch = fetcher(options, async () => {
      await work('before');
      throw error;
    });
    await expect(fetch()).rejects.toBe(error);
    const { reports } = await traces.flushed();
    expect(memory.traces).toMatchObject([{ status: 'error' }]);
    expect(reports).toMatchObject([{ reason: 'error' }]);
  });

  it('returns the very response where there is nothing to observe', async () => {
    const { options } = traced();
    const answer = Response.json({ ok: true });
    expect(await fetcher(options, () => answer)()).toBe(answer);
  });

  it('answers HEAD with the headers and ends its trace without a reader', async () => {
    const { options, memory } = traced();
    const cancelled = vi.fn();
    const fetch = fetcher(options, async () => {
      await work('asked');
      return new Response(new ReadableStream({ cancel: cancelled }), { headers: { 'x-a': '1' } });
    });
    expect((await fetch({ method: 'HEAD' })).headers.get('x-a')).toBe('1');
    await traces.flushed();
    expect(spanNames(memory)).toEqual(['asked']);
    await expect.poll(() => cancelled.mock.calls.length).toBe(1);
  });

  it('says its trace id in a header where that is wanted, also on a response that cannot be changed', async () => {
    const { options, memory } = traced({ exposeTraceId: true });
    const fixed = Response.redirect('http://worker.test/elsewhere', 302);
    expect(() => fixed.headers.set('x', 'y')).toThrow(TypeError);
    const fetch = fetcher(options, async () => {
      await work('asked');
      return fixed;
    });
    const response = await fetch();
    await traces.flushed();
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe('http://worker.test/elsewhere');
    expect(response.headers.get('x-trace-id')).toBe(memory.traces[0]?.id);
  });

  it('hands a WebSocket on as it is', async () => {
    const { options } = traced({ exposeTraceId: true });
    const { 0: client, 1: server } = new WebSocketPair();
    server.accept();
    const response = await fetcher(options, () => {
      return new Response(null, { status: 101, webSocket: client });
    })();
    expect(response.webSocket).toBe(client);
  });

  it('takes group ids from the sources that the middleware has', async () => {
    for (const [groupId, headers] of [
      [fromHeader('x-room'), { 'x-room': 'room-1' }],
      [fromCookie('room'), { cookie: 'a=b; room=room-1' }],
    ] as const) {
      const { options, memory } = traced({ groupId });
      await fetcher(options, async () => {
        await work('asked');
        return new Response('ok');
      })({ headers });
      await traces.flushed();
      expect(memory.traces).toMatchObject([{ group_id: 'room-1' }]);
    }
  });

  it('refuses hostile headers and counts them', async () => {
    const { options, memory } = traced();
    const fetch = fetcher(options, async () => {
      await work('asked');
      return new Response('ok');
    });
    await fetch({ headers: { 'x-thread-id': 'someone@example.com', 'x-request-id': "'; --" } });
    await traces.flushed();
    expect(memory.traces).toMatchObject([
      { group_id: null, refused: { group_id: 1, request_id: 1 } },
    ]);
  });

  it('has one trace together with the middleware inside it', async () => {
    const { options, memory } = traced();
    const app = new Hono();
    app.use(tracing({ exporters: () => [] }));
    app.get('/', async (c) => {
      await work('inside');
      return c.json(c.var.agentTrace.traceId);
    });
    const id = await (await fetcher(options, (request) => app.fetch(request))()).json();
    await traces.flushed();
    expect(memory.traces.map((trace) => trace.id)).toEqual([id]);
  });

  it('regression: a request that a timer made after its own had ended was added to the ended trace', async () => {
    const { options, memory } = traced();
    const app = new Hono();
    app.use(tracing({ exporters: () => [memory] }));
    app.get('/', async (c) => {
      await work('inside');
      return c.text('ok');
    });
    let later: Promise<unknown> = Promise.resolve();
    await fetcher(options, async () => {
      await work('outside');
      later = pause(30).then(() => send(app));
      return new Response('ok');
    })();
    await later;
    await traces.flushed();
    expect(memory.batches.map(({ spans }) => spans.map(({ facts }) => facts.name))).toEqual([
      ['outside'],
      ['inside'],
    ]);
    expect(memory.traces[0]?.id).not.toBe(memory.traces[1]?.id);
  });

  it('asks `enabled` of the request, and leaves it alone where the answer is no', async () => {
    const { options, memory } = traced({
      enabled: ({ request }) => request?.headers.get('x-trace') === 'yes',
    });
    const answer = new Response('ok');
    const fetch = fetcher(options, () => {
      currentTrace()?.outcome('asked', true);
      return answer;
    });
    expect(await fetch({ headers: { 'x-trace': 'no' } })).toBe(answer);
    await pause(5);
    expect(memory.batches).toEqual([]);
    await fetch({ headers: { 'x-trace': 'yes' } });
    await traces.flushed();
    expect(memory.batches).toHaveLength(1);
  });
});

describe('a fault of tracing', () => {
  it.each([
    ['an exporter that throws', { exporters: () => [{ name: 'broken', export: fail }] }],
    ['callbacks that throw', { workflow: fail, groupId: fail, metadata: fail }],
    ['enabled that throws', { enabled: fail }],
    ['exporters that throw', { exporters: fail }],
    ['onFlush that throws', { onFlush: fail }],
  ])('reaches no client: %s', async (_, options) => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const fetch = fetcher(traced(options).options, () => {
      currentTrace()?.outcome('asked', true);
      return new Response('ok');
    });
    expect(await (await fetch()).text()).toBe('ok');
  });
});
