import { beforeAll, describe, expect, it } from 'vitest';
import type { SpanFacts } from '../../src/model/records.ts';
import { full, metadataOnly } from '../../src/policy/policy.ts';
import { capture, judged, listen, sampleOf } from './spans.ts';

beforeAll(() => listen({}));

const factsOf = (data: object): SpanFacts => capture(data).identity.facts;

describe('the facts of a span', () => {
  it.each([
    ['agent', { kind: 'agent', name: 'Support' }],
    ['task', { kind: 'task', name: 'Agent run', usage: { input_tokens: 10, output_tokens: 5 } }],
    [
      'turn',
      {
        kind: 'turn',
        name: 'Support',
        turn: 1,
        usage: { input_tokens: 10, output_tokens: 5, cached_input_tokens: 2 },
      },
    ],
    ['function', { kind: 'function', name: 'lookup_order', arguments_valid: false }],
    [
      'generation',
      {
        kind: 'generation',
        model: 'gpt-test',
        finish_reason: 'stop',
        usage: { input_tokens: 10, output_tokens: 5, cached_input_tokens: 3 },
      },
    ],
    [
      'response',
      {
        kind: 'response',
        model: 'gpt-test',
        finish_reason: 'completed',
        usage: { input_tokens: 10, output_tokens: 5 },
      },
    ],
    ['handoff', { kind: 'handoff', handoff_from: 'Support', handoff_to: 'Billing' }],
    ['guardrail', { kind: 'guardrail', name: 'no_refunds', guardrail_triggered: true }],
    ['custom', { kind: 'custom', name: 'rank' }],
    ['mcp_tools', { kind: 'mcp_tools' }],
    ['transcription', { kind: 'transcription', model: 'whisper-test' }],
    ['speech', { kind: 'speech', model: 'tts-test' }],
    ['speech_group', { kind: 'speech_group' }],
    ['a_later_type', { kind: 'a_later_type' }],
  ])('of type %s are read before content is dropped', async (type, facts) => {
    expect(factsOf(sampleOf(type))).toEqual(facts);
    for (const policy of [metadataOnly, full]) {
      expect((await judged(policy, capture(sampleOf(type)))).facts).toEqual(facts);
    }
  });

  it('take no name from a kind that is not known to have one', () => {
    expect(factsOf({ type: 'a_later_type', name: 'Ada told me' }).name).toBeUndefined();
    expect(factsOf({ type: 'response', name: 'Ada told me' }).name).toBeUndefined();
  });

  it('say whether the arguments of a tool are JSON, and nothing where the SDK withheld them', () => {
    const validity = (input: unknown): boolean | undefined =>
      factsOf({ type: 'function', name: 'f', input }).arguments_valid;
    expect(validity('{"id":1}')).toBe(true);
    expect(validity('{"id":')).toBe(false);
    expect(validity('')).toBeUndefined();
    expect(validity(undefined)).toBeUndefined();
    expect(validity({ id: 1 })).toBeUndefined();
  });

  it('say whether output of a tool that begins as JSON is JSON, and nothing of other text', () => {
    const validity = (output: unknown): boolean | undefined =>
      factsOf({ type: 'function', name: 'f', output }).output_valid;
    expect(validity('{"id":1}')).toBe(true);
    expect(validity('{"id":')).toBe(false);
    expect(validity('[object Object]')).toBe(false);
    expect(validity('order 1 is on its way')).toBeUndefined();
    expect(validity({ id: 1 })).toBeUndefined();
  });

  it('say that a guardrail which has not tripped has not', () => {
    expect(factsOf({ type: 'guardrail', name: 'g', triggered: false }).guardrail_triggered).toBe(
      false,
    );
    expect(factsOf({ type: 'guardrail', name: 'g' }).guardrail_triggered).toBe(false);
  });

  it('leave out names of agents that do not pass the shape check', () => {
    expect(
      factsOf({ type: 'handoff', from_agent: 'ada@example.test', to_agent: 'Billing' }),
    ).toEqual({ kind: 'handoff', handoff_to: 'Billing' });
  });
});

