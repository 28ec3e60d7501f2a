import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { TraceBatch } from '../../../src/model/records.ts';
import type { Called } from '../../fixtures/handlers/worker.ts';
import { askAndLeave, connection } from '../live/client.ts';
import type { Answer } from '../live/client.ts';
import { startLive } from '../live/worker.ts';
import type { LiveWorker } from '../live/worker.ts';

const config = fileURLToPath(
  new URL('../../fixtures/handlers/wrangler.toml', import.meta.url).href,
);

let worker: LiveWorker;
beforeAll(async () => {
  worker = await startLive({ config });
}, 60_000);
afterAll(() => worker.stop());

/** The names of the spans of each flush with a given group or span. */
async function flushesWith(mark: string): Promise<(string | undefined)[][]> {
  const batches = await (await fetch(`${worker.origin}/account/untraced`)).json<TraceBatch[]>();
  return batches
    .filter(
      ({ traces, spans }) =>
        traces.some(({ group_id: group }) => group === mark) ||
        spans.some(({ facts }) => facts.name === mark),
    )
    .map(({ spans }) => spans.map(({ facts }) => facts.name));
}

interface Room {
  /** Says a text and resolves with the answer: the text, and how often the object heard one since it woke. */
  say(text: string): Promise<string>;
  leave(): void;
}

async function enter(name: string): Promise<Room> {
  const socket = new WebSocket(`${worker.origin.replace('http', 'ws')}/room/${name}`);
  const next = (type: 'open' | 'message'): Promise<Event> =>
    new Promise((resolve, reject) => {
      socket.addEventListener(type, resolve, { once: true });
      socket.addEventListener('error', () => reject(new Error(`${name}: ${type}`)), { once: true });
    });
  await next('open');
  return {
    async say(text) {
      const answer = next('message');
      socket.send(text);
      return String(((await answer) as MessageEvent).data);
    },
    leave: () => socket.close(),
  };
}

/** Local workerd puts an object to sleep after ten seconds in which nothing kept it awake. */
const SLEEP_MS = 13_000;

/** Talks twice with a rest between, in which the object may sleep. */
async function answersAroundRest(text: string): Promise<string[]> {
  const room = await enter(text.replaceAll(' ', '-'));
  const before = [await room.say('hello'), await room.say(text)];
  await new Promise((resolve) => setTimeout(resolve, SLEEP_MS));
  const after = await room.say('still there?');
  room.leave();
  return [...before, after];
}

describe.concurrent('a Durable Object with a WebSocket that hibernates', () => {
  it.each([
    ['sleeps after a traced message, and the socket lives on', 'one more', 1],
    ['sleeps after a message whose run never ends, once its deadline has come', 'never end', 1],
    ['would not sleep with a timer left over, so that this proves something', 'stay awake', 3],
  ])('%s', async (_, text, heardSinceAwake) => {
    expect(await answersAroundRest(text)).toEqual([
      'hello 1',
      `${text} 2`,
      `still there? ${heardSinceAwake}`,
    ]);
    expect(await flushesWith(text)).toEqual([[text]]);
  });
});

describe.concurrent('an object and an entrypoint that a traced request calls', () => {
  it('have traces of their own, in the isolate of the caller too', async () => {
    const called = await (await fetch(`${worker.origin}/`)).json<Called>();
    const { outer, inner, entrypoint, caller } = called;
    expect(outer).toBeUndefined();
    expect(new Set([inner, entrypoint, caller]).size).toBe(3);
    await vi.waitFor(async () => {
      expect(await flushesWith('caller')).toEqual([['caller', 'caller again']]);
      expect(await flushesWith('callee')).toEqual([['callee']]);
      expect(await flushesWith('question')).toEqual([['question']]);
    });
  });
});

describe.concurrent('a client that leaves the stream of a Durable Object half-way', () => {
  it('costs no span', async () => {
    const headers = { 'x-thread-id': 'left-half-way' };
    const url = `${worker.origin}/room/left`;
    await askAndLeave(url, headers, (text) => text.includes('one'));
    await vi.waitFor(async () =>
      expect(await flushesWith('left-half-way')).toEqual([['behind the stream']]),
    );
  });
});

describe.concurrent('a HEAD request to a plain fetch handler', () => {
  async function head(path: string, name: string): Promise<Answer> {
    const client = connection(worker.origin);
    const answer = await client.ask(path, { method: 'HEAD', headers: { 'x-name': name } });
    client.close();
    return answer;
  }

  it.each(['fixed', 'streamed'])(
    'has the headers of an untraced one, and is flushed: %s',
    async (kind) => {
      const untraced = await head(`/untraced/${kind}`, `untraced-${kind}`);
      const { status, headers } = await head(`/traced/${kind}`, `traced-${kind}`);
      expect({ status, headers }).toEqual({ status: 200, headers: untraced.headers });
      const flushed = [[`traced-${kind}`]];
      await vi.waitFor(async () => expect(await flushesWith(`traced-${kind}`)).toEqual(flushed));
      expect(await flushesWith(`untraced-${kind}`)).toEqual([]);
    },
  );
});
