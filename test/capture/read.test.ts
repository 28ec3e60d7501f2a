import { beforeAll, describe, expect, it } from 'vitest';
import { REFUSED_NAME } from '../../src/capture/divide.ts';
import { MAX_FIELD_BYTES } from '../../src/model/limits.ts';
import { full, metadataOnly } from '../../src/policy/policy.ts';
import {
  capture,
  captureSpan,
  judged,
  listen,
  sampleOf,
  sdkSpan,
  TRACE_ID,
  TYPES,
  wireOf,
  wirePart,
} from './spans.ts';
import type { Captured } from './spans.ts';

beforeAll(() => listen({}));

/** What of a span is content, by place and key. */
const contentOf = (data: object): string[] =>
  capture(data)
    .content.filter((field) => field.class !== 'errors')
    .map((field) => `${field.place}.${field.key}`);

it.each([
  ['agent', { notes: 'x' }, { notes: 'other' }],
  ['task', { notes: 'x' }, { notes: 'other' }],
  ['function', { input: 'x', mcp_data: 'y' }, { input: 'tool', mcp_data: 'tool' }],
  [
    'generation',
    { input: [], model_config: { a: 'x' } },
    { input: 'model', model_config: 'model' },
  ],
  [
    'response',
    { _input: 'x', _response: { instructions: 'y', tools: ['z'], output: ['o'] } },
    { input: 'model', output: 'model', instructions: 'instructions', tools: 'instructions' },
  ],
  ['handoff', { reason: 'x' }, { reason: 'handoff' }],
  ['guardrail', { reason: 'x' }, { reason: 'guardrail' }],
  ['custom', { data: { a: 1 } }, { data: 'custom' }],
  ['mcp_tools', { raw: 'x' }, { raw: 'tool' }],
  ['transcription', { input: 'x' }, { input: 'audio' }],
  ['speech', { output: 'x' }, { output: 'audio' }],
  ['speech_group', { input: 'x' }, { input: 'audio' }],
  ['a_later_type', { name: 'x' }, { name: 'other' }],
  ['constructor', { name: 'x' }, { name: 'other' }],
])(
  'a field of a span of type %s is of the class that a policy knows it by',
  (type, data, classes) => {
    const { content } = capture({ type, ...data }, { message: 'm', data: { d: 1 } });
    const found = content.map((field) => [field.key, field.class]);
    expect(Object.fromEntries(found)).toEqual({ ...classes, message: 'errors', d: 'errors' });
  },
);

const valueOf = (data: object, key: string): unknown =>
  capture(data).content.find((field) => field.key === key)?.value;

