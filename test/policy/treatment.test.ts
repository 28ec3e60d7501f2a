import { beforeAll, describe, expect, it } from 'vitest';
import type { DropCause, Json, SpanRecord, TraceRecord } from '../../src/model/records.ts';
import { Judge } from '../../src/policy/apply.ts';
import { definePolicy } from '../../src/policy/define.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { redacted } from '../../src/policy/redacted.ts';
import type { PolicyOptions } from '../../src/policy/rows.ts';
import { createRedactor } from '../../src/redaction/redactor.ts';
import { capture, listen } from '../capture/spans.ts';

beforeAll(() => listen({}));

const redactor = createRedactor();
const MAIL = 'write to bob@corp.example';
const MASKED = 'write to [email]';
const standIn = (json: string, more: object = {}): object => ({
  $dropped: json.startsWith('"') ? 'string' : 'json',
  bytes: json.length,
  fingerprint: 'f'.repeat(16),
  ...more,
});

const causes: DropCause[] = [];
const judgeOf = (policy: Policy): Judge =>
  new Judge(
    policy.matrixFor([]),
    async () => 'f'.repeat(16),
    (why) => causes.push(why),
  );

async function judged(
  policy: Policy | PolicyOptions,
  data: object,
  error?: unknown,
): Promise<SpanRecord> {
  causes.length = 0;
  const { snapshot, ...read } = capture(data, error);
  const whole = 'matrixFor' in policy ? policy : definePolicy({ redactor, ...policy });
  return judgeOf(whole).span(snapshot, read);
}

const tool = (output: Json, name = 'lookup', input: Json = '{}'): object => ({
  type: 'function',
  name,
  input,
  output,
});