describe('the facts of a generation', () => {
  const generation = (message: object, rest: object = {}): SpanFacts =>
    factsOf({
      type: 'generation',
      model: 'asked',
      output: [
        {
          model: 'answered',
          usage: {
            prompt_tokens: 4,
            completion_tokens: 2,
            prompt_tokens_details: { cached_tokens: 1 },
            completion_tokens_details: { reasoning_tokens: 1 },
          },
          choices: [{ finish_reason: 'length', message, ...rest }],
        },
      ],
    });

  it('prefer the model that answered to the one that was asked for', () => {
    expect(generation({}).model).toBe('answered');
    expect(factsOf({ type: 'generation', model: 'asked' }).model).toBe('asked');
  });

  it('read usage and the reason for the end from the completion', () => {
    expect(generation({})).toMatchObject({
      finish_reason: 'length',
      usage: { input_tokens: 4, output_tokens: 2, cached_input_tokens: 1, reasoning_tokens: 1 },
    });
  });

  it('never take a sentence for the reason of the end', () => {
    expect(generation({}, { finish_reason: 'because Ada asked' }).finish_reason).toBeUndefined();
    expect(
      factsOf({ type: 'response', _response: { status: 'because Ada asked' } }).finish_reason,
    ).toBeUndefined();
  });

  it('know a refusal without its text', () => {
    expect(generation({ refusal: 'I will not' }).refusal).toBe(true);
    expect(generation({ refusal: null }).refusal).toBeUndefined();
  });

  it('count tool calls and judge their arguments', () => {
    const call = (args: string): object => ({ function: { name: 'f', arguments: args } });
    expect(generation({ tool_calls: [call('{}'), call('{"a":1}')] })).toMatchObject({
      tool_calls: 2,
      arguments_valid: true,
    });
    expect(generation({ tool_calls: [call('{}'), call('{"a":')] })).toMatchObject({
      tool_calls: 2,
      arguments_valid: false,
    });
    expect(generation({ tool_calls: [] }).tool_calls).toBeUndefined();
  });
});

describe('the facts of a response', () => {
  const response = (fields: object): SpanFacts => factsOf({ type: 'response', _response: fields });

  it('prefer the reason of an incomplete answer to its status', () => {
    expect(
      response({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } })
        .finish_reason,
    ).toBe('max_output_tokens');
  });

  it('know a refusal among the parts of any message', () => {
    const output = [
      { type: 'message', content: [{ type: 'output_text', text: 'x' }] },
      { type: 'message', content: [{ type: 'refusal', refusal: 'no' }] },
    ];
    expect(response({ output }).refusal).toBe(true);
    expect(response({ output: output.slice(0, 1) }).refusal).toBeUndefined();
  });

  it('count function calls only', () => {
    const output = [
      { type: 'reasoning' },
      { type: 'function_call', arguments: '{}' },
      { type: 'message', content: [] },
    ];
    expect(response({ output })).toMatchObject({ tool_calls: 1, arguments_valid: true });
  });

  it('survive output of any shape', () => {
    for (const output of [
      null,
      'x',
      [null, 1, 'x', { content: 'x' }, { type: 'function_call' }],
      { length: 1 },
    ]) {
      expect(response({ output }).kind).toBe('response');
    }
  });
});

describe('usage', () => {
  it.each([
    [
      'the spans of the SDK',
      { input_tokens: 1, output_tokens: 2, cached_input_tokens: 3 },
      { input_tokens: 1, output_tokens: 2, cached_input_tokens: 3 },
    ],
    [
      'Responses',
      {
        input_tokens: 1,
        input_tokens_details: { cached_tokens: 3 },
        output_tokens: 2,
        output_tokens_details: { reasoning_tokens: 4 },
      },
      { input_tokens: 1, output_tokens: 2, cached_input_tokens: 3, reasoning_tokens: 4 },
    ],
    [
      'Chat Completions',
      {
        prompt_tokens: 1,
        prompt_tokens_details: { cached_tokens: 3 },
        completion_tokens: 2,
        completion_tokens_details: { reasoning_tokens: 4 },
      },
      { input_tokens: 1, output_tokens: 2, cached_input_tokens: 3, reasoning_tokens: 4 },
    ],
    [
      'details of the ingest',
      {
        input_tokens: 1,
        output_tokens: 2,
        details: {
          input_tokens_details: { cached_tokens: 3 },
          output_tokens_details: { reasoning_tokens: 4 },
        },
      },
      { input_tokens: 1, output_tokens: 2, cached_input_tokens: 3, reasoning_tokens: 4 },
    ],
    ['zeros', { input_tokens: 0, output_tokens: 0 }, { input_tokens: 0, output_tokens: 0 }],
  ])('is read in the spelling of %s', (_what, given, expected) => {
    expect(factsOf({ type: 'generation', usage: given }).usage).toEqual(expected);
  });

  it.each([
    [undefined],
    [null],
    [{}],
    ['10'],
    [[]],
    [{ input_tokens: '10' }],
    [{ input_tokens: -1 }],
    [{ input_tokens: Number.NaN }],
    [{ output_tokens: Infinity }],
  ])('is absent where there is no countable number: %j', (given) => {
    expect(factsOf({ type: 'generation', usage: given }).usage).toBeUndefined();
  });

  it('that is all numbers is identity as a whole, and a text among them is content', () => {
    const numbers = {
      type: 'generation',
      usage: { input_tokens: 1, output_tokens: 2, details: { requests: 1, cost: null } },
    };
    expect(capture(numbers).content).toEqual([]);
    expect(capture({ ...numbers, usage: { input_tokens: 1, note: 'Ada' } })).toMatchObject({
      identity: { span_data: { usage: { input_tokens: 1 } } },
      content: [{ key: 'usage', class: 'model' }],
    });
  });
});