describe('the split of a span into identity and content', () => {
  it.each([
    [
      'agent',
      {
        type: 'agent',
        name: 'Support',
        handoffs: ['Billing'],
        tools: ['lookup_order'],
        output_type: 'text',
      },
      ['span_data.notes'],
    ],
    [
      'task',
      {
        type: 'custom',
        name: 'task',
        data: {
          sdk_span_type: 'task',
          name: 'Agent run',
          usage: { input_tokens: 10, output_tokens: 5, requests: 1, total_tokens: 15 },
        },
      },
      [],
    ],
    [
      'turn',
      {
        type: 'custom',
        name: 'turn',
        data: {
          sdk_span_type: 'turn',
          turn: 1,
          agent_name: 'Support',
          usage: { input_tokens: 10, output_tokens: 5, cached_input_tokens: 2 },
        },
      },
      [],
    ],
    [
      'function',
      { type: 'function', name: 'lookup_order' },
      ['span_data.input', 'span_data.output', 'span_data.mcp_data'],
    ],
    [
      'generation',
      {
        type: 'generation',
        model: 'gpt-test',
        model_config: { temperature: 0.5, extra: {} },
        usage: {
          input_tokens: 10,
          output_tokens: 5,
          details: { input_tokens_details: { cached_tokens: 3 } },
        },
      },
      ['span_data.input', 'span_data.output', 'span_data.model_config', 'span_data.usage'],
    ],
    [
      'response',
      { type: 'response', response_id: 'resp_123' },
      ['extra.input', 'extra.output', 'extra.instructions', 'extra.tools'],
    ],
    ['handoff', { type: 'handoff', from_agent: 'Support', to_agent: 'Billing' }, []],
    ['guardrail', { type: 'guardrail', name: 'no_refunds', triggered: true }, ['span_data.reason']],
    ['custom', { type: 'custom', name: 'rank' }, ['span_data.data']],
    [
      'mcp_tools',
      { type: 'mcp_tools', server: 'files', result: ['read', 'write'] },
      ['span_data.raw'],
    ],
    [
      'transcription',
      { type: 'transcription', model: 'whisper-test' },
      ['span_data.input', 'span_data.output', 'span_data.model_config'],
    ],
    [
      'speech',
      { type: 'speech', model: 'tts-test' },
      ['span_data.input', 'span_data.output', 'span_data.model_config'],
    ],
    ['speech_group', { type: 'speech_group' }, ['span_data.input']],
    [
      'a_later_type',
      { type: 'a_later_type' },
      ['span_data.name', 'span_data.model', 'span_data.usage', 'span_data.anything'],
    ],
  ])(
    'of type %s keeps names, flags and numbers as identity and all else as content',
    (type, structure, content) => {
      expect(capture(sampleOf(type)).identity.span_data).toEqual(structure);
      expect(contentOf(sampleOf(type))).toEqual(content);
    },
  );

  it('covers every type that the samples have', () => {
    expect(TYPES).toHaveLength(14);
  });

  it('takes ids, times and the parent from the span', () => {
    const span = sdkSpan(sampleOf('function'));
    expect(captureSpan(span).snapshot).toMatchObject({
      id: span.spanId,
      traceId: TRACE_ID,
      parentId: null,
      startedAt: span.startedAt,
      endedAt: span.endedAt,
    });
  });

  it('of a span that is still open leaves its end open and marks it', () => {
    const captured = captureSpan(sdkSpan(sampleOf('function')), true);
    expect(captured.snapshot.endedAt).toBeNull();
    expect(captured.identity.facts.truncated).toBe(true);
  });

  it('never holds a private field, except the content of a response under `extra`', () => {
    const data = { ...sampleOf('custom'), _secret: 'private', data: {} };
    const left = ({ identity, content }: Captured): string => JSON.stringify([identity, content]);
    expect(left(capture(data))).not.toContain('private');
    const response = {
      type: 'response',
      _note: 'private',
      _response: { metadata: 'private', output: 'shown' },
      _input: 'asked',
    };
    expect(left(capture(response))).not.toContain('private');
    expect(contentOf(response)).toEqual(['extra.input', 'extra.output']);
    expect(
      contentOf({ type: 'custom', name: 'x', _input: 'private', _response: { output: 'private' } }),
    ).toEqual([]);
  });

  it('does not change when the span changes afterwards', () => {
    const data = sampleOf('generation') as {
      output: unknown[];
      usage: { details: object };
      model: string;
    };
    const error = { message: 'before', data: { error: { text: 'before' } } };
    const captured = capture(data, error);
    const before = JSON.stringify(captured);
    data.output.push('after');
    data.model = 'after';
    Object.assign(data.usage.details, { after: 1 });
    error.data.error.text = 'after';
    expect(JSON.stringify(captured)).toBe(before);
    expect(before).not.toContain('after');
  });

  it('takes a mutable list of names by value', () => {
    const data = { type: 'agent', name: 'Support', tools: ['lookup'] };
    const captured = capture(data);
    data.tools.push('after');
    expect(captured.identity.span_data.tools).toEqual(['lookup']);
  });
});

