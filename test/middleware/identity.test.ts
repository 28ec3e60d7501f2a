import { withCustomSpan } from '@openai/agents';
import { Hono } from 'hono';
import { describe, expect, it, vi } from 'vitest';
import { firstOf, fromCookie, fromHeader, fromParam } from '../../src/identity/group.ts';
import type { TraceRecord } from '../../src/model/records.ts';
import { memoryExporter, send, tracing } from '../support/app.ts';
import type { Options } from '../support/app.ts';
import { observeTraces } from '../support/observe.ts';

const traces = observeTraces();

/** The trace record and the refusals that one request makes. */
async function identityOf(
  options: Options,
  init: RequestInit = {},
  {
    path = '/threads/t-42/ask',
    mount = '*',
    env = {},
  }: { path?: string; mount?: string; env?: object } = {},
): Promise<{ trace: TraceRecord; refused: Record<string, number>; response: Response }> {
  const app = new Hono();
  const memory = memoryExporter();
  app.use(mount, tracing({ exporters: () => [memory], ...options }));
  app.all('*', async (c) => {
    await withCustomSpan(async () => 1, { data: { name: 'work' } });
    return c.json({ ok: true });
  });
  const response = await send(app, path, init, env);
  await response.text();
  const { reports } = await traces.flushed();
  return { trace: memory.traces[0]!, refused: reports[0]!.refused, response };
}

const headers = (values: Record<string, string>): RequestInit => ({ headers: values });

describe('the group id', () => {
  it.each(['x-group-id', 'x-conversation-id', 'x-thread-id', 'x-session-id'])(
    'comes from %s by default',
    async (name) => {
      const { trace, refused } = await identityOf({}, headers({ [name]: 'thread_01HZX' }));
      expect(trace.group_id).toBe('thread_01HZX');
      expect(refused).toEqual({});
    },
  );

  it.each([
    "a'; DROP TABLE traces;--",
    '<script>',
    'someone@example.com',
    'x'.repeat(129),
    'per%20cent',
    '4111 1111 1111 1111',
  ])('that is hostile (%s) is replaced by nothing and counted', async (value) => {
    const { trace, refused } = await identityOf({}, headers({ 'x-group-id': value }));
    expect(trace.group_id).toBeNull();
    expect(refused).toEqual({ group_id: 1 });
  });

  it('may be hashed, so that a personal id joins without being stored', async () => {
    const options: Options = {
      groupId: fromHeader('x-user', { hash: 'a key of sixteen characters' }),
    };
    const { trace } = await identityOf(options, headers({ 'x-user': 'someone@example.com' }));
    const again = await identityOf(options, headers({ 'x-user': 'someone@example.com' }));
    expect(trace.group_id).toMatch(/^h_[0-9a-f]{32}$/);
    expect(again.trace.group_id).toBe(trace.group_id);
  });

  it('comes from the first of several sources', async () => {
    const groupId = firstOf(fromHeader('x-none'), fromCookie('sid'), fromHeader('x-thread-id'));
    const { trace } = await identityOf(
      { groupId },
      headers({ cookie: 'a=b; sid=session-9', 'x-thread-id': 't' }),
    );
    expect(trace.group_id).toBe('session-9');
  });

  it('comes from a path parameter where the middleware is mounted on its pattern', async () => {
    const { trace } = await identityOf(
      { groupId: fromParam('id') },
      {},
      { mount: '/threads/:id/*' },
    );
    expect(trace.group_id).toBe('t-42');
  });

  it('from a path parameter that the pattern does not have is explained once', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    await identityOf({ groupId: fromParam('nope') });
    await identityOf({ groupId: fromParam('nope') });
    expect(warn).toHaveBeenCalledTimes(1);
    expect(String(warn.mock.calls[0]?.[0])).toContain('app.use("/threads/:nope/*"');
  });
});

describe('the trace id', () => {
  it('made here sorts by time', async () => {
    const first = await identityOf({});
    await new Promise((resolve) => setTimeout(resolve, 3));
    const second = await identityOf({});
    expect(first.trace.id).toMatch(/^trace_[0-9a-f]{32}$/);
    expect(first.trace.id < second.trace.id).toBe(true);
    expect(Number.parseInt(first.trace.id.slice(6, 18), 16)).toBeCloseTo(Date.now(), -4);
  });

  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

  it('is not taken from a traceparent unless that is asked for', async () => {
    const { trace } = await identityOf({}, headers({ traceparent }));
    expect(trace.id).not.toContain('4bf92f3577b34da6');
  });

  it("is the traceparent's where that is asked for, and a malformed one is counted", async () => {
    const { trace } = await identityOf({ traceparent: true }, headers({ traceparent }));
    expect(trace.id).toBe('trace_4bf92f3577b34da6a3ce929d0e0e4736');
    const bad = await identityOf(
      { traceparent: true },
      headers({ traceparent: `${traceparent}x` }),
    );
    expect(bad.refused).toEqual({ traceparent: 1 });
  });

  it('shared by two concurrent requests through a traceparent keeps their spans with their own request', async () => {
    const app = new Hono();
    const memory = memoryExporter();
    app.use(tracing({ exporters: () => [memory], traceparent: true }));
    app.get('/:name', async (c) => {
      await withCustomSpan(() => new Promise((resolve) => setTimeout(resolve, 10)), {
        data: { name: c.req.param('name') },
      });
      return c.text('ok');
    });
    const init = { headers: { traceparent } };
    await Promise.all([send(app, '/one', init), send(app, '/two', init)]);
    await traces.flushed();
    expect(
      memory.batches
        .map((batch) => batch.spans.map((span) => span.facts.name).join())
        .toSorted((a, b) => a.localeCompare(b)),
    ).toEqual(['one', 'two']);
  });

  it('is answered in a header where that is asked for, and costs no Content-Length', async () => {
    const { trace, response } = await identityOf({ exposeTraceId: true });
    expect(response.headers.get('x-trace-id')).toBe(trace.id);
    const named = await identityOf({ exposeTraceId: 'x-my-trace' });
    expect(named.response.headers.get('x-my-trace')).toBe(named.trace.id);
    expect((await identityOf({})).response.headers.has('x-trace-id')).toBe(false);
  });
});

describe('metadata', () => {
  it('holds the request id, the release of the version binding and what the option declares', async () => {
    const { trace } = await identityOf(
      { metadata: () => ({ environment: 'production', plan: 'pro' }), metadataKeys: ['plan'] },
      headers({ 'cf-ray': '8f3a1234567890ab-AMS' }),
      { env: { CF_VERSION_METADATA: { id: 'version-1', tag: '', timestamp: '' } } },
    );
    expect(trace.metadata).toEqual({
      environment: 'production',
      plan: 'pro',
      release: 'version-1',
      request_id: '8f3a1234567890ab-AMS',
    });
    expect(trace.request_id).toBe('8f3a1234567890ab-AMS');
  });

  it('that is not declared, nested or too long is refused by name', async () => {
    const metadata = (): Record<string, string> => ({
      undeclared: 'x',
      surface: { a: 1 } as unknown as string,
      release: 'r'.repeat(257),
      environment: 'test',
    });
    const { trace, refused } = await identityOf({ metadata });
    expect(trace.metadata).toMatchObject({ environment: 'test' });
    expect(refused).toEqual({
      'metadata.undeclared': 1,
      'metadata.surface': 1,
      'metadata.release': 1,
    });
  });
});
