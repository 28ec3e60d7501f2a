import {
  getGlobalTraceProvider,
  OpenAITracingExporter,
  Runner,
  setTraceProcessors,
  Agent,
} from '@openai/agents';
import type { Span, SpanData, Trace } from '@openai/agents';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { openaiExporter } from '../../src/destinations/openai.ts';
import type { SpanRecord } from '../../src/model/records.ts';
import { fakeOpenAI } from '../support/openai.ts';
import { openSink } from '../support/sink.ts';
import type { Sink } from '../support/sink.ts';
import { batchOf, dropped, spanRecord, traceRecord } from './records.ts';

const API_KEY = 'not-a-real-key';

/** Every type of span that the SDK makes, filled as far as its types go. */
const SPAN_DATA: SpanData[] = [
  { type: 'agent', name: 'Triage', handoffs: ['Billing'], tools: ['lookup'], output_type: 'text' },
  {
    type: 'task',
    name: 'support_triage',
    usage: {
      requests: 2,
      input_tokens: 5,
      output_tokens: 6,
      total_tokens: 11,
      cached_input_tokens: 1,
      cache_write_input_tokens: 0,
    },
  },
  { type: 'turn', turn: 1, agent_name: 'Triage' },
  { type: 'function', name: 'lookup', input: '{"id":"A-1"}', output: 'on its way', mcp_data: '{}' },
  {
    type: 'generation',
    input: [
      { role: 'user', content: 'where is it?' },
      { type: 'reasoning', content: 'hm' },
    ],
    output: [
      {
        role: 'assistant',
        reasoning: 'r',
        content: [
          { type: 'text', text: 'there', reasoning: 'r' },
          { type: 'reasoning', text: 'r' },
        ],
      },
      {
        object: 'chat.completion',
        choices: [{ message: { role: 'assistant', reasoning: 'r', content: 'c' } }, 'odd'],
      },
    ],
    model: 'gpt-test',
    model_config: { temperature: 0.5, base_url: 'x' },
    usage: {
      input_tokens: 1,
      output_tokens: 2,
      total_tokens: 3,
      input_tokens_details: { cached_tokens: 1 },
      details: { total_tokens: 9, kept: true },
    },
  },
  { type: 'generation', model: 'gpt-test', usage: { requests: 1, total_tokens: 4 } },
  { type: 'generation', model: 'gpt-test', usage: { input_tokens: 1, output_tokens: 0 } },
  {
    type: 'response',
    response_id: 'resp_1',
    _input: 'private',
    _response: { output: ['private'] },
  },
  { type: 'handoff', from_agent: 'Triage', to_agent: 'Billing' },
  { type: 'custom', name: 'cache', data: { hit: true, nested: { list: [1, null, 'x'] } } },
  { type: 'guardrail', name: 'no_legal_advice', triggered: true },
  { type: 'transcription', input: { data: 'YQ==', format: 'pcm' }, output: 'a', model: 'm' },
  {
    type: 'speech',
    input: 'a',
    output: { data: 'YQ==', format: 'pcm' },
    model: 'm',
    model_config: { voice: 'x' },
  },
  { type: 'speech_group', input: 'a' },
  { type: 'mcp_tools', server: 'files', result: ['read', 'write'] },
];

interface Recorded {
  trace: Trace;
  spans: Span<SpanData>[];
}

async function recordSpans(work: (trace: Trace) => Promise<void> | void): Promise<Recorded> {
  const spans: Span<SpanData>[] = [];
  setTraceProcessors([
    {
      async onTraceStart() {},
      async onTraceEnd() {},
      async onSpanStart() {},
      async onSpanEnd(span) {
        spans.push(span);
      },
      async shutdown() {},
      async forceFlush() {},
    },
  ]);
  const trace = getGlobalTraceProvider().createTrace({
    name: 'support_triage',
    groupId: 'thread-7',
    metadata: { environment: 'test' },
  });
  await work(trace);
  return { trace, spans };
}

function everySpan(trace: Trace): void {
  const provider = getGlobalTraceProvider();
  const root = provider.createSpan({ data: SPAN_DATA[0]! }, trace);
  root.start();
  for (const data of SPAN_DATA.slice(1)) {
    const span = provider.createSpan({ data }, root);
    span.start();
    if (data.type === 'function') {
      span.setError({
        message: 'Error running tool',
        data: { tool_name: 'lookup', error: 'timed out' },
      });
    }
    if (data.type === 'guardrail') span.setError({ message: 'Guardrail tripwire triggered' });
    span.end();
  }
  root.end();
}

/** What Sluice knows of the same spans: the SDK's JSON with facts beside it. */
function batchFrom({ trace, spans }: Recorded) {
  const { object: _, ...base } = trace.toJSON() as {
    object: string;
    id: string;
    workflow_name: string;
    metadata: Record<string, string>;
  };
  const records = spans.map((span): SpanRecord => {
    const json = JSON.parse(JSON.stringify(span.toJSON())) as SpanRecord;
    return { ...json, facts: { kind: span.spanData.type, name: 'x' }, extra: { input: 'private' } };
  });
  return batchOf(records, [traceRecord(base)]);
}

