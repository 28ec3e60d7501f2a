/** Chunks whose every field is hostile, as a store could have them from a producer that is. */
import type { Chunk } from '../../src/model/envelope.ts';
import type { Json, SpanRecord, TraceRecord } from '../../src/model/records.ts';

/** Fields of records may be anything here: that is the point. */
type Wild<T> = { [K in keyof T]?: unknown };

const START = Date.now() - 60_000;

/** A trace whose every text is the payload. Its id begins with a number, so that there is one a payload. */
export function hostileChunk(payload: string, n: number): Chunk {
  const id = `${n}${payload}`;
  return {
    chunk_id: `chunk-${n}`,
    trace: {
      object: 'trace',
      id,
      workflow_name: payload,
      group_id: id,
      metadata: {
        [payload]: payload,
        release: payload,
        prompt_version: payload,
        model_alias: payload,
        tool_schema_version: payload,
      },
      request_id: payload,
      status: (payload || 'ok') as TraceRecord['status'],
      started_at: START + n,
      ended_at: START + n + 5_000,
      flush_id: `flush-${n}`,
      flush_seq: 0,
      captured: 99,
      dropped: { [payload]: 3 },
      refused: { [payload]: 1 },
      scope_id: payload,
    },
    spans: hostileSpans(payload, id),
  };
}

/** Where a payload may find itself, so that each kind of span has one of its own. */
const SURROUNDINGS: readonly ((payload: string) => string)[] = [
  (payload) => payload,
  (payload) => `"'>${payload}`,
  (payload) => `</td></tr></table></bdi></p>${payload}`,
  (payload) => `--></script></style></title></textarea>${payload}`,
  (payload) => `\u202E\u2067${payload}\0`,
  (payload) => `${payload.slice(0, 200)}\n${payload}`,
  (payload) => `\uD83D${payload}\uDE00`,
  (payload) => `&lt;${payload}&#x3e;%3C%00`,
];

/** As many kinds as the pages know, each with the payload wherever it has text. */
function hostileSpans(payload: string, traceId: string): SpanRecord[] {
  return Array.from({ length: KINDS_OF_SPAN }, (_, index) => {
    const surrounded = SURROUNDINGS[index % SURROUNDINGS.length]?.(payload) ?? payload;
    return hostileSpan(index, payload, surrounded, traceId);
  });
}

const KINDS_OF_SPAN = 8;

/** @param id what is in ids, which are the same in all spans, so that they find their parents */
function hostileSpan(index: number, id: string, payload: string, traceId: string): SpanRecord {
  const values = object(payload);
  const messages: Json = [
    { role: payload, content: payload },
    { role: 'tool', tool_call_id: payload, content: [{ type: 'text', text: payload }] },
    { role: 'assistant', tool_calls: [{ function: { name: payload, arguments: payload } }] },
    { type: 'function_call', name: payload, arguments: JSON.stringify(values) },
    { type: payload, output: values },
  ];
  const data: Record<string, Record<string, Json>> = {
    agent: { name: payload, handoffs: [payload], tools: [payload], output_type: payload },
    function: { name: payload, input: payload, output: JSON.stringify(values), mcp_data: payload },
    generation: { input: messages, output: messages, model: payload, model_config: values },
    response: { response_id: payload },
    handoff: { from_agent: payload, to_agent: payload },
    guardrail: { name: payload, triggered: true },
    outcome: { name: payload, data: values },
    [payload || 'custom']: { name: payload, data: values, [payload]: payload },
  };
  const [type = 'custom', fields = {}] = Object.entries(data)[index] ?? [];
  return {
    object: 'trace.span',
    id: `${index}${id}`,
    trace_id: traceId,
    parent_id: index === 0 ? id : `${Math.floor((index - 1) / 2)}${id}`,
    started_at: index === 1 ? payload : new Date(START + index * 100).toISOString(),
    ended_at: index === 2 ? payload : new Date(START + index * 200 + 300).toISOString(),
    span_data: { ...fields, type },
    error: { message: payload, data: { [payload]: payload, stack: dropped(payload) } },
    facts: hostileFacts(payload, type),
    extra: { _input: messages, _response: values, _output: dropped(payload) },
  };
}

function hostileFacts(payload: string, kind: string): SpanRecord['facts'] {
  const facts: Wild<SpanRecord['facts']> = {
    kind,
    name: payload,
    model: payload,
    usage: { input_tokens: 5, output_tokens: payload, [payload]: payload },
    counts_usage: true,
    finish_reason: payload,
    handoff_from: payload,
    handoff_to: payload,
    guardrail_triggered: true,
    error_kind: payload,
    error_class: payload,
    outcome: { name: payload, passed: false, code: payload },
    cut: { [payload]: 7 },
  };
  return facts as unknown as SpanRecord['facts'];
}

/** Looks like what a policy leaves, and is not. */
function dropped(payload: string): Json {
  return { $dropped: payload, bytes: 12, fingerprint: payload, reason: payload };
}

