import { Agent, getGlobalTraceProvider, Runner, tool, withGenerationSpan } from '@openai/agents';
import type { Span, SpanData, Trace } from '@openai/agents';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Scope } from '../../src/capture/scope.ts';
import type { ScopeOptions } from '../../src/capture/scope.ts';
import { MAX_FIELD_BYTES } from '../../src/model/limits.ts';
import { scripted, toolThenText } from '../support/app.ts';
import { fakeOpenAI } from '../support/openai.ts';
import { listen, observe, readAgain, TRACE_ID } from './spans.ts';
import type { Captured } from './spans.ts';

let now = 1_000;
beforeEach(() => {
  now = 1_000;
});

const root = { id: TRACE_ID, workflow: 'support', groupId: null, metadata: {}, startedAt: 1_000 };

function scopeWith(options: Partial<ScopeOptions> = {}): Scope {
  return new Scope({
    requestId: 'request_1',
    root,
    now: () => now,
    adopt: (trace, id) => ({ ...root, id, workflow: trace?.name ?? 'adopted' }),
    maxSpans: 1_000,
    maxBytes: 4_000_000,
    stepMs: 5_000,
    ...options,
  });
}

/** Takes out what has ended and reads it, as a flush does. */
function read(scope: Scope): Captured[] {
  const spans = scope.drain().spans.map(readAgain);
  for (const { snapshot, identity } of spans)
    scope.traces.get(snapshot.traceId)?.add(identity.facts, snapshot);
  return spans;
}

/** Runs `work` in a trace of the SDK whose hooks all go to the scope. */
async function within(scope: Scope, work: () => Promise<unknown>): Promise<void> {
  await observe(async () => {
    listen({
      onTraceStart: (trace) => scope.traceStarted(trace),
      onTraceEnd: (trace) => scope.traceEnded(trace),
      onSpanStart: (span) => scope.spanStarted(span),
      onSpanEnd: (span) => scope.spanEnded(span),
    });
    await work();
  });
}

const trace = (): Trace =>
  getGlobalTraceProvider().createTrace({ name: 'a_trace', traceId: TRACE_ID });

function start(
  scope: Scope,
  data: object,
  parent: Span<SpanData> | Trace = trace(),
): Span<SpanData> {
  listen({
    onSpanStart: (span) => scope.spanStarted(span),
    onSpanEnd: (span) => scope.spanEnded(span),
  });
  const span = getGlobalTraceProvider().createSpan({ data: data as SpanData }, parent);
  span.start();
  return span;
}

const counted = (spans: readonly Captured[]): [string, number | undefined][] =>
  spans
    .map(({ identity }) => identity.facts)
    .filter(({ counts_usage }) => counts_usage)
    .map(({ kind, usage }) => [kind, usage?.input_tokens]);

const generation = (tokens: number): object => ({
  type: 'generation',
  usage: { input_tokens: tokens, output_tokens: 1 },
});