async function bodies(sink: Sink): Promise<unknown[]> {
  return (await sink.requests()).map((request) => JSON.parse(request.body) as unknown);
}

const context = () => ({ signal: AbortSignal.timeout(10_000) });

afterEach(() => {
  vi.restoreAllMocks();
});

describe("the wire shape is that of the SDK's own exporter", () => {
  test('for every type of span', async () => {
    const recorded = await recordSpans(everySpan);
    const [theirs, ours] = [openSink(), openSink()];
    await new OpenAITracingExporter({ apiKey: API_KEY, endpoint: theirs.ingestUrl }).export([
      recorded.trace,
      ...recorded.spans,
    ]);
    await openaiExporter({ apiKey: API_KEY, endpoint: ours.ingestUrl }).export(
      batchFrom(recorded),
      context(),
    );
    const [expected] = await bodies(theirs);
    expect((expected as { data: unknown[] }).data).toHaveLength(SPAN_DATA.length + 1);
    expect(await bodies(ours)).toEqual([expected]);
  });

  test('and of its headers, but for the name of the sender', async () => {
    const recorded = await recordSpans(everySpan);
    const [theirs, ours] = [openSink(), openSink()];
    await new OpenAITracingExporter({ apiKey: API_KEY, endpoint: theirs.ingestUrl }).export([
      recorded.trace,
    ]);
    await openaiExporter({ apiKey: API_KEY, endpoint: ours.ingestUrl }).export(
      batchFrom({ ...recorded, spans: [] }),
      context(),
    );
    const [expected, got] = [await theirs.requests(), await ours.requests()].map((requests) => {
      const { 'user-agent': agent, host: _, ...headers } = requests[0]!.headers;
      return { agent, headers };
    });
    expect(got?.headers).toEqual(expected?.headers);
    expect(got?.headers.authorization).toBe(`Bearer ${API_KEY}`);
    expect(got?.agent).toBe('sluice');
  });

  test("leaves the model's reasoning out where it goes to OpenAI's own ingest", async () => {
    const recorded = await recordSpans(everySpan);
    const [theirs, ours] = [openSink(), openSink()];
    const real = globalThis.fetch.bind(globalThis);
    const detour = (sink: Sink) =>
      vi
        .spyOn(globalThis, 'fetch')
        .mockImplementation((input, init) =>
          real(input === 'https://api.openai.com/v1/traces/ingest' ? sink.ingestUrl : input, init),
        );
    detour(theirs);
    await new OpenAITracingExporter({ apiKey: API_KEY }).export([
      recorded.trace,
      ...recorded.spans,
    ]);
    detour(ours);
    await openaiExporter({ apiKey: API_KEY }).export(batchFrom(recorded), context());
    vi.restoreAllMocks();
    const [expected] = await bodies(theirs);
    expect(JSON.stringify(expected)).not.toContain('reasoning');
    expect(await bodies(ours)).toEqual([expected]);
  });

  test.each(['responses', 'chat'] as const)('for the spans of a real run (%s)', async (api) => {
    const fake = fakeOpenAI(undefined, [{ text: 'It is on its way.' }]);
    const modelProvider = api === 'chat' ? fake.chatProvider : fake.provider;
    const recorded = await recordSpans(async () => {
      await new Runner({ modelProvider }).run(
        new Agent({ name: 'Triage', model: 'gpt-test' }),
        'Where is it?',
      );
    });
    expect(recorded.spans.length).toBeGreaterThanOrEqual(4);
    const [theirs, ours] = [openSink(), openSink()];
    await new OpenAITracingExporter({ apiKey: API_KEY, endpoint: theirs.ingestUrl }).export([
      recorded.trace,
      ...recorded.spans,
    ]);
    await openaiExporter({ apiKey: API_KEY, endpoint: ours.ingestUrl }).export(
      batchFrom(recorded),
      context(),
    );
    expect(await bodies(ours)).toEqual(await bodies(theirs));
  });
});

