import { createExecutionContext } from 'cloudflare:test';
import { setTracingDisabled } from '@openai/agents';
import { describe, expect, it, vi } from 'vitest';
import { withAgentTrace } from '../../src/handlers.ts';
import type { TraceCall } from '../../src/handlers.ts';
import type { ActiveTrace } from '../../src/request/active-trace.ts';
import { currentTrace } from '../../src/request/current-trace.ts';
import { memoryExporter } from '../support/app.ts';
import { observeTraces } from '../support/observe.ts';
import { fail, pause, spanNames, traced, work } from './support.ts';

const traces = observeTraces();

const call = (more: Partial<TraceCall<object>> = {}): TraceCall<object> => ({
  env: {},
  ctx: createExecutionContext(),
  ...more,
});

describe('a call of withAgentTrace() that is wrong', () => {
  it('warned of nothing, and runs all the same', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const misspelt = call({ group: 'a' } as never);
    expect(await withAgentTrace(traced().options, misspelt, () => 7)).toBe(7);
    for (const nothing of [undefined, null, 'call', {}])
      expect(await withAgentTrace(traced().options, nothing as never, () => 8)).toBe(8);
    const lines = warn.mock.calls.map(([line]) => String(line));
    expect(lines).toEqual([
      expect.stringContaining('`group` of the call is unknown'),
      expect.stringContaining('the call has no `env`'),
    ]);
    await traces.flushed();
  });

  it('without anything to trace says so', async () => {
    const nothing = withAgentTrace(traced().options, call(), undefined as never);
    await expect(nothing).rejects.toMatchObject({ code: 'invalid_option' });
  });
});

describe('withAgentTrace()', () => {
  it('returns what fn returns, whether now or later', async () => {
    const { options } = traced();
    const value = { any: 'thing' };
    expect(await withAgentTrace(options, call(), () => value)).toBe(value);
    expect(await withAgentTrace(options, call(), async () => value)).toBe(value);
    expect(await withAgentTrace(options, call(), () => undefined)).toBeUndefined();
  });

  it.each([
    ['throws', () => fail()],
    ['rejects', async () => fail()],
  ])('throws what fn throws, and its trace is an error: %s', async (_, act) => {
    const { options, memory } = traced();
    const failing = withAgentTrace(options, call(), async () => {
      await work('before');
      return act();
    });
    await expect(failing).rejects.toThrow(RangeError);
    await traces.flushed();
    expect(memory.traces).toMatchObject([{ status: 'error' }]);
  });

  it('hands fn the trace that currentTrace() finds inside it and nowhere else', async () => {
    const { options } = traced();
    await withAgentTrace(options, call(), (trace) => expect(currentTrace()).toBe(trace));
    expect(currentTrace()).toBeUndefined();
  });

  it('resolves its options once for an env, however often it is called', async () => {
    const exporters = vi.fn(() => []);
    const { options } = traced({ exporters });
    const optionsOf = vi.fn(() => options);
    const env = {};
    for (let index = 0; index < 3; index += 1) {
      await withAgentTrace(optionsOf, call({ env }), () => 1);
    }
    expect(exporters).toHaveBeenCalledTimes(1);
    expect(optionsOf).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['static', { workflow: 'Not Stable', exporters: () => [] }],
    ['of env', () => ({ workflow: 'Not Stable', exporters: () => [] })],
  ])(
    'runs untraced with one logged error where options are wrong: %s',
    async (_, options) => {
      const log = vi.spyOn(console, 'error').mockImplementation(() => {});
      const act = ({ traceId }: ActiveTrace): string => traceId;
      for (let index = 0; index < 2; index += 1) {
        expect(await withAgentTrace(options, call(), act)).toBe('no-op');
      }
      expect(log).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('`workflow`'));
    },
    5_000,
  );

  it("runs untraced where the SDK's own switch is off", async () => {
    const { options } = traced();
    setTracingDisabled(true);
    try {
      expect(await withAgentTrace(options, call(), ({ traceId }) => traceId)).toBe('no-op');
    } finally {
      setTracingDisabled(false);
    }
  });
});