/** A computed key makes an own field even of `__proto__`. */
function object(payload: string): { [key: string]: Json } {
  return { [payload]: payload, list: [payload, { [payload]: [payload] }], left: dropped(payload) };
}

const WRONG: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  'text',
  '1e999',
  [],
  [['nested', null]],
  {},
  { toString: 'no function', valueOf: null, length: -1, $dropped: 'string' },
  { $dropped: 'string', bytes: '<b>', fingerprint: {}, reason: ['constructor'] },
];

/** Spans that a reader of the store takes, with all that it does not look at of a wrong type. */
export function wrongChunks(): Chunk[] {
  const id = 'wrong-types';
  return WRONG.map((wrong, n) => {
    // Objects are no times for the store either, which sorts by them.
    const time = typeof wrong === 'object' ? null : wrong;
    const span: Wild<SpanRecord> = {
      object: wrong,
      id: `wrong-${n}`,
      trace_id: id,
      parent_id: wrong,
      started_at: time,
      ended_at: time,
      span_data: Object.assign({ type: KINDS[n % KINDS.length] }, every(CONTENT, wrong)),
      error: { message: 'x', data: wrong },
      facts: { kind: KINDS[n % KINDS.length], ...every(FACTS, wrong) },
      extra: n % 2 === 0 ? wrong : { _input: wrong, _response: wrong, _output: [wrong] },
    };
    return chunk(id, n, [span as unknown as SpanRecord]);
  });
}

const KINDS = ['function', 'generation', 'agent', 'handoff', 'outcome', 'turn', 'response'];
const CONTENT = ['name', 'input', 'output', 'data', 'model', 'model_config', 'tools', 'handoffs'];
const FACTS = [
  'name',
  'model',
  'usage',
  'counts_usage',
  'finish_reason',
  'refusal',
  'arguments_valid',
  'output_valid',
  'tool_calls',
  'handoff_from',
  'handoff_to',
  'guardrail_triggered',
  'turn',
  'max_turns',
  'error_kind',
  'error_class',
  'outcome',
  'truncated',
  'cut',
];

const every = (names: readonly string[], value: unknown): Record<string, unknown> =>
  Object.fromEntries(names.map((name) => [name, value]));

/** Numbers and times that are none of this world, each in a trace of its own. */
export function strangeChunks(): Chunk[] {
  const strange: [number, number][] = [
    [0, -5],
    [-1, 1e308],
    [1, -1e308],
    [8.64e15, 0.1],
    [2 ** 53 - 1, 2 ** 53],
  ];
  return strange.map(([at, tokens], n) => {
    const usage = { input_tokens: tokens, output_tokens: tokens };
    const span: SpanRecord = {
      object: 'trace.span',
      id: 'strange',
      trace_id: `strange-${n}`,
      parent_id: 'strange',
      started_at: n % 2 === 0 ? '+275760-09-13T00:00:00.000Z' : '-271821-04-20T00:00:00.000Z',
      ended_at: n % 2 === 0 ? '-000001-01-01T00:00:00Z' : 'yesterday',
      span_data: { type: 'generation', usage },
      error: null,
      facts: { kind: 'generation', counts_usage: true, usage },
    };
    const { trace, ...rest } = chunk(`strange-${n}`, 0, [span]);
    return { ...rest, trace: { ...trace, started_at: at, ended_at: -at, sample_weight: 1e300 } };
  });
}

/** A megabyte in one line, as each thing that can be long. */
export function longChunks(): Chunk[] {
  const id = 'long-lines';
  const long = 'M'.repeat(1_000_000);
  // A thousand levels are as many as SQLite takes.
  let deep: Json = 'bottom';
  for (let level = 0; level < 900; level += 1) deep = level % 2 === 0 ? [deep] : { deep };
  const spans: Wild<SpanRecord>[] = [
    { facts: { kind: 'handoff', handoff_from: long, handoff_to: 'x' } },
    { error: { message: long } },
    { span_data: { type: 'function', name: 'f', input: long, output: 'small' } },
    { span_data: { type: 'custom', data: { [long]: 1 } } },
    { span_data: { type: 'custom', data: deep } },
    { span_data: { type: 'custom', data: Array.from({ length: 20_000 }, (_, n) => ({ n })) } },
  ];
  return spans.map((patch, n) => {
    const span = {
      object: 'trace.span',
      id: `long-${n}`,
      trace_id: id,
      parent_id: null,
      started_at: new Date(START + n).toISOString(),
      ended_at: new Date(START + n + 5).toISOString(),
      span_data: { type: 'custom' },
      error: null,
      facts: { kind: 'custom' },
      ...patch,
    };
    return chunk(id, n, [span as SpanRecord]);
  });
}

function chunk(id: string, n: number, spans: SpanRecord[]): Chunk {
  return {
    chunk_id: `${id}-${n}`,
    trace: {
      object: 'trace',
      id,
      workflow_name: 'hostile',
      group_id: id,
      metadata: {},
      request_id: null,
      status: 'ok',
      started_at: START,
      ended_at: START + 1_000,
      flush_id: id,
      flush_seq: 0,
    },
    spans,
  };
}
