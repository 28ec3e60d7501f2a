import { beforeAll, describe, expect, it } from 'vitest';
import type { SpanRecord } from '../../src/model/records.ts';
import { full, metadataOnly } from '../../src/policy/policy.ts';
import { capture, captureSpan, judged, listen, sdkSpan, wireOf, wirePart } from './spans.ts';

beforeAll(() => listen({}));

const FUNCTION = { type: 'function', name: 'lookup_order', input: '', output: '' };

const under = (error: unknown, data: object = FUNCTION): Promise<SpanRecord> =>
  judged(metadataOnly, capture(data, error));

describe('what an error was about', () => {
  it.each([
    ['Error running tool', 'tool_error'],
    ['Error running tool (non-fatal)', 'tool_error'],
    ['Tool execution was not approved.', 'tool_rejected'],
    ['Error in agent run', 'run_error'],
    ['Error in callModelInputFilter', 'run_error'],
    ['Guardrail tripwire triggered', 'guardrail_tripped'],
    ['Max turns exceeded', 'max_turns'],
    ['Multiple handoffs requested', 'multiple_handoffs'],
    ['Error getting response', 'model_error'],
    ['Error streaming response', 'model_error'],
    ['Invalid JSON input for tool', 'tool_arguments_invalid'],
  ])('is known from the sentence of the SDK, which stays: %s', async (message, kind) => {
    const record = await under({ message });
    expect(record.error).toEqual({ message });
    expect(record.facts.error_kind).toBe(kind);
  });

  it.each([
    ['MaxTurnsExceededError: Max turns (3) exceeded', 'max_turns', 'MaxTurnsExceededError'],
    [
      'InputGuardrailTripwireTriggered: Input guardrail triggered: {}',
      'guardrail_tripped',
      'InputGuardrailTripwireTriggered',
    ],
    [
      'OutputGuardrailTripwireTriggered: x',
      'guardrail_tripped',
      'OutputGuardrailTripwireTriggered',
    ],
    [
      'InvalidToolInputError: Invalid JSON input for tool',
      'tool_arguments_invalid',
      'InvalidToolInputError',
    ],
    ['RangeError: nobody called Ada', 'run_error', 'RangeError'],
    ['Error: plain', 'run_error', undefined],
    ['constructor: Ada', 'run_error', undefined],
  ])('is known from the class in the detail: %s', async (detail, kind, errorClass) => {
    const { facts } = await under({ message: 'Error in agent run', data: { error: detail } });
    expect(facts.error_kind).toBe(kind);
    expect(facts.error_class).toBe(errorClass);
  });

  it.each([
    ['generation', 'model_error'],
    ['response', 'model_error'],
    ['function', 'tool_error'],
    ['agent', 'run_error'],
    ['task', 'run_error'],
    ['guardrail', 'other'],
    ['custom', 'other'],
    ['constructor', 'other'],
  ])(
    "is taken from the kind of span where the message is not the SDK's own: %s",
    async (type, kind) => {
      const record = await under({ message: '500 the server said Ada' }, { type, name: 'x' });
      expect(record.facts.error_kind).toBe(kind);
      expect(JSON.stringify(record)).not.toContain('Ada');
    },
  );

  it('that every object inherits is no sentence of the SDK', async () => {
    for (const message of ['constructor', 'toString', '__proto__']) {
      expect((await under({ message })).facts.error_kind).toBe('tool_error');
      expect((await under({ message })).error?.message).toMatch(/^\[dropped string/);
    }
  });

  it('knows a rejected approval by its detail', async () => {
    const record = await under({
      message: 'Error running tool',
      data: {
        tool_name: 'refund',
        error: 'Tool execution for call_1 was manually rejected by user.',
      },
    });
    expect(record.facts.error_kind).toBe('tool_rejected');
    expect(record.error?.data).toMatchObject({
      tool_name: 'refund',
      error: { $dropped: 'string' },
    });
  });

  it('keeps the limit of turns', async () => {
    const record = await under({ message: 'Max turns exceeded', data: { max_turns: 3 } });
    expect(record.error).toEqual({ message: 'Max turns exceeded', data: { max_turns: 3 } });
    expect(record.facts.max_turns).toBe(3);
  });

  it('finds the limit of turns in the error of the runner, which replaces the one that had it as data', async () => {
    const detail = 'MaxTurnsExceededError: Max turns (3) exceeded';
    const record = await under({ message: 'Error in agent run', data: { error: detail } });
    expect(record.facts).toMatchObject({ error_kind: 'max_turns', max_turns: 3 });
    expect(record.error?.data).toEqual({ error: expect.objectContaining({ $dropped: 'string' }) });
  });

  it('takes no class that could carry a number, a key or a sentence', async () => {
    for (const detail of [
      'Card4111Error: x',
      'a sentence about an Error: x',
      'ada_is_hereError',
      `${'A'.repeat(60)}Error: x`,
    ]) {
      expect(
        (await under({ message: 'Error running tool', data: { error: detail } })).facts.error_class,
      ).toBeUndefined();
    }
  });

  it('is judged though the error inherits nothing, so that no part of it can be made a text', async () => {
    const bare = { toString: 'Ada', valueOf: 'Ada' };
    const record = await under({ message: bare, data: { error: bare, tool_name: bare } });
    expect(record.facts.error_kind).toBe('tool_error');
    expect(JSON.stringify(record)).not.toContain('Ada');
  });

  it('is absent where there is no error', async () => {
    const record = await under(undefined);
    expect(record.error).toBeNull();
    expect(record.facts).not.toHaveProperty('error_kind');
  });
});

describe('an error under `full`', () => {
  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;

  it.each([
    [
      'data with fields',
      { message: 'm', data: { error: 'e', tool_name: 't', max_turns: 2, n: null } },
    ],
    ['empty data', { message: 'm', data: {} }],
    ['data that is a text', { message: 'm', data: 'text' }],
    ['data that is null', { message: 'm', data: null }],
    ['data that looks like what stands for a value', { message: 'm', data: { $dropped: 'x' } }],
    ['fields that begin with an underscore', { message: 'm', data: { _hint: 'e' } }],
    ['data that is a list', { message: 'm', data: ['a', 1] }],
    ['data that is a date', { message: 'm', data: new Date(0) }],
    ['data with an empty field name', { message: 'm', data: { '': 'empty', other: 1 } }],
    [
      'data with undefined fields',
      { message: 'Error running tool', data: { error: undefined, kept: 1 } },
    ],
    ['no data', { message: '' }],
  ])('with %s has the wire shape of the SDK', async (_what, error) => {
    const span = sdkSpan(FUNCTION, error);
    expect(wirePart(await judged(full, captureSpan(span)))).toEqual(wireOf(span));
  });

  it.each([
    ['an object', { text: 'Ada' }, '{"text":"Ada"}'],
    ['a number', 7, '7'],
    ['nothing', undefined, ''],
    ['a list', ['Ada'], '["Ada"]'],
  ])(
    'whose message is %s has it as text, as every reader needs one',
    async (_what, message, text) => {
      expect((await judged(full, capture(FUNCTION, { message }))).error?.message).toBe(text);
      expect(JSON.stringify(await under({ message }))).not.toContain('Ada');
    },
  );

  it('with a `__proto__` key keeps it as a key', async () => {
    const error = {
      message: 'm',
      data: JSON.parse('{"__proto__":{"polluted":1},"a":2}') as object,
    };
    const span = sdkSpan(FUNCTION, error);
    const record = await judged(full, captureSpan(span));
    expect(JSON.stringify(record.error?.data)).toBe('{"__proto__":{"polluted":1},"a":2}');
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('whose parts cannot be serialised says so part by part', async () => {
    const record = await judged(
      full,
      capture(FUNCTION, { message: 10n, data: { cycle, fine: 1 } }),
    );
    expect(record.error).toEqual({
      message: '[dropped unserializable, 0 bytes]',
      data: { cycle: { $dropped: 'unserializable', bytes: 0 }, fine: 1 },
    });
  });
});

describe('an error under `metadataOnly`', () => {
  it('keeps the names of tool and guardrail where they are safe', async () => {
    expect(
      (await under({ message: 'm', data: { tool_name: 'refund', guardrail: 'no_refunds' } })).error
        ?.data,
    ).toEqual({ tool_name: 'refund', guardrail: 'no_refunds' });
    const { error } = await under({ message: 'm', data: { tool_name: 'ada@example.test' } });
    expect(error?.data).toMatchObject({ tool_name: { $dropped: 'string' } });
  });

  it('stands for data without fields as a whole', async () => {
    expect((await under({ message: 'm', data: 'Ada' })).error?.data).toMatchObject({
      $dropped: 'string',
      bytes: 5,
    });
  });

  it('that is no object is an error all the same', async () => {
    const record = await under('Ada');
    expect(record.facts.error_kind).toBe('tool_error');
    expect(JSON.stringify(record)).not.toContain('Ada');
  });

  it('whose getters throw is an error all the same', async () => {
    const no = (): never => {
      throw new Error('no');
    };
    const error = Object.defineProperties(
      {},
      { message: { get: no, enumerable: true }, data: { get: no, enumerable: true } },
    );
    const record = await under(error);
    expect(record.error).toEqual({
      message: '[dropped unserializable, 0 bytes]',
      data: { $dropped: 'unserializable', bytes: 0 },
    });
  });
});