describe('who the trace of a call is', () => {
  it('is what the call says before what headers and options say', async () => {
    const { options, memory } = traced({ groupId: () => 'from-options' });
    const request = new Request('http://room.test', {
      headers: { 'x-thread-id': 'from-header', 'x-request-id': 'req-1' },
    });
    await withAgentTrace(options, call({ request, groupId: 'from-call' }), () => work('a'));
    await withAgentTrace(options, call({ request }), () => work('b'));
    await withAgentTrace(traced().options, call({ request }), () => work('c'));
    const { traces: all } = await traces.flushed();
    expect(memory.traces).toMatchObject([
      { group_id: 'from-call', request_id: 'req-1' },
      { group_id: 'from-options', request_id: 'req-1' },
    ]);
    expect(all).toMatchObject([{}, {}, { group_id: 'from-header' }]);
  });

  it('refuses a group id and metadata that may not leave, and counts them', async () => {
    const { options, memory } = traced();
    const hostile = {
      groupId: 'someone@example.com',
      metadata: { surface: 'room', email: 'x', release: 'someone@example.com' },
    };
    await withAgentTrace(options, call(hostile), () => work('a'));
    await traces.flushed();
    expect(memory.traces).toMatchObject([
      {
        group_id: null,
        metadata: { surface: 'room' },
        refused: { group_id: 1, 'metadata.undeclared': 1, 'metadata.release': 1 },
      },
    ]);
    expect(JSON.stringify(memory.batches)).not.toContain('example.com');
  });

  it('ends as cancelled when the client of its request has left', async () => {
    const { options } = traced();
    const client = new AbortController();
    const request = new Request('http://room.test', { signal: client.signal });
    await withAgentTrace(options, call({ request }), async () => {
      await work('a');
      client.abort();
      await pause(5);
    });
    expect((await traces.flushed()).reports).toMatchObject([{ reason: 'cancel' }]);
  });
});

describe('a call inside a traced call', () => {
  it('joins its trace, adds its metadata to it, and cannot change its group', async () => {
    const { options, memory } = traced();
    const inner = traced();
    await withAgentTrace(options, call({ groupId: 'outer' }), async ({ traceId }) => {
      await work('outside');
      const more = { groupId: 'inner', metadata: { surface: 'inner' } };
      const joined = await withAgentTrace(inner.options, call(more), async (trace) => {
        await work('inside');
        return trace.traceId;
      });
      expect(joined).toBe(traceId);
    });
    const { reports } = await traces.flushed();
    expect(reports).toHaveLength(1);
    expect(spanNames(memory)).toEqual(['outside', 'inside']);
    expect(memory.traces).toMatchObject([{ group_id: 'outer', metadata: { surface: 'inner' } }]);
    expect(inner.memory.batches).toEqual([]);
  });

  it('has a trace of its own once the outer one has ended, as in a timer that outlives it', async () => {
    const { options, memory } = traced();
    let later: Promise<unknown> = Promise.resolve();
    const context = call();
    await withAgentTrace(options, context, async () => {
      await work('outer');
      later = pause(60).then(() => withAgentTrace(options, call(), () => work('later')));
    });
    await later;
    await traces.flushed();
    expect(memory.batches.map(({ traces: [trace], spans }) => [trace?.id, spans.length])).toEqual([
      [memory.traces[0]?.id, 1],
      [memory.traces[1]?.id, 1],
    ]);
    expect(memory.traces[0]?.id).not.toBe(memory.traces[1]?.id);
  });
});

describe('a call without ctx', () => {
  const slow = (memory = memoryExporter()): ReturnType<typeof memoryExporter> => ({
    ...memory,
    async export(batch) {
      await pause(20);
      memory.batches.push(batch);
    },
  });

  it('waits for the flush, so that what it did is delivered when it returns', async () => {
    const memory = slow();
    const { options } = traced({ exporters: () => [memory] });
    await withAgentTrace(options, { env: {} }, () => work('a'));
    expect(memory.batches).toHaveLength(1);
  });

  it('waits for the flush before it throws', async () => {
    const memory = slow();
    const { options } = traced({ exporters: () => [memory] });
    const failing = withAgentTrace(options, { env: {} }, async () => {
      await work('a');
      return fail();
    });
    await expect(failing).rejects.toThrow(RangeError);
    expect(memory.batches).toHaveLength(1);
  });

  it('does not wait longer than the deadline for a destination that hangs', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const hanging = { name: 'hanging', export: () => new Promise<never>(() => {}) };
    const { options } = traced({ exporters: () => [hanging], flush: { deadlineMs: 100 } });
    expect(await withAgentTrace(options, { env: {} }, () => work('a', () => 1))).toBe(1);
  });

  it('returns a stream without waiting, since the flush waits for its reader', async () => {
    const { options, memory } = traced();
    const stream = await withAgentTrace(options, { env: {} }, () => {
      return new Response(new ReadableStream({ pull: (controller) => controller.close() }));
    });
    await stream.text();
    await traces.flushed();
    expect(memory.batches).toEqual([]);
  });
});

