import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test';
import { exports } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import type { FlushedTraces } from '../../../src/testing/capture-traces.ts';
import type { Room } from '../../fixtures/handlers/room.ts';
import type { Called } from '../../fixtures/handlers/worker.ts';
import { observeTraces } from '../../support/observe.ts';
import { env, migrate, storedSpans } from './support.ts';

beforeAll(migrate);
const traces = observeTraces();

function room(name: string): DurableObjectStub<Room> {
  return env.ROOM.get(env.ROOM.idFromName(name));
}

function names({ spans }: FlushedTraces): (string | undefined)[] {
  return spans.map(({ facts }) => facts.name);
}

interface WorkerFetch {
  default: { fetch(url: string): Promise<Response> };
}

describe('a method of a Durable Object', () => {
  it('has a trace of its own, which the store has when it has been flushed', async () => {
    const { inner } = await room('method').ask('asked', 'thread-1');
    const { reports } = await traces.flushed();
    expect(reports).toMatchObject([{ traceIds: [inner], captured: 1, reason: 'response' }]);
    expect(await storedSpans('thread-1')).toEqual([{ trace_id: inner, name: 'asked' }]);
  });

  it('throws what it threw, and its trace is an error', async () => {
    // A stub's promise itself is more than one promise, of which `expect` would handle one.
    const failing = async (): Promise<void> => room('failing').failing();
    await expect(failing()).rejects.toThrow('the method failed');
    expect((await traces.flushed()).traces).toMatchObject([{ status: 'error' }]);
  });

  it('has a trace of its own when a traced request calls it, as an entrypoint has', async () => {
    const { default: worker } = exports as unknown as WorkerFetch;
    const response = await worker.fetch('http://worker.test/');
    const { outer, inner = '', entrypoint = '', caller = '' } = await response.json<Called>();
    const { destinations } = await traces.flushed();
    expect(outer).toBeUndefined();
    const batches = destinations['d1']?.batches ?? [];
    const spansOf = batches.map(({ traces: [trace], spans }) => [
      trace?.id,
      spans.map(({ facts }) => facts.name),
    ]);
    expect(spansOf).toHaveLength(3);
    expect(Object.fromEntries(spansOf)).toEqual({
      [caller]: ['caller', 'caller again'],
      [inner]: ['callee'],
      [entrypoint]: ['question'],
    });
  });

  it('keeps the traces of overlapping calls on one object apart', async () => {
    const calls = Array.from({ length: 20 }, (_, index) =>
      room('busy').ask(`call-${index}`, `busy-${index}`),
    );
    const seen = await Promise.all(calls);
    await traces.flushed();
    for (const [index, { inner }] of seen.entries()) {
      expect(await storedSpans(`busy-${index}`)).toEqual([
        { trace_id: inner, name: `call-${index}` },
      ]);
    }
  });

  it('returns a stream over RPC and is flushed when it has been read', async () => {
    const stream = await room('stream').words();
    expect(await new Response(stream).text()).toBe('data: one\n\ndata: two\n\n');
    const flushed = await traces.flushed();
    expect(names(flushed)).toEqual(['behind the stream']);
    expect(flushed.reports).toMatchObject([{ reason: 'stream-end' }]);
  });
});

describe("a Durable Object's fetch", () => {
  it('streams events, and its trace ends with them', async () => {
    const headers = { 'x-thread-id': 'thread-sse' };
    const response = await room('sse').fetch('http://room.test/', { headers });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(await response.text()).toBe('data: one\n\ndata: two\n\n');
    const flushed = await traces.flushed();
    expect(names(flushed)).toEqual(['behind the stream']);
    expect(flushed.traces).toMatchObject([{ group_id: 'thread-sse' }]);
  });

  it('is flushed when its reader leaves half-way', async () => {
    const response = await room('left').fetch('http://room.test/');
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    expect(names(await traces.flushed())).toEqual(['behind the stream']);
  });
});

describe('an alarm', () => {
  it('has a trace with the metadata that it was given', async () => {
    const stub = room('alarm');
    await stub.alarmSoon();
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    const flushed = await traces.flushed();
    expect(names(flushed)).toEqual(['woken']);
    expect(flushed.traces).toMatchObject([{ metadata: { surface: 'alarm' } }]);
  });
});

describe('a WebSocket message', () => {
  it('has a trace of its own, before and after the object has slept', async () => {
    const stub = room('socket');
    const response = await stub.fetch('http://room.test/', { headers: { upgrade: 'websocket' } });
    const socket = response.webSocket;
    if (!socket) throw new Error('no WebSocket');
    socket.accept();
    const said = (): Promise<string> =>
      new Promise((resolve) => {
        socket.addEventListener('message', ({ data }) => resolve(String(data)), { once: true });
      });
    const say = async (text: string): Promise<string> => {
      const answer = said();
      socket.send(text);
      return answer;
    };
    expect(await say('one')).toBe('one 1');
    expect(await say('two')).toBe('two 2');
    await traces.flushed();
    await evictDurableObject(stub);
    // Counting anew, the object was asleep: nothing of its traces had kept it awake or in memory.
    expect(await say('three')).toBe('three 1');
    const flushed = await traces.flushed();
    expect(names(flushed)).toEqual(['three']);
    expect((await storedSpans(stub.id.toString())).map(({ name }) => name)).toEqual([
      'one',
      'two',
      'three',
    ]);
    socket.close();
  });
});
