import { withCustomSpan } from '@openai/agents';
import { describe, expect, it, vi } from 'vitest';
import { currentTrace } from '../../src/request/current-trace.ts';
import { definePolicy } from '../../src/policy/define.ts';
import { full } from '../../src/policy/policy.ts';
import type { PolicyOptions } from '../../src/policy/rows.ts';
import { createRedactor } from '../../src/redaction/redactor.ts';
import { scripted, send, toolThenText, tracedApp } from '../support/app.ts';
import { observeTraces } from '../support/observe.ts';

const traces = observeTraces();

async function answer(): Promise<void> {
  const { runner, agent } = scripted(toolThenText);
  await runner.run(agent, 'Where is A-1?');
}

/** Assembled, so that no scanner takes this file for a leak. */
const TOKEN_LIKE = ['s', 'k-', 'a1B2'.repeat(6)].join('');

describe('agentTrace', () => {
  it('knows its ids, and currentTrace() is the same trace anywhere below the handler', async () => {
    const { app, memory } = tracedApp();
    app.get('/', async (c) => {
      await answer();
      const deep = await Promise.resolve().then(() => currentTrace());
      expect(deep).toBe(c.var.agentTrace);
      return c.json({
        id: c.var.agentTrace.traceId,
        group: c.var.agentTrace.groupId,
        request: c.var.agentTrace.requestId,
      });
    });
    const response = await send(app, '/', {
      headers: { 'x-thread-id': 'thread-1', 'x-request-id': 'req-1' },
    });
    const body = await response.json();
    await traces.flushed();
    expect(body).toEqual({ id: memory.traces[0]?.id, group: 'thread-1', request: 'req-1' });
    expect(memory.traces[0]).toMatchObject({
      group_id: 'thread-1',
      request_id: 'req-1',
      metadata: { request_id: 'req-1' },
    });
    expect(currentTrace()).toBeUndefined();
  });

  it('setMetadata keeps declared keys and drops and counts the rest without throwing', async () => {
    const { app, memory } = tracedApp({ metadataKeys: ['plan'] });
    app.get('/', async (c) => {
      await answer();
      c.var.agentTrace.setMetadata({ plan: 'pro', prompt_version: 'v7' });
      c.var.agentTrace.setMetadata({ email: 'someone' });
      c.var.agentTrace.setMetadata({ plan: TOKEN_LIKE });
      c.var.agentTrace.setMetadata({ surface: { nested: true } as unknown as string });
      c.var.agentTrace.setMetadata(null as unknown as {});
      c.var.agentTrace.setMetadata('text' as unknown as {});
      return c.text('ok');
    });
    expect((await send(app)).status).toBe(200);
    const { reports } = await traces.flushed();
    expect(memory.traces[0]?.metadata).toMatchObject({ plan: 'pro', prompt_version: 'v7' });
    expect(JSON.stringify(memory.batches)).not.toContain(TOKEN_LIKE);
    expect(reports[0]?.refused).toEqual({
      'metadata.undeclared': 1,
      'metadata.plan': 1,
      'metadata.surface': 1,
      metadata: 1,
    });
  });

  it('outcome refuses names that could be user text, and counts them', async () => {
    const { app, memory } = tracedApp();
    app.get('/', async (c) => {
      await answer();
      c.var.agentTrace.outcome('refund_authorised', true);
      c.var.agentTrace.outcome('the user wants a refund', true);
      c.var.agentTrace.outcome('check', false, 'no such order: A-1');
      return c.text('ok');
    });
    await send(app);
    const { reports } = await traces.flushed();
    const outcomes = memory.spans.filter((span) => span.facts.kind === 'outcome');
    expect(outcomes.map((span) => span.facts.outcome)).toEqual([
      { name: 'refund_authorised', passed: true },
    ]);
    expect(reports[0]?.refused).toEqual({ outcome: 2 });
  });

  it('log writes one JSON line with the join keys and without content', async () => {
    const lines: string[] = [];
    vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
    const { app } = tracedApp({ metadata: () => ({ environment: 'test' }) });
    app.get('/', (c) => {
      c.var.agentTrace.log('refund_decided', {
        amount: 12,
        ok: true,
        prompt: 'my secret',
        trace_id: 'forged',
        release: 'r1',
      });
      c.var.agentTrace.log('not an event name\n', {});
      return c.text('ok');
    });
    await send(app, '/', { headers: { 'x-group-id': 'g1' } });
    const { reports } = await traces.flushed();
    expect(lines).toHaveLength(1);
    const line = JSON.parse(lines[0]!) as Record<string, unknown>;
    expect(line).toMatchObject({
      event: 'refund_decided',
      amount: 12,
      ok: true,
      group_id: 'g1',
      workflow: 'support_triage',
      environment: 'test',
      release: 'r1',
    });
    expect(line).not.toHaveProperty('prompt');
    expect(line['trace_id']).toMatch(/^trace_[0-9a-f]{32}$/);
    expect(reports[0]?.refused).toEqual({ 'log.field': 2, 'log.event': 1 });
  });

  it('log writes content where the policy keeps it', async () => {
    const lines: string[] = [];
    vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
    const { app } = tracedApp({ policy: full });
    app.get('/', (c) => {
      const cyclic: Record<string, unknown> = {};
      cyclic['self'] = cyclic;
      c.var.agentTrace.log('answered', { prompt: 'hello', gone: undefined, cyclic });
      return c.text('ok');
    });
    await send(app);
    const { reports } = await traces.flushed();
    expect(JSON.parse(lines[0]!)).toMatchObject({ event: 'answered', prompt: 'hello' });
    expect(reports[0]?.refused).toEqual({ 'log.field': 2 });
  });
});

