import { env, exports } from 'cloudflare:workers';
import {
  applyD1Migrations,
  createExecutionContext,
  createMessageBatch,
  createScheduledController,
  getQueueResult,
} from 'cloudflare:test';
import { beforeAll, describe, expect, inject, test, vi } from 'vitest';
import worker from '../index.ts';

const get = (
  path: string,
  headers: Record<string, string> = {},
  host = 'localhost',
): Promise<Response> => exports.default.fetch(`http://${host}${path}`, { headers });

async function recordTrace(): Promise<string> {
  const response = await exports.default.fetch('http://localhost/support', {
    method: 'POST',
    body: '{"message":"Where is order A-1001?"}',
    headers: { 'x-conversation-id': 'conv-1' },
  });
  await response.text();
  return response.headers.get('x-trace-id')!;
}

/** Through the real queue: the consumer runs when the broker says so. */
function untilArrived(traceId: string): Promise<unknown> {
  const arrived = async (): Promise<boolean> => {
    const response = await get(`/api/traces/${traceId}`);
    await response.text();
    return response.status === 200;
  };
  return vi.waitUntil(arrived, { timeout: 10_000, interval: 100 });
}

describe('before the migrations', () => {
  test('the routes say what to run', async () => {
    const response = await get('/api/traces');
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      error: 'missing_schema',
      message: expect.stringContaining('migrations apply'),
    });
  });
});

describe('after the migrations', () => {
  let traceId: string;
  beforeAll(async () => {
    await applyD1Migrations(env.TRACES_DB, inject('migrations'));
    traceId = await recordTrace();
    await untilArrived(traceId);
  });

  test('a trace is read back with its spans from D1, where the queue has brought it', async () => {
    const trace = await (
      await get(`/api/traces/${traceId}`)
    ).json<{ spans: unknown[]; spanCount: number }>();
    expect(trace).toMatchObject({
      traceId,
      workflow: 'support_triage',
      groupId: 'conv-1',
      status: 'ok',
    });
    expect(trace.spans.length).toBe(trace.spanCount);
    expect(trace.spans.length).toBeGreaterThan(10);
  });

  test('traces are listed, and found by their group', async () => {
    expect(await (await get('/api/traces')).json()).toMatchObject({ traces: [{ traceId }] });
    expect(await (await get('/api/traces?group=conv-1&limit=1&status=ok')).json()).toMatchObject({
      traces: [{ traceId }],
    });
    expect(await (await get('/api/traces?group=conv-2')).json()).toMatchObject({ traces: [] });
  });

  test('the totals say what came in and that nothing is lost', async () => {
    const response = await get('/api/traces/totals');
    expect(response.headers.get('content-type')).toContain('application/json');
    const text = await response.text();
    expect(text).toMatch(/^\{\n {2}"lost": 0,\n {2}"missing": 0,\n/);
    expect(JSON.parse(text)).toMatchObject({
      deadLetters: { received: 0, waiting: 0 },
      days: [{ traces: 1, spans: expect.any(Number), captured: expect.any(Number) }],
    });
  });

  test('a dead letter is kept and counted, and what no version reads stays', async () => {
    const context = createExecutionContext();
    const poison = { id: 'm1', timestamp: new Date(), attempts: 1, body: { v: 1, chunks: 'x' } };
    const batch = createMessageBatch('sluice-traces-dead', [poison]);
    await worker.queue(batch, env, context);
    expect((await getQueueResult(batch, context)).explicitAcks).toEqual(['m1']);
    const totals = await (await get('/api/traces/totals')).json();
    expect(totals).toMatchObject({ deadLetters: { received: 1, waiting: 1 } });
    const redriven = await exports.default.fetch('http://localhost/api/traces/redrive', {
      method: 'POST',
    });
    expect(await redriven.json()).toMatchObject({ redriven: 0, unreadable: 1, remaining: 1 });
  });

  test('an unknown trace is 404', async () => {
    expect((await get('/api/traces/trace_0')).status).toBe(404);
  });

  test.each(['limit=0', 'limit=x', 'status=good', 'cursor=%00', `cursor=${'x'.repeat(3_000)}`])(
    'the query %s is 400',
    async (query) => {
      expect((await get(`/api/traces?${query}`)).status).toBe(400);
    },
  );

  test.each([
    ['another host', 'traces.example.com', {}],
    ['a host that only begins like this machine', 'localhost.example.com', {}],
    ['a client elsewhere', 'localhost', { 'cf-connecting-ip': '203.0.113.9' }],
    ["another site's page", 'localhost', { origin: 'https://evil.example' }],
  ])('%s gets nothing and changes nothing', async (_, host, headers) => {
    for (const path of ['/api/traces', `/api/traces/${traceId}`, '/api/traces/totals']) {
      const response = await get(path, headers, host);
      expect(response.status).toBe(403);
      expect(await response.text()).not.toContain(traceId);
    }
    const init = { method: 'POST', headers };
    const redriven = await exports.default.fetch(`http://${host}/api/traces/redrive`, init);
    expect(redriven.status).toBe(403);
    await redriven.text();
  });

  test('the cron lets go of what is older than 30 days, and of nothing else', async () => {
    const run = async (scheduledTime: number): Promise<void> => {
      await worker.scheduled(
        createScheduledController({ scheduledTime: new Date(scheduledTime) }),
        env,
      );
    };
    const day = 24 * 60 * 60 * 1000;
    await run(Date.now() + 29 * day);
    expect((await get(`/api/traces/${traceId}`)).status).toBe(200);
    await run(Date.now() + 31 * day);
    expect((await get(`/api/traces/${traceId}`)).status).toBe(404);
  });
});

test('GET / says what to try', async () => {
  const response = await get('/');
  expect(response.headers.get('content-type')).toContain('text/plain');
  expect(await response.text()).toContain('curl http://localhost/support -d');
});