describe('tokens are counted once', () => {
  const sum = (spans: readonly Captured[]): number =>
    counted(spans).reduce((total, [, tokens]) => total + (tokens ?? 0), 0);

  it('at the responses of a real run', async () => {
    const scope = scopeWith();
    const { runner, agent } = scripted(toolThenText);
    await within(scope, () => runner.run(agent, 'hi'));
    const spans = read(scope);
    expect(counted(spans)).toEqual([
      ['response', 10],
      ['response', 20],
    ]);
    expect(
      spans
        .map(({ identity }) => identity.facts)
        .filter(({ kind }) => kind === 'turn')
        .map(({ usage }) => usage?.input_tokens),
    ).toEqual([10, 20]);
  });

  it('at the turns where the responses know no usage, since sensitive data stays out', async () => {
    const scope = scopeWith();
    const { provider } = fakeOpenAI(undefined, toolThenText);
    const { agent } = scripted([]);
    const runner = new Runner({ modelProvider: provider, traceIncludeSensitiveData: false });
    await within(scope, () => runner.run(agent, 'hi'));
    expect(counted(read(scope))).toEqual([
      ['turn', 10],
      ['turn', 20],
    ]);
  });

  it.each([
    { includeTaskAndTurnSpans: true, traceIncludeSensitiveData: true },
    { includeTaskAndTurnSpans: false, traceIncludeSensitiveData: true },
    { includeTaskAndTurnSpans: true, traceIncludeSensitiveData: false },
  ])(
    'though the turn of an agent repeats those of another that serves it as a tool: %j',
    async ({ includeTaskAndTurnSpans, traceIncludeSensitiveData }) => {
      const scope = scopeWith();
      const { provider } = fakeOpenAI(undefined, [
        {
          toolCalls: [{ name: 'ask_billing', arguments: { input: 'why' } }],
          usage: { input: 1, output: 1 },
        },
        { text: 'because', usage: { input: 10, output: 1 } },
        { text: 'so it is', usage: { input: 100, output: 1 } },
      ]);
      const billing = new Agent({ name: 'Billing', model: 'gpt-test' });
      const runConfig = {
        modelProvider: provider,
        tracing: { includeTaskAndTurnSpans },
        traceIncludeSensitiveData,
      };
      const agent = new Agent({
        name: 'Support',
        model: 'gpt-test',
        tools: [billing.asTool({ toolName: 'ask_billing', toolDescription: 'Asks', runConfig })],
      });
      await within(scope, () => new Runner(runConfig).run(agent, 'hi'));
      const spans = read(scope);
      expect(sum(spans)).toBe(111);
      expect(counted(spans)).toHaveLength(3);
      expect(Math.max(...[...scope.traces.values()].map((state) => state.inputTokens))).toBe(111);
    },
  );

  it('with those of a model that a tool asks itself, which no turn reports', async () => {
    const scope = scopeWith();
    const ask = tool({
      name: 'ask',
      description: 'Asks a model',
      parameters: z.object({ id: z.string() }),
      execute: async () =>
        withGenerationSpan(async (span) => {
          span.spanData.usage = { input_tokens: 1_000, output_tokens: 1 };
          return 'asked';
        }),
    });
    const { provider } = fakeOpenAI(undefined, [
      { toolCalls: [{ name: 'ask', arguments: { id: 'a' } }], usage: { input: 1, output: 1 } },
      { text: 'x', usage: { input: 10, output: 1 } },
    ]);
    const agent = new Agent({ name: 'Support', model: 'gpt-test', tools: [ask] });
    await within(scope, () => new Runner({ modelProvider: provider }).run(agent, 'hi'));
    expect(sum(read(scope))).toBe(1_011);
  });

  it('at the generations of a turn that is cut short', () => {
    const scope = scopeWith();
    const turn = start(scope, { type: 'turn', turn: 1, agent_name: 'Support' });
    start(scope, generation(7), turn).end();
    start(scope, { type: 'response' }, turn);
    scope.truncateOpen();
    expect(counted(read(scope))).toEqual([['generation', 7]]);
    expect(scope.root.inputTokens).toBe(7);
  });

  it('with what a turn knows beyond its generations, such as a try that failed', () => {
    const scope = scopeWith();
    const turn = start(scope, {
      type: 'turn',
      turn: 1,
      agent_name: 'Support',
      usage: { input_tokens: 10, output_tokens: 2 },
    });
    const wrapper = start(scope, { type: 'custom', name: 'gateway', data: {} }, turn);
    start(scope, generation(7), wrapper).end();
    wrapper.end();
    turn.end();
    expect(counted(read(scope))).toEqual([
      ['generation', 7],
      ['turn', 3],
    ]);
    expect([scope.root.inputTokens, scope.root.outputTokens]).toEqual([10, 2]);
  });

  it('where spans have each other as parents, without end', () => {
    const scope = scopeWith();
    listen({
      onSpanStart: (span) => scope.spanStarted(span),
      onSpanEnd: (span) => scope.spanEnded(span),
    });
    const make = (spanId: string, parentId: string): Span<SpanData> =>
      getGlobalTraceProvider().createSpan(
        { spanId, parentId, traceId: TRACE_ID, data: generation(1) as SpanData },
        trace(),
      );
    const spans = [make('span_a', 'span_b'), make('span_b', 'span_a')].map((span) =>
      Object.defineProperty(span, 'parentId', {
        value: span.spanId === 'span_a' ? 'span_b' : 'span_a',
      }),
    );
    for (const span of spans) span.start();
    const child = start(scope, generation(2), spans[0]);
    child.end();
    expect(counted(read(scope))).toEqual([['generation', 2]]);
  });
});

