import { createExecutionContext, createMessageBatch, getQueueResult } from 'cloudflare:test';
import { describe, expect, it, vi } from 'vitest';
import { traceHandlers } from '../../src/handlers.ts';
import type { HandlerOptions } from '../../src/options.ts';
import { currentTrace } from '../../src/request/current-trace.ts';
import { observeTraces } from '../support/observe.ts';
import { fail, spanNames, traced, work } from './support.ts';

const traces = observeTraces();

type Consume = (batch: MessageBatch<string>) => Promise<void> | void;
type Result = Awaited<ReturnType<typeof getQueueResult>>;

/** Delivers messages with these bodies, whose ids are `m1`, `m2`, …, as the platform would. */
async function deliver(
  options: HandlerOptions<object>,
  bodies: string[],
  consume: Consume,
): Promise<{ result: Result; thrown: unknown }> {
  const { queue } = traceHandlers<object, string>(options, { queue: consume });
  const messages = bodies.map((body, index) => ({
    id: `m${index + 1}`,
    timestamp: new Date(),
    attempts: 1,
    body,
  }));
  const batch = createMessageBatch('orders', messages);
  const ctx = createExecutionContext();
  let thrown: unknown;
  await Promise.resolve(queue?.(batch, {}, ctx)).catch((error: unknown) => (thrown = error));
  return { result: await getQueueResult(batch, ctx), thrown };
}

const untouched = {
  ackAll: false,
  explicitAcks: [],
  retryMessages: [],
  retryBatch: { retry: false },
};

describe('a queue handler', () => {
  it('has one trace a batch, known by its first message', async () => {
    const { options, memory } = traced();
    const { result } = await deliver(options, ['a', 'b'], async ({ messages }) => {
      for (const { body } of messages) await work(body);
    });
    await traces.flushed();
    expect(memory.traces).toMatchObject([{ request_id: 'm1', group_id: null, status: 'ok' }]);
    expect(spanNames(memory)).toEqual(['a', 'b']);
    expect(result).toMatchObject(untouched);
  });

  it('decides on its messages as without tracing', async () => {
    const { options } = traced();
    const { result } = await deliver(options, ['a', 'b', 'c'], ({ messages }) => {
      messages[0]?.ack();
      messages[1]?.retry();
    });
    expect(result).toMatchObject({
      ...untouched,
      explicitAcks: ['m1'],
      retryMessages: [{ msgId: 'm2' }],
    });
  });

  it('is handed the very batch', async () => {
    const { options } = traced();
    const { result } = await deliver(options, ['a'], (batch) => batch.retryAll());
    expect(result).toMatchObject({ retryBatch: { retry: true } });
  });

  it('throws what it threw, so that the platform delivers the batch again', async () => {
    const { options, memory } = traced();
    const { thrown } = await deliver(options, ['a'], async () => {
      await work('tried');
      fail();
    });
    await traces.flushed();
    expect(thrown).toBeInstanceOf(RangeError);
    expect(memory.traces).toMatchObject([{ status: 'error' }]);
  });

  it('is not delivered again for a destination that fails: no work of ours rejects', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const { options } = traced({ exporters: () => [{ name: 'broken', export: fail }] });
    const { result, thrown } = await deliver(options, ['a'], async () => void (await work('a')));
    const { reports } = await traces.flushed();
    expect(reports[0]?.destinations['broken']).toMatchObject({ failed: 1 });
    expect(thrown).toBeUndefined();
    expect(result).toMatchObject(untouched);
  });
});