describe('a log line under a policy', () => {
  async function logged(
    options: PolicyOptions,
    fields: Record<string, unknown>,
  ): Promise<Record<string, unknown>> {
    const lines: string[] = [];
    vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
    const policy = definePolicy({ redactor: createRedactor(), ...options });
    const { app } = tracedApp({ policy, metadata: () => ({ surface: 'web' }) });
    app.get('/', (c) => {
      c.var.agentTrace.log('answered', fields);
      return c.text('ok');
    });
    await send(app, '/', { headers: { 'x-group-id': '203.0.113.77' } });
    await traces.flushed();
    return JSON.parse(lines[0]!) as Record<string, unknown>;
  }

  it('has its fields redacted as custom data, nested ones too', async () => {
    const fields = { note: 'to bob@corp.example', user: { password: 'correct horse' }, amount: 12 };
    expect(await logged({ custom: 'redact', metadata: 'keep' }, fields)).toMatchObject({
      note: 'to [email]',
      user: { password: '[secret]' },
      amount: 12,
      surface: 'web',
      group_id: '203.0.113.77',
    });
  });

  it('is under the row of the destination `log`, names included', async () => {
    const line = await logged(
      { content: 'keep', destinations: { log: { content: 'drop', names: 'redact' } } },
      { note: 'text', ok: true },
    );
    expect(line).toMatchObject({ ok: true, group_id: '[ip]' });
    expect(line).not.toHaveProperty('note');
    expect(line).not.toHaveProperty('surface');
  });

  it('leaves out what is longer than redaction may read while the user waits', async () => {
    const long = 'x'.repeat(256_001);
    const line = await logged({ custom: 'redact' }, { long, short: 'to bob@corp.example' });
    expect(line).not.toHaveProperty('long');
    expect(JSON.stringify(line)).not.toContain('bob@corp.example');
  });

  it('leaves out what a transform fails on, and follows paths into fields', async () => {
    const line = await logged(
      { custom: 'keep', fields: { 'custom.user.mail': 'drop', 'custom.bad': () => 1n as never } },
      { user: { id: 7, mail: 'bob@corp.example' }, bad: 'x', ['__proto__']: 'y' },
    );
    expect(line).toMatchObject({ user: { id: 7, mail: { $dropped: 'policy' } } });
    expect(line).not.toHaveProperty('bad');
  });
});

describe('flushed', () => {
  it('resolves with the account of all flushes', async () => {
    const { app } = tracedApp({ flush: { maxSpans: 3 } });
    let flushed: Promise<unknown> | undefined;
    app.get('/', async (c) => {
      flushed = c.var.agentTrace.flushed;
      await answer();
      return c.text('ok');
    });
    await send(app);
    expect(await flushed).toMatchObject({
      captured: 7,
      reason: 'response',
      destinations: { memory: { exported: 7, failed: 0, dropped: {} } },
    });
  });

  it('awaited before the response is returned resolves with what is known and warns instead of deadlocking', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { app } = tracedApp({ flush: { deadlineMs: 500 } });
    app.get('/', async (c) => {
      await answer();
      const report = await c.var.agentTrace.flushed;
      return c.json(report.captured);
    });
    expect(await (await send(app)).json()).toBe(7);
    expect(warn.mock.calls.flat().join()).toContain('before the response was returned');
    const { reports, spans } = await traces.flushed();
    expect(spans).toHaveLength(7);
    expect(reports.map((report) => report.reason)).toEqual(['step', 'response']);
  });

  it('of a handler that worked for longer than the deadline was the account of what there was by then', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { app } = tracedApp({ flush: { deadlineMs: 300 } });
    let captured: number | undefined;
    app.get('/', async (c) => {
      c.executionCtx.waitUntil(
        c.var.agentTrace.flushed.then((report) => (captured = report.captured)),
      );
      for (let n = 0; n < 8; n += 1) {
        await withCustomSpan(() => new Promise((resolve) => setTimeout(resolve, 100)), {
          data: { name: 'work' },
        });
      }
      return c.text('ok');
    });
    await send(app);
    await expect.poll(() => captured).toBe(8);
    expect(warn).not.toHaveBeenCalled();
  });

  it('taken in the handler and awaited under waitUntil neither warns nor resolves early', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { app } = tracedApp();
    let captured: number | undefined;
    app.get('/', async (c) => {
      c.executionCtx.waitUntil(
        c.var.agentTrace.flushed.then((report) => (captured = report.captured)),
      );
      await answer();
      return c.text('ok');
    });
    await send(app);
    await expect.poll(() => captured).toBe(7);
    expect(warn).not.toHaveBeenCalled();
  });
});