describe('the status of a scope over real runs', () => {
  const statusAfter = async (scope: Scope, work: () => Promise<unknown>): Promise<string> => {
    await within(scope, work);
    read(scope);
    return [...scope.traces.values()].find((state) => state.spanCount > 0)?.status() ?? 'none';
  };

  it('is ok where a tool failed and the run recovered', async () => {
    const { runner, agent } = scripted([
      { toolCalls: [{ name: 'broken_tool', arguments: { id: 'a' } }] },
      { text: 'sorry' },
    ]);
    expect(await statusAfter(scopeWith(), () => runner.run(agent, 'hi'))).toBe('ok');
  });

  it('is ok where the second try succeeds, and error where it fails', async () => {
    const { runner, agent } = scripted([{ error: { status: 500 } }, { text: 'fine' }]);
    const tryTwice = async (): Promise<unknown> =>
      runner.run(agent, 'hi').catch(async () => runner.run(agent, 'hi'));
    expect(await statusAfter(scopeWith(), tryTwice)).toBe('ok');
    const broken = scripted([{ text: 'fine' }, { error: { status: 500 } }]);
    const fineThenBroken = async (): Promise<unknown> => {
      await broken.runner.run(broken.agent, 'hi');
      return broken.runner.run(broken.agent, 'hi');
    };
    expect(await statusAfter(scopeWith(), fineThenBroken)).toBe('error');
  });

  it('is blocked where a guardrail tripped', async () => {
    const { runner } = scripted([{ text: 'fine' }]);
    const execute = async (): Promise<{ tripwireTriggered: boolean; outputInfo: object }> => ({
      tripwireTriggered: true,
      outputInfo: {},
    });
    const agent = new Agent({
      name: 'Support',
      model: 'gpt-test',
      inputGuardrails: [{ name: 'no_refunds', execute }],
    });
    expect(await statusAfter(scopeWith(), () => runner.run(agent, 'hi'))).toBe('blocked');
  });

  it('is truncated where a span was still open', () => {
    const scope = scopeWith();
    start(scope, { type: 'task', name: 'run' });
    scope.truncateOpen();
    read(scope);
    expect(scope.root.status()).toBe('truncated');
  });
});

describe('the buffer', () => {
  it('gives each record once', () => {
    const scope = scopeWith();
    start(scope, { type: 'handoff' }).end();
    expect(scope.hasRecords()).toBe(true);
    expect(scope.drain().spans).toHaveLength(1);
    expect(scope.drain()).toMatchObject({ spans: [], drops: {} });
    expect(scope.hasRecords()).toBe(false);
  });

  it('that is full drops and counts what comes, and takes more when a flush no longer holds what it took', () => {
    const scope = scopeWith();
    const large = (): void =>
      start(scope, {
        type: 'function',
        name: 'f',
        input: 'x'.repeat(MAX_FIELD_BYTES - 2),
        output: 'x'.repeat(MAX_FIELD_BYTES - 2),
      }).end();
    for (let n = 0; n < 20; n += 1) large();
    const { spans, drops, hold } = scope.drain();
    expect(spans.length + (drops.buffer_full ?? 0)).toBe(20);
    expect(drops).toEqual({ buffer_full: 5 });
    large();
    expect(scope.drain()).toMatchObject({ spans: [], drops: { buffer_full: 1 } });
    hold(0);
    large();
    expect(scope.drain()).toMatchObject({ spans: [expect.anything()], drops: {} });
  });

  it('asks for a step when enough spans or bytes have gathered', () => {
    const bySpans = scopeWith({ maxSpans: 2 });
    const byBytes = scopeWith({ maxBytes: 3_000 });
    let asked = '';
    bySpans.listener = { full: () => (asked += 'spans'), late: () => {} };
    byBytes.listener = { full: () => (asked += 'bytes'), late: () => {} };
    start(bySpans, { type: 'handoff' }).end();
    start(byBytes, { type: 'handoff' }).end();
    expect(asked).toBe('');
    start(bySpans, { type: 'handoff' }).end();
    expect(asked).toBe('spans');
    start(byBytes, { type: 'function', name: 'f', input: 'x'.repeat(3_000) }).end();
    expect(asked).toBe('spansbytes');
  });
});

describe('a span that goes out before it has ended', () => {
  it('is marked, and its end is counted as one that came too late', () => {
    const scope = scopeWith();
    const span = start(scope, { type: 'function', name: 'slow' });
    scope.truncateOpen();
    expect(read(scope)).toMatchObject([
      {
        snapshot: { id: span.spanId, endedAt: null, truncated: true },
        identity: { facts: { truncated: true } },
      },
    ]);
    span.end();
    expect(scope.drain()).toMatchObject({ spans: [], drops: { already_truncated: 1 } });
  });

  it('goes out before the spans around it, so that a turn knows its generations', () => {
    const scope = scopeWith();
    const outer = start(scope, { type: 'task', name: 'run' });
    const inner = start(scope, { type: 'turn', turn: 1, agent_name: 'Support' }, outer);
    scope.truncateOpen();
    expect(scope.drain().spans.map(({ id }) => id)).toEqual([inner.spanId, outer.spanId]);
  });
});

