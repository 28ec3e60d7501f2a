/** What the SDK records of real runs over the real OpenAI client, and what is captured of it. */
import { Agent, handoff, Runner, tool } from '@openai/agents';
import type { ModelProvider } from '@openai/agents';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { SpanFacts } from '../../src/model/records.ts';
import { full, metadataOnly } from '../../src/policy/policy.ts';
import { fakeOpenAI } from '../support/openai.ts';
import type { Answer } from '../support/script.ts';
import { brokenTool, lookupOrder } from '../support/app.ts';
import { judged, observe, wirePart } from './spans.ts';
import type { ObservedSpan } from './spans.ts';

const WAYS = [
  { api: 'responses', stream: false, kind: 'response' },
  { api: 'responses', stream: true, kind: 'response' },
  { api: 'chat', stream: false, kind: 'generation' },
  { api: 'chat', stream: true, kind: 'generation' },
] as const;
type Way = (typeof WAYS)[number];
type AgentOptions = ConstructorParameters<typeof Agent<unknown, 'text'>>[0];

async function runOf(
  way: Way,
  answers: Answer[],
  agent: (provider: ModelProvider) => Agent,
  options: { maxTurns?: number; input?: string } = {},
): Promise<ObservedSpan[]> {
  const fake = fakeOpenAI(undefined, answers);
  const provider = way.api === 'chat' ? fake.chatProvider : fake.provider;
  const runner = new Runner({ modelProvider: provider });
  const { input = 'canary-question', ...rest } = options;
  return observe(async () => {
    if (!way.stream) return runner.run(agent(provider), input, rest);
    const result = await runner.run(agent(provider), input, { ...rest, stream: true });
    for await (const _event of result) continue;
    return result.completed;
  });
}

const support =
  (extra: Partial<AgentOptions> = {}) =>
  (): Agent =>
    new Agent({
      name: 'Support',
      instructions: 'canary-instructions',
      model: 'gpt-test',
      tools: [lookupOrder, brokenTool],
      ...extra,
    });

const facts = (spans: ObservedSpan[], kind: string): SpanFacts[] =>
  spans.map(({ captured }) => captured.identity.facts).filter((fact) => fact.kind === kind);

async function expectClean(spans: ObservedSpan[], canaries: RegExp): Promise<void> {
  for (const { captured, wire } of spans) {
    expect(JSON.stringify(await judged(metadataOnly, captured))).not.toMatch(canaries);
    expect(wirePart(await judged(full, captured))).toEqual(wire);
  }
}

