import {
  createExecutionContext,
  createScheduledController,
  waitOnExecutionContext,
} from 'cloudflare:test';
import { describe, expect, it, vi } from 'vitest';
import { traceHandlers } from '../../src/handlers.ts';
import { currentTrace } from '../../src/request/current-trace.ts';
import { observeTraces } from '../support/observe.ts';
import { fail, pause, spanNames, traced, work } from './support.ts';

const traces = observeTraces();

const nightly = (): ScheduledController =>
  createScheduledController({ scheduledTime: 1_764_000_000_000, cron: '17 3 * * *' });

describe('a scheduled handler', () => {
  it('has a trace that is known by the time of its cron', async () => {
    const { options, memory } = traced({
      workflow: ({ controller }) => (controller?.cron === '17 3 * * *' ? 'nightly' : 'other_cron'),
    });
    const { scheduled } = traceHandlers<object>(options, {
      scheduled: async () => void (await work('report')),
    });
    await scheduled?.(nightly(), {}, createExecutionContext());
    await traces.flushed();
    expect(memory.traces).toMatchObject([
      { workflow_name: 'nightly', request_id: 'scheduled-1764000000000', group_id: null },
    ]);
    expect(spanNames(memory)).toEqual(['report']);
  });

  it('waits under waitUntil for what it left running, and for the destinations', async () => {
    const { options, memory } = traced();
    const { scheduled } = traceHandlers<object>(options, {
      scheduled: () => void work('left running', () => pause(20)),
    });
    const ctx = createExecutionContext();
    await scheduled?.(nightly(), {}, ctx);
    await waitOnExecutionContext(ctx);
    expect(spanNames(memory)).toEqual(['left running']);
  });

  it('does not fail for a fault of tracing: nothing under waitUntil rejects', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const { options } = traced({ exporters: () => [{ name: 'broken', export: fail }] });
    const { scheduled } = traceHandlers<object>(options, {
      scheduled: async () => void (await work('report')),
    });
    const given: Promise<unknown>[] = [];
    const ctx = { waitUntil: (promise: Promise<unknown>) => given.push(promise) };
    await scheduled?.(nightly(), {}, ctx as unknown as ExecutionContext);
    expect((await Promise.allSettled(given)).map(({ status }) => status)).not.toContain('rejected');
    expect(given.length).toBeGreaterThan(0);
  });

  it('throws what it threw', async () => {
    const { options } = traced();
    const { scheduled } = traceHandlers<object>(options, { scheduled: fail });
    await expect(scheduled?.(nightly(), {}, createExecutionContext())).rejects.toThrow(RangeError);
  });
});

describe('an email handler', () => {
  const message = {
    from: 'someone@example.com',
    to: 'help@example.com',
    headers: new Headers({
      'message-id': '<1@example.com>',
      'x-thread-id': 'chosen-by-the-sender',
      subject: 'secret',
    }),
    rawSize: 3,
    raw: new Response('raw').body,
  } as unknown as ForwardableEmailMessage;

  it('has a trace in which nothing names the sender, and no header of theirs is an id', async () => {
    const { options, memory } = traced();
    const { email } = traceHandlers<object>(options, {
      email: async () => void (await work('answer')),
    });
    await email?.(message, {}, createExecutionContext());
    await traces.flushed();
    expect(memory.traces).toMatchObject([{ group_id: null, refused: {} }]);
    expect(JSON.stringify(memory.batches)).not.toMatch(/example\.com|secret|chosen/);
  });

  it('refuses an address as group id, and counts it', async () => {
    const { options, memory } = traced({ groupId: ({ email }) => email?.from });
    const { email } = traceHandlers<object>(options, {
      email: async () => void (await work('answer')),
    });
    await email?.(message, {}, createExecutionContext());
    await traces.flushed();
    expect(memory.traces).toMatchObject([{ group_id: null, refused: { group_id: 1 } }]);
  });
});

describe('a tail handler', () => {
  it('has a trace, and its options see the items', async () => {
    const { options, memory } = traced({
      metadataKeys: ['items'],
      metadata: ({ items }) => ({ items: String(items?.length) }),
    });
    const { tail } = traceHandlers<object>(options, {
      tail: async () => void (await work('look')),
    });
    await tail?.([{}, {}] as TraceItem[], {}, createExecutionContext());
    await traces.flushed();
    expect(memory.traces).toMatchObject([{ metadata: { items: '2' } }]);
  });
});

describe('traceHandlers()', () => {
  it('passes other handlers and properties through, and `this` stays what it was', async () => {
    class Handlers {
      readonly #greeting = 'hello';
      readonly version = 3;
      fetch(): Response {
        return new Response(this.#greeting);
      }
      test(): string {
        return this.#greeting;
      }
    }
    const { options } = traced();
    const handlers = traceHandlers<object>(options, new Handlers() as never) as unknown as Handlers;
    expect(await (await (handlers.fetch as unknown as () => Promise<Response>)()).text()).toBe(
      'hello',
    );
    expect(handlers.test()).toBe('hello');
    expect(handlers.version).toBe(3);
    expect(Object.keys(handlers).toSorted()).toEqual(['fetch', 'test', 'version']);
  });

  it('hands env and ctx on as they came', async () => {
    const { options } = traced();
    const seen: unknown[] = [];
    const { scheduled } = traceHandlers<object>(options, {
      scheduled: (...args) => {
        seen.push(...args);
      },
    });
    const args = [nightly(), { A: 1 }, createExecutionContext()] as const;
    await scheduled?.(...args);
    args.forEach((arg, index) => expect(seen[index]).toBe(arg));
  });

  it('throws for static options that are wrong where it is called, so that they cannot be deployed', () => {
    const wrong = { workflow: 'Not Stable', exporters: () => [] };
    expect(() => traceHandlers<object>(wrong, {})).toThrow(
      expect.objectContaining({ code: 'invalid_option' }),
    );
    const { options } = traced({ queue: 'each' as 'batch' });
    expect(() => traceHandlers<object>(options, {})).toThrow(/`queue`/);
  });

  it('throws for a class, whose methods it could not reach, and says what to call there', () => {
    class Entrypoint {
      fetch(): Response {
        return new Response('never');
      }
    }
    const { options } = traced();
    expect(() => traceHandlers<object>(options, Entrypoint as never)).toThrow(/withAgentTrace/);
  });

  it('turns itself off with one logged error where options that depend on env are wrong', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { scheduled } = traceHandlers<object>(() => ({ workflow: '!', exporters: () => [] }), {
      scheduled: () => currentTrace()?.outcome('never', true),
    });
    for (const env of [{}, {}]) await scheduled?.(nightly(), env, createExecutionContext());
    expect(log).toHaveBeenCalledTimes(1);
    expect(log).toHaveBeenCalledWith(expect.stringContaining('tracing is off'));
  });
});