describe('a trace that the scope did not open', () => {
  it('is adopted with its own identity, and keeps the scope busy until it ends', () => {
    const scope = scopeWith();
    const other = getGlobalTraceProvider().createTrace({ name: 'their_trace' });
    scope.traceStarted(other);
    expect(scope.traces.get(other.traceId)?.identity).toMatchObject({ workflow: 'their_trace' });
    expect(scope.isQuiet()).toBe(false);
    now = 2_000;
    scope.traceEnded(other);
    expect(scope.isQuiet()).toBe(true);
    expect(scope.traces.get(other.traceId)?.endedAt).toBe(2_000);
  });

  it('is adopted by its first span where its start was never seen, and does not keep the scope busy', () => {
    const scope = scopeWith();
    const other = getGlobalTraceProvider().createTrace({ name: 'their_trace' });
    start(scope, { type: 'handoff' }, other).end();
    expect(scope.traces.get(other.traceId)?.identity.workflow).toBe('adopted');
    expect(scope.isQuiet()).toBe(true);
  });

  it('that starts a second time, as a resumed run does, is active again under the same state', () => {
    const scope = scopeWith();
    const other = getGlobalTraceProvider().createTrace({ name: 'their_trace' });
    scope.traceStarted(other);
    scope.traceEnded(other);
    const state = scope.traces.get(other.traceId);
    scope.traceStarted(other);
    expect(scope.traces.get(other.traceId)).toBe(state);
    expect(scope.isQuiet()).toBe(false);
  });

  it('does not count as the sight of the own start', () => {
    const scope = scopeWith();
    scope.traceStarted(getGlobalTraceProvider().createTrace({ name: 'their_trace' }));
    expect(scope.sawStart).toBe(false);
    scope.traceStarted(trace());
    expect(scope.sawStart).toBe(true);
  });
});

describe('a scope', () => {
  it('is quiet while only its own trace is open, and not while a span is', () => {
    const scope = scopeWith();
    expect(scope.isQuiet()).toBe(true);
    const span = start(scope, { type: 'handoff' });
    expect(scope.isQuiet()).toBe(false);
    span.end();
    expect(scope.isQuiet()).toBe(true);
  });

  it('waits for held work until all of it has been released', async () => {
    const scope = scopeWith();
    const releases = [scope.hold(), scope.hold()];
    for (const [index, release] of releases.entries()) {
      expect(scope.isQuiet()).toBe(false);
      const change = scope.nextChange();
      release();
      await change;
      expect(scope.isQuiet()).toBe(index === 1);
    }
  });

  it('keeps track of spans around which the data of others throws', () => {
    const scope = scopeWith();
    const refuse = (): never => {
      throw new Error('no');
    };
    const around = start(scope, new Proxy({}, { get: refuse, ownKeys: refuse }));
    const inner = start(scope, generation(5), around);
    expect(scope.isQuiet()).toBe(false);
    inner.end();
    around.end();
    expect(scope.isQuiet()).toBe(true);
    expect(read(scope).map(({ identity }) => identity.facts.kind)).toEqual([
      'generation',
      'unknown',
    ]);
  });

  it('that rests says once that something came late, until it rests again', () => {
    const scope = scopeWith();
    let late = 0;
    scope.listener = { full: () => {}, late: () => (late += 1) };
    start(scope, { type: 'handoff' }).end();
    expect(late).toBe(0);
    scope.resting = true;
    start(scope, { type: 'handoff' }).end();
    expect(late).toBe(1);
    scope.resting = true;
    start(scope, { type: 'handoff' }).end();
    expect(late).toBe(2);
  });

  it('takes records that no span of the SDK stands behind', () => {
    const scope = scopeWith();
    const outcome = { type: 'outcome', name: 'schema_valid', passed: true };
    const json = JSON.stringify({ data: outcome });
    const startedAt = new Date(now).toISOString();
    scope.add({ id: 's', traceId: TRACE_ID, parentId: null, startedAt, json });
    expect(read(scope)).toMatchObject([
      {
        snapshot: { id: 's', traceId: TRACE_ID, startedAt, endedAt: startedAt, truncated: false },
        identity: { facts: { kind: 'outcome', outcome: { name: 'schema_valid', passed: true } } },
        content: [],
      },
    ]);
    expect(scope.root.spanCount).toBe(1);
  });

  it('takes the end of a span whose start it never saw', () => {
    const scope = scopeWith();
    listen({});
    const span = getGlobalTraceProvider().createSpan({ data: generation(5) as SpanData }, trace());
    span.start();
    scope.spanEnded(span);
    expect(counted(read(scope))).toEqual([['generation', 5]]);
  });

  it('counts refused inputs and faults by kind', () => {
    const scope = scopeWith();
    scope.refuse('group_id');
    scope.refuse('group_id');
    scope.fault('callback');
    expect(scope.refused).toEqual({ group_id: 2 });
    expect(scope.faults).toEqual({ callback: 1 });
  });
});