describe('what a policy dropped', () => {
  async function sent(...records: SpanRecord[]): Promise<Record<string, unknown>[]> {
    const sink = openSink();
    await openaiExporter({ apiKey: API_KEY, endpoint: sink.ingestUrl }).export(
      batchOf(records, []),
      context(),
    );
    return (await bodies(sink)).flatMap(
      (body) => (body as { data: Record<string, unknown>[] }).data,
    );
  }

  test('is sent as the SDK sends it without sensitive data', async () => {
    const items = await sent(
      spanRecord({
        type: 'function',
        name: 'lookup',
        input: dropped(),
        output: dropped('json'),
        mcp_data: dropped(),
      }),
      spanRecord({
        type: 'generation',
        model: 'm',
        input: dropped('json'),
        output: dropped('json'),
        model_config: { temperature: 1 },
      }),
      spanRecord({ type: 'custom', name: 'cache', data: dropped('unserializable') }),
      spanRecord({ type: 'speech', input: dropped(), output: dropped('json') }),
      spanRecord(
        { type: 'guardrail', name: 'g', triggered: dropped('json') },
        { facts: { kind: 'guardrail', guardrail_triggered: true } },
      ),
      spanRecord({ type: 'agent', name: dropped() }, { facts: { kind: 'agent', name: 'Triage' } }),
    );
    expect(items.map((item) => item.span_data)).toEqual([
      { type: 'function', name: 'lookup', input: '', output: '' },
      { type: 'generation', model: 'm', model_config: { temperature: 1 } },
      { type: 'custom', name: 'cache', data: {} },
      { type: 'speech' },
      { type: 'guardrail', name: 'g', triggered: true },
      { type: 'agent', name: 'Triage' },
    ]);
  });

  test('does not leave by way of a private field either', async () => {
    const [item] = await sent(
      spanRecord({ type: 'response', response_id: 'r', _input: 'private' }),
    );
    expect(item?.span_data).toEqual({ type: 'response', response_id: 'r' });
  });

  test('leaves nothing inside of what was kept, and nothing in an error', async () => {
    const error = {
      message: '[dropped string, 40 bytes]',
      data: { tool_name: 'lookup', error: dropped() },
    };
    const [nested, whole] = await sent(
      spanRecord(
        {
          type: 'custom',
          name: 'cache',
          data: { a: dropped(), b: [dropped('json'), 1], c: { d: dropped() } },
        },
        { error },
      ),
      spanRecord({ type: 'agent', name: 'a' }, { error: { message: 'm', data: dropped('json') } }),
    );
    expect(nested?.span_data).toEqual({ type: 'custom', name: 'cache', data: { b: [1], c: {} } });
    expect(nested?.error).toEqual({ message: error.message, data: { tool_name: 'lookup' } });
    expect(whole?.error).toEqual({ message: 'm' });
  });

  test('a value of a type that the ingest would refuse is turned into one that it takes', async () => {
    const items = await sent(
      spanRecord({ type: 'function', name: 'f', input: { id: 1 }, output: 7 }),
      spanRecord(
        { type: 'custom', name: 'c', data: 'text' },
        { error: { message: 'm', data: 'text' } },
      ),
      spanRecord({
        type: 'generation',
        input: 'hello',
        output: { role: 'assistant' },
        usage: 'many',
      }),
      spanRecord(
        { type: 'outcome', passed: true },
        { facts: { kind: 'outcome', name: 'schema_valid' } },
      ),
    );
    expect(items.map((item) => item.span_data)).toEqual([
      { type: 'function', name: 'f', input: '{"id":1}', output: '7' },
      { type: 'custom', name: 'c', data: { value: 'text' } },
      { type: 'generation', input: ['hello'], output: [{ role: 'assistant' }] },
      { type: 'custom', name: 'schema_valid', data: { sdk_span_type: 'outcome', passed: true } },
    ]);
    expect(items[1]?.error).toEqual({ message: 'm', data: { value: 'text' } });
  });

  test('a field of more than 100,000 bytes is cut, marked, and keeps its type', async () => {
    const long = 'é"'.repeat(60_000);
    const [tool, model, custom, list] = await sent(
      spanRecord({ type: 'function', name: 'f', input: long, output: 'short' }),
      spanRecord({
        type: 'generation',
        input: [
          { role: 'user', content: long },
          { role: 'user', content: 'last' },
        ],
      }),
      spanRecord({ type: 'custom', name: 'c', data: { first: 1, long } }),
      spanRecord({
        type: 'mcp_tools',
        server: 's',
        result: Array<string>(9_000).fill('a name of a tool'),
      }),
    );
    const data = [tool, model, custom, list].map(
      (item) => item?.span_data as Record<string, unknown>,
    );
    for (const field of [data[0]?.input, data[1]?.input, data[2]?.data, data[3]?.result]) {
      const bytes = new TextEncoder().encode(JSON.stringify(field)).length;
      expect(bytes).toBeLessThanOrEqual(100_000);
      expect(bytes).toBeGreaterThan(99_000);
      expect(JSON.stringify(field)).toMatch(/\[cut\]|\$cut/);
    }
    expect(data[0]?.output).toBe('short');
    expect(data[2]?.data).toMatchObject({ first: 1 });
  });

  test('a metadata value that is not a string stays behind', async () => {
    const sink = openSink();
    const metadata = { a: 'x', b: 7, c: { d: 'y' } } as unknown as Record<string, string>;
    await openaiExporter({ apiKey: API_KEY, endpoint: sink.ingestUrl }).export(
      batchOf([], [traceRecord({ metadata })]),
      context(),
    );
    expect(await bodies(sink)).toMatchObject([
      { data: [{ object: 'trace', metadata: { a: 'x' } }] },
    ]);
  });
});