describe('a call that returns a stream', () => {
  it('hands values on as they are, reads none before it is asked, and is flushed at their end', async () => {
    const { options, memory } = traced();
    const values = [{ a: 1 }, 'text', 3];
    const pull = vi.fn(async (controller: ReadableStreamDefaultController) => {
      const [next] = values.slice(pull.mock.calls.length - 1);
      await work('pulled');
      if (next === undefined) controller.close();
      else controller.enqueue(next);
    });
    const stream = await withAgentTrace(options, call(), () => {
      return new ReadableStream({ pull }, { highWaterMark: 0 });
    });
    await pause(5);
    expect(pull).not.toHaveBeenCalled();
    const seen: unknown[] = [];
    for await (const value of stream) seen.push(value);
    expect(seen).toEqual(values);
    expect(seen[0]).toBe(values[0]);
    const { reports } = await traces.flushed();
    expect(reports).toMatchObject([{ reason: 'stream-end', captured: 4 }]);
    expect(spanNames(memory)).toEqual(Array.from({ length: 4 }, () => 'pulled'));
  });

  it.each([
    ['of values', undefined],
    ['of bytes', 'bytes'],
  ])('passes on that its reader has left, with the reason: %s', async (_, type) => {
    const { options } = traced();
    const cancel = vi.fn();
    const stream = await withAgentTrace(options, call(), () => {
      return new ReadableStream({ type, cancel } as UnderlyingByteSource);
    });
    await stream.cancel('had enough');
    expect((await traces.flushed()).reports).toMatchObject([{ reason: 'cancel' }]);
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  it('hands bytes on as bytes, into the buffer of a reader that brings one', async () => {
    const { options } = traced();
    const chunks = ['one', 'two'].map((text) => new TextEncoder().encode(text));
    const stream = await withAgentTrace(options, call(), () => {
      return new ReadableStream({
        type: 'bytes',
        pull(controller) {
          const chunk = chunks.shift();
          if (chunk) return controller.enqueue(chunk);
          controller.close();
          controller.byobRequest?.respond(0);
        },
      });
    });
    const reader = stream.getReader({ mode: 'byob' });
    let text = '';
    for (;;) {
      const { done, value } = await reader.read(new Uint8Array(2));
      if (done) break;
      text += new TextDecoder().decode(value);
    }
    expect(text).toBe('onetwo');
    expect((await traces.flushed()).reports).toMatchObject([{ reason: 'stream-end' }]);
  });

  it('passes on that its source has failed', async () => {
    const { options, memory } = traced();
    const stream = await withAgentTrace(options, call(), async () => {
      await work('a');
      return new ReadableStream<string>({ pull: fail });
    });
    await expect(stream.getReader().read()).rejects.toThrow(RangeError);
    await traces.flushed();
    expect(memory.traces).toMatchObject([{ status: 'error' }]);
  });

  it('leaves a stream alone that somebody reads already', async () => {
    const { options } = traced();
    const stream = new ReadableStream();
    stream.getReader();
    expect(await withAgentTrace(options, call(), () => stream)).toBe(stream);
  });

  it('leaves the body of an answer to HEAD to its caller', async () => {
    const { options, memory } = traced();
    const request = new Request('http://room.test', { method: 'HEAD' });
    const body = new Response('whole').body;
    const answer = await withAgentTrace(options, call({ request }), async () => {
      await work('a');
      return new Response(body?.pipeThrough(new IdentityTransformStream()));
    });
    await traces.flushed();
    expect(spanNames(memory)).toEqual(['a']);
    expect(await answer.text()).toBe('whole');
  });
});

describe('what a call leaves behind', () => {
  it('is no timer and no pending promise, however it ended', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const timers = watchTimers();
    const hanging = { name: 'hanging', export: () => new Promise<never>(() => {}) };
    const { options } = traced({
      exporters: () => [memoryExporter(), hanging],
      flush: { deadlineMs: 100 },
    });
    const given: Promise<unknown>[] = [];
    const ctx = { waitUntil: (promise: Promise<unknown>) => void given.push(promise) };
    const ends: (() => unknown)[] = [
      () => work('ended'),
      fail,
      () => void work('left running', () => pause(10)),
      () => void work('never ends', () => new Promise(() => {})),
    ];
    for (const end of ends) {
      await withAgentTrace(options, { env: {}, ctx }, end).catch(() => undefined);
    }
    await Promise.all(given);
    expect(given.length).toBeGreaterThanOrEqual(ends.length);
    expect(timers.started()).toBeGreaterThan(0);
    expect(timers.pending()).toEqual([]);
  });
});

/** Counts timers from here on: the ones that were started and have neither fired nor been cleared. */
function watchTimers(): { started(): number; pending(): unknown[] } {
  const pending = new Map<unknown, string>();
  let started = 0;
  const watch = (start: 'setTimeout' | 'setInterval', stop: 'clearTimeout' | 'clearInterval') => {
    const original: (act: () => void, ms?: number) => unknown = globalThis[start];
    vi.spyOn(globalThis, start).mockImplementation(((act: () => void, ms?: number) => {
      const id = original(() => {
        if (start === 'setTimeout') pending.delete(id);
        act();
      }, ms);
      started += 1;
      pending.set(id, `${start} of ${ms} ms`);
      return id;
    }) as never);
    const clear: (id: never) => void = globalThis[stop];
    vi.spyOn(globalThis, stop).mockImplementation((id: unknown) => {
      pending.delete(id);
      clear(id as never);
    });
  };
  watch('setTimeout', 'clearTimeout');
  watch('setInterval', 'clearInterval');
  return { started: () => started, pending: () => [...pending.values()] };
}