describe('names', () => {
  const key = ['sk', 'proj', 'a1'.repeat(12)].join('-');

  it.each([
    ['a token', key],
    ['an address', 'ada@example.test'],
    ['a card number', ['4111', '1111', '1111', '1111'].join(' ')],
    ['a name of 129 characters', 'n'.repeat(129)],
    ['a control character', 'a\u0007b'],
    ['a line break', 'a\r\nb'],
    ['an override of the text direction', 'a\u202Eb'],
    ['half a character', 'a\uD83D'],
    ['an empty text', ''],
    ['no text at all', { toString: (): string => 'Support' }],
  ])('that are %s are replaced, and the value becomes content', (_what, name) => {
    const captured = capture({ type: 'agent', name, tools: ['lookup', name] });
    expect(captured.identity.span_data).toEqual({
      type: 'agent',
      name: REFUSED_NAME,
      tools: ['lookup', REFUSED_NAME],
    });
    expect(captured.identity.facts.name).toBeUndefined();
    expect(captured.content.map((field) => field.key)).toEqual(['name', 'tools']);
  });

  it('that were refused come back in their own place under `full`, and stand beside it under `metadataOnly`', async () => {
    const captured = capture({ type: 'agent', name: 'ada@example.test' });
    expect((await judged(full, captured)).span_data).toEqual({
      type: 'agent',
      name: 'ada@example.test',
    });
    expect(await judged(metadataOnly, captured)).toMatchObject({
      span_data: { name: REFUSED_NAME },
      extra: { name: { $dropped: 'string', bytes: 18 } },
    });
  });

  it('of tasks and turns come back where the wire shape has them', async () => {
    for (const data of [
      { type: 'task', name: 'ada@example.test' },
      { type: 'turn', turn: 2, agent_name: 'ada@example.test' },
    ]) {
      const span = sdkSpan(data);
      const captured = captureSpan(span);
      expect(wirePart(await judged(full, captured))).toEqual(wireOf(span));
      expect(JSON.stringify(await judged(metadataOnly, captured))).not.toContain('ada@');
    }
  });

  it('of more than 256 tools are cut, and the rest is content', () => {
    const captured = capture({
      type: 'agent',
      name: 'Support',
      tools: Array.from({ length: 300 }, (_, n) => `tool_${n}`),
    });
    expect(captured.identity.span_data.tools).toHaveLength(256);
    expect(captured.content.map((field) => field.key)).toEqual(['tools']);
  });
});