describe("a queue handler with queue: 'message'", () => {
  const perMessage = (): ReturnType<typeof traced> =>
    traced({ queue: 'message', groupId: ({ message }) => `thread-${String(message?.body)}` });

  it('is called once a message, one after the other, each in a trace of its own', async () => {
    const { options, memory } = perMessage();
    const seen: unknown[] = [];
    const { result } = await deliver(options, ['a', 'b', 'c'], async ({ queue, messages }) => {
      seen.push([queue, messages.map(({ id }) => id)]);
      await work(messages[0]?.body ?? '');
      seen.push(currentTrace()?.requestId);
    });
    await traces.flushed();
    expect(seen).toEqual([
      ['orders', ['m1']],
      'm1',
      ['orders', ['m2']],
      'm2',
      ['orders', ['m3']],
      'm3',
    ]);
    const of = memory.batches.map((batch) => [
      batch.traces[0]?.request_id,
      batch.traces[0]?.group_id,
      batch.spans.map(({ facts }) => facts.name),
    ]);
    expect(of.toSorted(([a], [b]) => String(a).localeCompare(String(b)))).toEqual([
      ['m1', 'thread-a', ['a']],
      ['m2', 'thread-b', ['b']],
      ['m3', 'thread-c', ['c']],
    ]);
    expect(result).toMatchObject(untouched);
  });

  it('means that message by ackAll() and retryAll()', async () => {
    const { options } = perMessage();
    // The local broker does not say the delay that it was told.
    let retry: unknown;
    const { result } = await deliver(options, ['ack', 'retry', 'neither'], (batch) => {
      const [message] = batch.messages;
      if (message?.body === 'ack') batch.ackAll();
      if (message?.body !== 'retry') return;
      retry = vi.spyOn(message, 'retry');
      batch.retryAll({ delaySeconds: 9 });
    });
    expect(retry).toHaveBeenCalledExactlyOnceWith({ delaySeconds: 9 });
    expect(result).toMatchObject({
      ...untouched,
      explicitAcks: ['m1'],
      retryMessages: [{ msgId: 'm2' }],
    });
  });

  it('retries the message whose call threw without the others, and logs what it threw', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { options, memory } = perMessage();
    const { result, thrown } = await deliver(options, ['good', 'bad', 'good'], async (batch) => {
      await work(batch.messages[0]?.body ?? '');
      if (batch.messages[0]?.body === 'bad') fail();
    });
    await traces.flushed();
    expect(thrown).toBeUndefined();
    expect(result).toMatchObject({ ...untouched, retryMessages: [{ msgId: 'm2' }] });
    expect(log).toHaveBeenCalledWith(expect.any(RangeError));
    const statuses = memory.traces.map(({ request_id, status }) => [request_id, status]);
    expect(Object.fromEntries(statuses)).toEqual({ m1: 'ok', m2: 'error', m3: 'ok' });
  });

  it('leaves a message acknowledged that its call had acknowledged before it threw', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const { options } = perMessage();
    const { result } = await deliver(options, ['good', 'bad'], ({ messages: [message] }) => {
      if (message?.body !== 'bad') return;
      message.ack();
      fail();
    });
    expect(result).toMatchObject({ explicitAcks: ['m2'], retryMessages: [] });
  });

  it('fails as a batch would where every call threw', async () => {
    const { options } = perMessage();
    const one = await deliver(options, ['a'], fail);
    expect(one.thrown).toBeInstanceOf(RangeError);
    const two = await deliver(options, ['a', 'b'], fail);
    expect(two.thrown).toMatchObject({ errors: [expect.any(RangeError), expect.any(RangeError)] });
  });

  it.each([
    ['switched off', { enabled: false }],
    ['switched off for these messages', { enabled: () => false }],
    ['off for a fault of its options', { exporters: fail }],
  ])('calls once a message when tracing is %s, too', async (_, off) => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const { options } = traced({ queue: 'message', ...off });
    const seen: string[][] = [];
    await deliver(options, ['a', 'b'], ({ messages }) => {
      seen.push(messages.map(({ body }) => body));
    });
    expect(seen).toEqual([['a'], ['b']]);
  });

  it('does nothing with an empty batch', async () => {
    const { options } = perMessage();
    const consume = vi.fn();
    expect((await deliver(options, [], consume)).thrown).toBeUndefined();
    expect(consume).not.toHaveBeenCalled();
  });
});