describe.each(WAYS)('over $api, streamed: $stream', (way) => {
  it('a run with a tool gives model, usage, reasons and arguments, and `full` gives what the SDK would send', async () => {
    const spans = await runOf(
      way,
      [
        {
          toolCalls: [{ name: 'lookup_order', arguments: { id: 'canary-id' } }],
          usage: { input: 10, cached: 4, output: 5, reasoning: 2 },
        },
        { text: 'canary-answer', usage: { input: 20, cached: 12, output: 7, reasoning: 3 } },
      ],
      support(),
    );
    expect(spans.map(({ captured }) => captured.identity.facts.kind).toSorted()).toEqual(
      ['agent', 'function', 'task', 'turn', 'turn', way.kind, way.kind].toSorted(),
    );
    const models = facts(spans, way.kind);
    expect(models).toMatchObject([
      {
        model: 'gpt-test',
        tool_calls: 1,
        arguments_valid: true,
        usage: { input_tokens: 10, cached_input_tokens: 4, output_tokens: 5, reasoning_tokens: 2 },
      },
      {
        model: 'gpt-test',
        usage: { input_tokens: 20, cached_input_tokens: 12, output_tokens: 7, reasoning_tokens: 3 },
      },
    ]);
    // The SDK's stream converter for Chat Completions does not keep the reason.
    if (!(way.api === 'chat' && way.stream)) {
      expect(models.at(-1)?.finish_reason).toBe(way.api === 'chat' ? 'stop' : 'completed');
    }
    expect(facts(spans, 'function')).toEqual([
      { kind: 'function', name: 'lookup_order', arguments_valid: true },
    ]);
    expect(facts(spans, 'task')).toMatchObject([
      { usage: { input_tokens: 30, output_tokens: 12 } },
    ]);
    await expectClean(spans, /canary/);
    const content = JSON.stringify(
      await Promise.all(spans.map(({ captured }) => judged(full, captured))),
    );
    for (const canary of ['canary-question', 'canary-id', 'canary-answer'])
      expect(content).toContain(canary);
    if (way.api === 'responses') expect(content).toContain('canary-instructions');
  });

  it('a refusal is known without its text', async () => {
    const spans = await runOf(way, [{ refusal: 'canary-refusal' }], support());
    expect(facts(spans, way.kind)).toMatchObject([{ refusal: true }]);
    await expectClean(spans, /canary/);
  });

  it('malformed arguments of a tool call are known to be malformed', async () => {
    const spans = await runOf(
      way,
      [{ toolCalls: [{ name: 'lookup_order', arguments: '{"id": "canary' }] }, { text: 'sorry' }],
      support(),
    );
    expect(facts(spans, way.kind)[0]).toMatchObject({ tool_calls: 1, arguments_valid: false });
    await expectClean(spans, /canary/);
  });

  it('an answer that was cut short says why', async () => {
    const spans = await runOf(
      way,
      [{ incomplete: 'max_output_tokens', text: 'canary-half' }],
      support(),
    );
    const [model] = facts(spans, way.kind);
    if (way.api === 'chat' && way.stream) expect(model).toMatchObject({ kind: 'generation' });
    else expect(model?.finish_reason).toBe(way.api === 'chat' ? 'length' : 'max_output_tokens');
    await expectClean(spans, /canary/);
  });

  it('a tool that throws is a tool error, and the run goes on', async () => {
    const spans = await runOf(
      way,
      [{ toolCalls: [{ name: 'broken_tool', arguments: { id: 'canary-id' } }] }, { text: 'sorry' }],
      support(),
    );
    expect(facts(spans, 'function')).toMatchObject([{ error_kind: 'tool_error' }]);
    expect(facts(spans, 'task')[0]).not.toHaveProperty('error_kind');
    await expectClean(spans, /canary/);
  });

  it('a tool whose errors nothing turns into an answer fails the run, with the class of the error', async () => {
    const strict = tool({
      name: 'strict_tool',
      description: 'Fails the run',
      parameters: z.object({ id: z.string() }),
      errorFunction: null,
      execute: () => {
        throw new RangeError('canary-error');
      },
    });
    const spans = await runOf(
      way,
      [{ toolCalls: [{ name: 'strict_tool', arguments: { id: 'canary-id' } }] }],
      support({ tools: [strict] }),
    );
    expect(facts(spans, 'function')).toMatchObject([
      { error_kind: 'tool_error', error_class: 'RangeError' },
    ]);
    expect(facts(spans, 'task')).toMatchObject([{ error_kind: 'run_error' }]);
    await expectClean(spans, /canary/);
  });

  it('an error of the model API is a model error, without its text', async () => {
    const spans = await runOf(
      way,
      [{ error: { status: 500, message: 'canary-error' } }],
      support(),
    );
    expect(facts(spans, way.kind)).toMatchObject([{ error_kind: 'model_error' }]);
    expect(facts(spans, 'task')).toMatchObject([{ error_kind: 'run_error' }]);
    await expectClean(spans, /canary/);
  });

  it('a run that uses up its turns says so, with the limit', async () => {
    const call: Answer = { toolCalls: [{ name: 'lookup_order', arguments: { id: 'a' } }] };
    const spans = await runOf(way, [call, call], support(), { maxTurns: 1 });
    expect(spans.map(({ captured }) => captured.identity.facts.error_kind)).toContain('max_turns');
    expect(spans.map(({ captured }) => captured.identity.facts.max_turns)).toContain(1);
    await expectClean(spans, /canary/);
  });

  it('a handoff names both agents', async () => {
    const billing = new Agent({
      name: 'Billing',
      instructions: 'canary-instructions',
      model: 'gpt-test',
    });
    const spans = await runOf(
      way,
      [{ toolCalls: [{ name: 'transfer_to_Billing', arguments: {} }] }, { text: 'canary-answer' }],
      support({ handoffs: [handoff(billing)] }),
    );
    expect(facts(spans, 'handoff')).toEqual([
      { kind: 'handoff', handoff_from: 'Support', handoff_to: 'Billing' },
    ]);
    expect(facts(spans, 'agent').map((fact) => fact.name)).toEqual(['Support', 'Billing']);
    await expectClean(spans, /canary/);
  });

  it('a guardrail that trips is known by name', async () => {
    const guardrail = {
      name: 'no_refunds',
      execute: async () => ({ tripwireTriggered: true, outputInfo: 'canary-info' }),
    };
    const spans = await runOf(
      way,
      [{ text: 'canary-answer' }],
      support({ inputGuardrails: [guardrail] }),
    );
    expect(facts(spans, 'guardrail')).toMatchObject([
      { name: 'no_refunds', guardrail_triggered: true },
    ]);
    expect(spans.map(({ captured }) => captured.identity.facts.error_kind)).toContain(
      'guardrail_tripped',
    );
    await expectClean(spans, /canary/);
  });
});

it('a tool that must be approved and is rejected is known as rejected', async () => {
  const refund = tool({
    name: 'refund',
    description: 'Pays back',
    parameters: z.object({ id: z.string() }),
    needsApproval: true,
    execute: () => 'canary-paid',
  });
  const { provider } = fakeOpenAI(undefined, [
    { toolCalls: [{ name: 'refund', arguments: { id: 'canary-id' } }] },
    { text: 'canary-answer' },
  ]);
  const runner = new Runner({ modelProvider: provider });
  const agent = support({ tools: [refund] })();
  const spans = await observe(async () => {
    const first = await runner.run(agent, 'canary-question');
    for (const item of first.interruptions) first.state.reject(item);
    return runner.run(agent, first.state);
  });
  expect(facts(spans, 'function')).toMatchObject([{ name: 'refund', error_kind: 'tool_rejected' }]);
  await expectClean(spans, /canary/);
});