describe('hostile span data', () => {
  it('with a type or keys that every object inherits is content like any other', async () => {
    const data = { type: 'constructor', name: 'n', toString: 't', constructor: 'c' };
    const captured = capture(data);
    expect(captured.identity.span_data).toEqual({ type: 'constructor' });
    expect((await judged(full, captured)).span_data).toEqual(data);
    expect(
      contentOf({ type: 'agent', name: 'Support', valueOf: 'v', hasOwnProperty: 'h' }),
    ).toEqual(['span_data.valueOf', 'span_data.hasOwnProperty']);
  });

  it('with a `__proto__` key pollutes nothing, at the top or deep inside', async () => {
    const data = JSON.parse(
      '{"type":"custom","name":"x","__proto__":{"polluted":1},"data":{"__proto__":{"polluted":1}}}',
    ) as object;
    const record = await judged(full, capture(data));
    expect(JSON.stringify(record.span_data)).toBe(
      '{"type":"custom","name":"x","data":{"__proto__":{"polluted":1}}}',
    );
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('with an unknown field that is null leaves no trace of the name of the field', async () => {
    const record = await judged(
      metadataOnly,
      capture({ type: 'custom', name: 'x', 'a user wrote this': null }),
    );
    expect(JSON.stringify(record)).not.toContain('user wrote');
    expect(record.span_data.unknown_field).toMatchObject({ $dropped: 'json', bytes: 4 });
  });

  it('with field names that look like secrets or are no identifiers gives each a label of its own', async () => {
    const token = `ghp_${'a1'.repeat(18)}`;
    const record = await judged(
      metadataOnly,
      capture({ type: 'custom', name: 'x', [token]: 1, 'two words': 22, data: 3 }),
    );
    expect(Object.keys(record.span_data)).toEqual([
      'type',
      'name',
      'unknown_field',
      'unknown_field_2',
      'data',
    ]);
  });

  it('whose getters throw says that it could not be read', async () => {
    const data = {
      type: 'function',
      get name(): string {
        throw new Error('no');
      },
      get input(): string {
        throw new Error('no');
      },
    };
    const captured = capture(data);
    expect(captured.identity.span_data).toEqual({ type: 'function', name: REFUSED_NAME });
    const unreadable = { $dropped: 'unserializable', bytes: 0 };
    const record = await judged(full, captured);
    expect(record.span_data).toEqual({ type: 'function', name: REFUSED_NAME, input: unreadable });
    expect(record.extra).toEqual({ name: unreadable });
  });

  it('that has a throwing element in a list of names refuses that list alone', async () => {
    const tools: string[] = ['lookup'];
    Object.defineProperty(tools, 1, {
      get: () => {
        throw new Error('no');
      },
      enumerable: true,
    });
    const captured = capture({ type: 'agent', name: 'Support', tools, handoffs: ['Billing'] });
    expect(captured.identity.span_data).toEqual({
      type: 'agent',
      name: 'Support',
      tools: REFUSED_NAME,
      handoffs: ['Billing'],
    });
    expect((await judged(full, captured)).extra).toEqual({
      tools: { $dropped: 'unserializable', bytes: 0 },
    });
  });

  it('that is a proxy which refuses everything gives a span of unknown type', () => {
    const refuse = (): never => {
      throw new Error('no');
    };
    const captured = capture(
      new Proxy({}, { get: refuse, ownKeys: refuse, has: refuse }),
      new Proxy({}, { get: refuse, ownKeys: refuse }),
    );
    expect(captured.identity.span_data).toEqual({ type: 'unknown' });
    expect(captured.identity.facts.error_kind).toBe('other');
  });

  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  it.each([
    ['a cycle', cycle],
    ['a BigInt', 10n],
    ['a BigInt deep inside', { a: [10n] }],
    [
      'a toJSON that throws',
      {
        toJSON: () => {
          throw new Error('no');
        },
      },
    ],
    [
      'a getter that throws deep inside',
      {
        get inside(): string {
          throw new Error('no');
        },
      },
    ],
  ])('with %s in it carries nothing of the value, under any policy', async (_what, value) => {
    const captured = capture({ type: 'custom', name: 'x', data: value });
    for (const policy of [full, metadataOnly]) {
      expect((await judged(policy, captured)).span_data.data).toEqual({
        $dropped: 'unserializable',
        bytes: 0,
      });
    }
  });

  it.each([
    ['a function', () => 'x'],
    ['a symbol', Symbol('x')],
    ['undefined', undefined],
  ])('with %s for a value leaves the field out, as JSON does', async (_what, data) => {
    const span = sdkSpan({ type: 'custom', name: 'x', data });
    for (const policy of [full, metadataOnly]) {
      const wire = wirePart(await judged(policy, captureSpan(span)));
      expect(wire).toEqual(wireOf(span));
      expect(wire).toMatchObject({ span_data: { type: 'custom', name: 'x' } });
    }
  });

  it('keeps symbol keys and nested undefined out, as JSON does', async () => {
    const span = sdkSpan({
      type: 'custom',
      name: 'x',
      data: { [Symbol('s')]: 1, gone: undefined, kept: 1 },
    });
    expect(wirePart(await judged(full, captureSpan(span)))).toEqual(wireOf(span));
  });

  it('that is nested 10,000 deep is judged under every policy', async () => {
    let data: unknown = 'bottom';
    for (let depth = 0; depth < 10_000; depth += 1) data = [data];
    const captured = capture({ type: 'custom', name: 'x', data });
    for (const policy of [full, metadataOnly]) {
      expect((await judged(policy, captured)).span_data.data).toBeDefined();
    }
  });

  it('that is not an object at all gives a span of unknown type', () => {
    for (const data of [null, 'text', 7]) {
      expect(capture(data as unknown as object).identity.span_data).toEqual({ type: 'unknown' });
    }
  });

  it('with a type that is no identifier is of unknown type, and the type is content', async () => {
    for (const type of ['My Type', 'ada@example.test', 'x'.repeat(33), 'Función', '']) {
      const captured = capture({ type });
      expect(captured.identity.span_data).toEqual({ type: 'unknown' });
      expect(captured.identity.facts.kind).toBe('unknown');
      expect((await judged(full, captured)).span_data.type).toBe(type);
    }
    expect(capture({ type: 7 }).identity.span_data).toEqual({ type: 'unknown' });
  });

  it('with times that are no times has none', () => {
    const span = sdkSpan(sampleOf('handoff'));
    const late = Object.create(span, {
      startedAt: { value: 'what a user wrote' },
      endedAt: { value: 12 },
      spanId: { value: 's' },
      traceId: { value: 't' },
      parentId: { value: null },
      spanData: { value: span.spanData },
      error: { value: null },
    }) as typeof span;
    expect(captureSpan(late).snapshot).toMatchObject({ startedAt: null, endedAt: null });
  });
});

describe('a field over the limit', () => {
  const huge = {
    type: 'function',
    name: 'read',
    input: 'small',
    output: 'é'.repeat(MAX_FIELD_BYTES),
  };

  it('is cut and marked with the bytes that it had', async () => {
    const captured = capture(huge);
    expect(captured.identity.facts.cut).toEqual({ 'span_data.output': MAX_FIELD_BYTES * 2 + 2 });
    const output = (await judged(full, captured)).span_data.output;
    expect(output).toEqual({
      $cut: expect.stringContaining('ééé'),
      bytes: MAX_FIELD_BYTES * 2 + 2,
    });
    expect(JSON.stringify(output).length).toBeLessThan(MAX_FIELD_BYTES / 2);
    expect(valueOf(huge, 'input')).toBe('small');
  });

  it('is cut whatever it is made of, and stands for no other', async () => {
    const item = { role: 'user', content: 'x'.repeat(1_000) };
    const items = Array.from({ length: 2_000 }, () => item);
    const bytes = JSON.stringify(items).length;
    const response = { output: items, instructions: 'small', usage: { input_tokens: 3 } };
    const captured = capture(
      { type: 'response', _input: items, _response: response },
      { message: 'm', data: { error: items, tool_name: 'lookup' } },
    );
    expect(captured.identity.facts).toMatchObject({
      usage: { input_tokens: 3 },
      cut: { 'extra.input': bytes, 'extra.output': bytes, 'error.data.error': bytes },
    });
    const { extra, error } = await judged(full, captured);
    expect(extra).toMatchObject({ instructions: 'small', output: { bytes } });
    expect(error?.data).toMatchObject({ tool_name: 'lookup', error: { bytes } });
    expect(captured.snapshot.bytes).toBeLessThan(MAX_FIELD_BYTES);
  });

  it('is told from what an application made to look like one', async () => {
    for (const lookalike of [
      { $cut: true, bytes: 1 },
      { $cut: 'text' },
      { $dropped: 'text', $cut: 'text', bytes: 1 },
      { $dropped: 'unserializable' },
    ]) {
      const span = sdkSpan({ type: 'custom', name: 'x', data: lookalike });
      const captured = captureSpan(span);
      expect(wirePart(await judged(full, captured))).toEqual(wireOf(span));
      expect(captured.identity.facts.cut).toBeUndefined();
    }
  });

  it('that is dropped says the bytes of the whole value, not of its head', async () => {
    const record = await judged(metadataOnly, capture(huge));
    expect(record.span_data.output).toMatchObject({
      $dropped: 'string',
      bytes: MAX_FIELD_BYTES * 2 + 2,
    });
  });

  it('is counted with what is held of it, and so are long lists of names', () => {
    expect(capture(huge).snapshot.bytes).toBeGreaterThan(MAX_FIELD_BYTES / 8);
    expect(capture(huge).snapshot.bytes).toBeLessThan(MAX_FIELD_BYTES);
    const tools = Array.from({ length: 200 }, (_, n) => `${'tool'.repeat(20)}_${n}`);
    const { snapshot } = capture({ type: 'mcp_tools', server: 's', result: tools });
    expect(snapshot.bytes).toBeGreaterThan(16_000);
  });
});