describe('a cell that redacts', () => {
  it('leaves a value without what the redactor finds, JSON in texts included', async () => {
    const { span_data } = await judged(
      { tool: 'redact' },
      tool(JSON.stringify({ note: MAIL, password: 'correct horse' }), 'lookup', MAIL),
    );
    expect(span_data).toMatchObject({
      input: MASKED,
      output: JSON.stringify({ note: MASKED, password: '[secret]' }),
    });
  });

  it('judges a field together with its key', async () => {
    const { span_data } = await judged(
      { custom: 'redact' },
      {
        type: 'custom',
        name: 'login',
        password: 'correct horse',
        data: { api_key: 'hunter2hunter2' },
      },
    );
    expect(span_data).toMatchObject({ password: '[secret]', data: { api_key: '[secret]' } });
  });

  it('takes secrets out of keys, and a field whose key is one is not told by it', async () => {
    const key = 'bob@corp.example';
    const { span_data } = await judged(
      { custom: 'redact' },
      { type: 'custom', name: 'x', data: { [key]: 1 }, [key]: 'v' },
    );
    expect(JSON.stringify(span_data)).not.toContain(key);
    expect(span_data).toMatchObject({ data: { '[email]': 1 }, '[email]': 'v' });
  });

  it('takes a redactor of its own, in which a hash joins equal values', async () => {
    const hashing = createRedactor({ action: 'hash', hashKey: 'a key of sixteen characters' });
    const policy = { tool: hashing, custom: 'redact' } as const;
    const { span_data } = await judged(policy, tool(MAIL, 'lookup', MAIL));
    expect(span_data['output']).toMatch(/^write to \[email:#[0-9a-f]{16}\]$/);
    expect(span_data['output']).toBe(span_data['input']);
  });

  it('holds for error messages and data', async () => {
    const { error } = await judged({ errors: 'redact' }, tool('out'), {
      message: MAIL,
      data: { cause: MAIL, tool_name: 'lookup' },
    });
    expect(error).toEqual({ message: MASKED, data: { cause: MASKED, tool_name: 'lookup' } });
  });
});

describe('a value that cannot be treated', () => {
  it('is dropped and says so when the characters of the flush are used up, and the others stay', async () => {
    const data = { type: 'custom', name: 'x', first: 'a'.repeat(700), second: 'b'.repeat(700) };
    const { span_data } = await judged({ custom: 'redact', maxCharacters: 1_000 }, data);
    expect(span_data['first']).toBe('a'.repeat(700));
    expect(span_data['second']).toEqual(
      standIn(JSON.stringify('b'.repeat(700)), { reason: 'over_budget' }),
    );
    expect(causes).toEqual(['over_budget']);
  });

  it('is dropped and says so when the transform throws, is asynchronous, or returns what is no JSON', async () => {
    const cells = [
      () => {
        throw new Error('a secret of the input');
      },
      async () => 'late',
      () => Symbol('none'),
      () => ({ big: 1n }),
      () => () => 'more',
    ];
    for (const cell of cells) {
      const { span_data } = await judged({ tool: cell as never }, tool('out'));
      expect(span_data['output']).toEqual(standIn('"out"', { reason: 'transform_failed' }));
      expect(causes).toEqual(['transform_failed', 'transform_failed']);
    }
  });

  it('is dropped when the redactor fails', async () => {
    const broken = {
      value: () => 'x',
      valueAsync: () => Promise.reject(new Error('no')),
    };
    const { span_data } = await judged({ tool: broken }, tool('out'));
    expect(span_data['output']).toEqual(standIn('"out"', { reason: 'transform_failed' }));
  });

  it('is dropped when only its head was captured, since half a secret is one', async () => {
    const long = 'x'.repeat(1_100_000);
    const { span_data, facts } = await judged({ tool: 'redact' }, tool(long));
    expect(span_data['output']).toMatchObject({
      $dropped: 'string',
      bytes: 1_100_002,
      reason: 'cut',
    });
    expect(facts.cut).toEqual({ 'span_data.output': 1_100_002 });
  });

  it('says so in an error message, which is a text', async () => {
    const { error } = await judged(
      {
        errors: () => {
          throw new Error('no');
        },
      },
      tool('out'),
      { message: 'boom' },
    );
    expect(error?.message).toBe(`[dropped string, 6 bytes, ${'f'.repeat(16)}, transform_failed]`);
  });
});

describe('a transform', () => {
  it('is told where the value stands, and what it returns leaves', async () => {
    const seen: unknown[] = [];
    const { span_data } = await judged(
      {
        tool: (value, field) => {
          seen.push(field);
          return field.keys[0] === 'input'
            ? undefined
            : { length: JSON.stringify(value).length - 2 };
        },
      },
      tool('four', 'lookup', 'in'),
    );
    expect(span_data).toMatchObject({ input: standIn('"in"'), output: { length: 4 } });
    expect(seen).toEqual([
      { class: 'tool', keys: ['input'], kind: 'function', tool: 'lookup' },
      { class: 'tool', keys: ['output'], kind: 'function', tool: 'lookup' },
    ]);
    expect(causes).toEqual([]);
  });
});

describe('a path', () => {
  const output = JSON.stringify({
    customer: { email: 'bob@corp.example', tier: 'gold' },
    items: [{ sku: 'A-1', note: MAIL }, { sku: 'B-2' }],
  });

  it('keeps parts of what is dropped, beside what stands for the rest', async () => {
    const { span_data } = await judged(
      { fields: { 'tool.output.customer.tier': 'keep', 'tool.output.items.*.sku': 'keep' } },
      tool(output),
    );
    expect(span_data['output']).toMatchObject({
      customer: { tier: 'gold' },
      items: { 0: { sku: 'A-1' }, 1: { sku: 'B-2' } },
      $rest: { $dropped: 'string' },
    });
    expect(JSON.stringify(span_data)).not.toMatch(/bob|write/);
    expect(span_data['input']).toEqual(standIn('"{}"'));
  });

  it('drops and redacts parts of what is kept, and the JSON of a text stays one', async () => {
    const { span_data } = await judged(
      {
        tool: 'keep',
        fields: { 'tool.output.customer': 'drop', 'tool.output.items.*.note': 'redact' },
      },
      tool(output),
    );
    expect(JSON.parse(span_data['output'] as string)).toEqual({
      customer: standIn('{"email":"bob@corp.example","tier":"gold"}'),
      items: [{ sku: 'A-1', note: MASKED }, { sku: 'B-2' }],
    });
  });

  it('that is longer goes before the shorter that holds it, inside what is dropped too', async () => {
    const { span_data } = await judged(
      {
        tool: 'redact',
        fields: { 'tool.output.customer': 'drop', 'tool.output.customer.tier': 'keep' },
      },
      tool(output),
    );
    expect(JSON.parse(span_data['output'] as string)).toEqual({
      customer: { $rest: expect.objectContaining({ $dropped: 'json' }), tier: 'gold' },
      items: [{ sku: 'A-1', note: MASKED }, { sku: 'B-2' }],
    });
  });

  it('leaves a text as it is written where nothing in it is exchanged', async () => {
    const written = '{ "id": 12345678901234567890,\n "b": 1.0 }';
    const { span_data } = await judged(
      { tool: 'keep', fields: { 'tool.output.absent': 'drop', 'tool.output.*.deeper': 'drop' } },
      tool(written),
    );
    expect(span_data['output']).toBe(written);
  });

  it('leads through JSON in the texts of JSON in texts', async () => {
    const inner = JSON.stringify({ body: JSON.stringify({ id: 7, mail: 'bob@corp.example' }) });
    const { span_data } = await judged(
      { tool: 'redact', fields: { 'tool.output.body.mail': 'keep' } },
      tool(inner),
    );
    expect(span_data['output']).toBe(inner);
  });

  it('to a key that hostile data has taken from every object is a key like any other', async () => {
    const hostile = '{"__proto__":{"polluted":"a"},"constructor":"b","keep":"c"}';
    const { span_data } = await judged(
      { fields: { 'tool.output.__proto__.polluted': 'keep', 'tool.output.constructor': 'keep' } },
      tool(hostile),
    );
    expect(JSON.stringify(span_data['output'])).toContain('"__proto__":{"polluted":"a"}');
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    const none = await judged({ fields: { 'tool.output.toString.name': 'keep' } }, tool('{}'));
    expect(none.span_data['output']).toEqual(standIn('"{}"'));
  });

  it('that matches a hundred thousand places costs about as much as it takes to read them', async () => {
    const many = JSON.stringify(Array.from({ length: 20_000 }, (_, n) => ({ n, a: { b: 'x' } })));
    const { span_data } = await judged(
      { tool: 'keep', fields: { 'tool.output.*.a.b': 'drop' } },
      tool(many),
    );
    expect((JSON.parse(span_data['output'] as string) as Json[]).length).toBe(20_000);
  }, 5_000);

  it('that matches more places than memory should hold drops the value', async () => {
    const { span_data } = await judged(
      { tool: 'keep', fields: { 'tool.output.*': 'keep' } },
      tool(JSON.stringify(Array.from({ length: 60_000 }, () => 0))),
    );
    expect(span_data['output']).toMatchObject({ $dropped: 'string', reason: 'transform_failed' });
  });

  it('of errors, metadata and names decides there', async () => {
    const policy = {
      fields: { 'errors.data.code': 'keep', 'names.tool_name': 'drop' },
    } as const;
    const { error } = await judged(policy, tool('out'), {
      message: 'boom',
      data: { code: 'E7', tool_name: 'lookup' },
    });
    expect(error?.data).toEqual({ code: 'E7', tool_name: `[dropped ${'f'.repeat(16)}]` });
  });
});

describe('copies in the content of a model', () => {
  const input = [
    { role: 'system', content: 'you are the prompt' },
    { role: 'user', content: 'where is it?' },
    { type: 'function_call', name: 'lookup', callId: 'c1', arguments: '{"id":"the argument"}' },
    { type: 'function_call_result', callId: 'c1', output: { type: 'text', text: 'the result' } },
    {
      type: 'message',
      role: 'user',
      content: [{ type: 'input_audio', input_audio: { data: 'c291bmQ' } }],
    },
  ];
  const response = {
    type: 'response',
    _input: input,
    _response: {
      instructions: 'the instructions',
      tools: [{ type: 'function', name: 'lookup', description: 'the definition' }],
      output: [
        { type: 'function_call', name: 'other', call_id: 'c2', arguments: 'other argument' },
      ],
    },
  };

  it('are dropped where the original is, and the rest stays', async () => {
    const { extra } = await judged(
      { content: 'keep', instructions: 'drop', audio: 'drop', tools: { lookup: 'drop' } },
      response,
    );
    const json = JSON.stringify(extra);
    for (const gone of ['the prompt', 'the argument', 'the result', 'c291bmQ', 'the instructions'])
      expect(json).not.toContain(gone);
    expect(json).not.toContain('the definition');
    for (const left of ['where is it?', 'other argument', '"name":"lookup"', '"callId":"c1"'])
      expect(json).toContain(left);
  });

  it('are audio in chat too, and leave `redacted` as identifiers', async () => {
    const spoken = { role: 'assistant', audio: { id: 'a1', data: 'c291bmQ', transcript: 'hm' } };
    const said = { type: 'input_audio', input_audio: { data: 'c291bmQ', format: 'wav' } };
    const span = { type: 'generation', input: [{ role: 'user', content: [said] }, spoken] };
    for (const policy of [redacted, { content: 'keep', audio: 'drop' } as const]) {
      const { span_data } = await judged(policy, span);
      expect(span_data['input']).toMatchObject([
        { role: 'user', content: [{ type: 'input_audio', input_audio: { $dropped: 'json' } }] },
        { role: 'assistant', audio: { $dropped: 'json' } },
      ]);
      expect(JSON.stringify(span_data)).not.toContain('c291bmQ');
    }
  });

  it('are found in the messages of chat completions', async () => {
    const { span_data } = await judged(
      { content: 'keep', instructions: 'drop', tools: { lookup: { output: 'drop' } } },
      {
        type: 'generation',
        input: [
          { role: 'developer', content: 'the prompt' },
          {
            role: 'assistant',
            tool_calls: [
              { id: 'c1', type: 'function', function: { name: 'lookup', arguments: '{"q":1}' } },
            ],
          },
          { role: 'tool', tool_call_id: 'c1', content: 'the result' },
          { role: 'tool', tool_call_id: 'c9', content: 'of another' },
        ],
        output: [],
      },
    );
    const json = JSON.stringify(span_data);
    expect(json).not.toContain('the prompt');
    expect(json).not.toContain('the result');
    expect(json).toContain('{\\"q\\":1}');
    expect(json).toContain('of another');
  });

  it('are never treated more loosely than what they stand in', async () => {
    const { extra } = await judged(
      { content: 'redact', tools: { lookup: 'keep' }, fields: { 'tool.output.text': 'keep' } },
      {
        type: 'response',
        _input: [{ type: 'function_call_result', name: 'lookup', output: { text: MAIL } }],
      },
    );
    expect(JSON.stringify(extra)).toContain(MASKED);
  });

  it('are under the paths that drop or redact in the original', async () => {
    const { extra } = await judged(
      { content: 'keep', fields: { 'tool.input.id': 'drop' } },
      { type: 'response', _input: input },
    );
    expect(JSON.stringify(extra)).not.toContain('the argument');
    expect(JSON.stringify(extra)).toContain('the result');
  });

  it('are dropped with it where a model’s content is', async () => {
    const { extra } = await judged({ content: 'drop', tool: 'keep' }, response);
    expect(extra).toMatchObject({ input: { $dropped: 'json' }, output: { $dropped: 'json' } });
  });
});

describe('names', () => {
  it('are masked in the span and its facts under `redacted`, detector-shaped ones', async () => {
    const name = 'ask 203.0.113.77 now';
    const { span_data, facts } = await judged(redacted, tool('out', name));
    expect(span_data['name']).toBe('ask [ip] now');
    expect(facts.name).toBe('ask [ip] now');
    expect(facts.kind).toBe('function');
  });

  it('that are dropped leave what is equal for equal names; kinds and counts stay', async () => {
    const { span_data, facts } = await judged(
      { names: 'drop' },
      {
        type: 'agent',
        name: 'Support',
        handoffs: ['Billing'],
        tools: ['lookup'],
        output_type: 'text',
      },
    );
    const dropped = `[dropped ${'f'.repeat(16)}]`;
    expect(span_data).toMatchObject({ type: 'agent', name: dropped, handoffs: [dropped] });
    expect(facts).toMatchObject({ kind: 'agent', name: dropped });
    const generation = await judged(
      { names: 'drop' },
      { type: 'generation', model: 'gpt-test', usage: { input_tokens: 3 }, input: [], output: [] },
    );
    expect(generation.facts).toMatchObject({ model: dropped, usage: { input_tokens: 3 } });
    expect(generation.span_data).toMatchObject({ usage: { input_tokens: 3 } });
  });

  it('of tasks and outcomes keep the shape that readers rely on', async () => {
    const outcome = await judged(
      { names: 'drop' },
      { type: 'outcome', name: 'valid', passed: true },
    );
    expect(outcome.span_data).toMatchObject({ type: 'custom', name: 'outcome' });
    expect(outcome.span_data['data']).toMatchObject({ sdk_span_type: 'outcome', passed: true });
  });
});

describe('a trace’s record', () => {
  const record = {
    object: 'trace',
    id: 'trace_1',
    workflow_name: 'support',
    group_id: '203.0.113.77',
    metadata: { surface: MAIL, release: 'v1' },
  } as unknown as TraceRecord;

  it('has its metadata judged key by key', async () => {
    const traceUnder = (options: PolicyOptions): Promise<TraceRecord> =>
      judgeOf(definePolicy({ redactor, ...options })).trace(record);
    expect((await traceUnder({})).metadata).toEqual({});
    expect((await traceUnder({ metadata: 'keep' })).metadata).toEqual(record.metadata);
    expect((await traceUnder({ metadata: 'redact' })).metadata).toEqual({
      surface: MASKED,
      release: 'v1',
    });
    const one = { metadata: 'keep', fields: { 'metadata.surface': 'drop' } } as const;
    expect((await traceUnder(one)).metadata).toEqual({ release: 'v1' });
    expect((await traceUnder({ metadata: () => 'x'.repeat(300) })).metadata).toEqual({});
  });

  it('has its group judged as a name', async () => {
    expect((await judgeOf(redacted).trace(record)).group_id).toBe('[ip]');
    expect((await judgeOf(definePolicy({})).trace(record)).group_id).toBe('203.0.113.77');
    const none = { ...record, group_id: null };
    expect((await judgeOf(redacted).trace(none)).group_id).toBeNull();
  });
});
