import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { TraceBatch } from '../../../src/model/records.ts';
import { startLive } from '../live/worker.ts';
import type { LiveWorker } from '../live/worker.ts';

const config = fileURLToPath(new URL('../../fixtures/agents/wrangler.toml', import.meta.url).href);

let worker: LiveWorker;
beforeAll(async () => {
  worker = await startLive({ config });
}, 60_000);
afterAll(() => worker.stop());

/** The status and the spans of each trace of one agent. */
async function flushesOf(agent: string): Promise<unknown[]> {
  const batches = await (await fetch(`${worker.origin}/account`)).json<TraceBatch[]>();
  return batches
    .filter(({ traces: [trace] }) => trace?.group_id === agent)
    .map(({ traces: [trace], spans }) => [trace?.status, ...spans.map(({ facts }) => facts.name)]);
}

/** Local workerd puts an object to sleep after ten seconds in which nothing kept it awake. */
const SLEEP_MS = 13_000;

describe.concurrent("an Agent of Cloudflare's `agents`", () => {
  it('has a trace for each request', async () => {
    const response = await fetch(`${worker.origin}/agents/support-agent/asked`);
    expect(await response.json()).toMatch(/^trace_/);
    await vi.waitFor(async () => expect(await flushesOf('asked')).toEqual([['ok', 'request']]));
  });

  it('has a trace for each message, and hibernates between them', async () => {
    const heard: string[] = [];
    const socket = new WebSocket(
      `${worker.origin.replace('http', 'ws')}/agents/support-agent/talked`,
    );
    socket.addEventListener('message', ({ data }) => {
      if (String(data).startsWith('heard')) heard.push(String(data));
    });
    await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }));
    socket.send('one');
    socket.send('two');
    await new Promise((resolve) => setTimeout(resolve, SLEEP_MS));
    socket.send('three');
    await vi.waitFor(() => expect(heard).toEqual(['heard one 1', 'heard two 2', 'heard three 1']));
    await vi.waitFor(async () =>
      expect(await flushesOf('talked')).toEqual([
        ['ok', 'one'],
        ['ok', 'two'],
        ['ok', 'three'],
      ]),
    );
    socket.close();
  });

  it('has a trace for a method that it scheduled', async () => {
    await fetch(`${worker.origin}/wake-soon`);
    await vi.waitFor(async () => expect(await flushesOf('woken')).toEqual([['ok', 'woken']]), {
      timeout: 5_000,
    });
  });
});
