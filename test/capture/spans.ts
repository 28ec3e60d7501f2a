/** Spans of every type that the SDK has, made by the SDK, and what capture makes of them. */
import { getGlobalTraceProvider, setTraceProcessors, withTrace } from '@openai/agents';
import type { Span, SpanData, SpanError, Trace, TracingProcessor } from '@openai/agents';
import type { ReadSpan, Snapshot } from '../../src/model/captured.ts';
import { readSnapshot } from '../../src/capture/read.ts';
import { snapshotOf } from '../../src/capture/snapshot.ts';
import { isSafeName } from '../../src/identity/names.ts';
import type { Json, SpanRecord } from '../../src/model/records.ts';
import { Judge } from '../../src/policy/apply.ts';
import { fingerprintWith } from '../../src/policy/fingerprint.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { importHmacKey } from '../../src/model/hmac.ts';

export const TRACE_ID = `trace_${'a1'.repeat(16)}`;

/** A finished span of the SDK; data may be as malformed as an application can make it. */
export function sdkSpan(data: object, error?: unknown): Span<SpanData> {
  const provider = getGlobalTraceProvider();
  const trace = provider.createTrace({ name: 'a_trace', traceId: TRACE_ID });
  const span = provider.createSpan({ data: data as SpanData }, trace);
  span.start();
  if (error !== undefined) span.setError(error as SpanError);
  span.end();
  return span;
}

/** A span as the scope buffers it, and what is read of it at the flush. */
export interface Captured extends ReadSpan {
  snapshot: Snapshot;
}

export function captureSpan(span: Span<SpanData>, truncated = false): Captured {
  return readAgain(snapshotOf(span, { started: 0, ended: 1, truncated }));
}

export function readAgain(snapshot: Snapshot): Captured {
  return { snapshot, ...readSnapshot(snapshot, isSafeName) };
}

export function capture(data: object, error?: unknown): Captured {
  return captureSpan(sdkSpan(data, error));
}

export async function judged(policy: Policy, { snapshot, ...span }: Captured): Promise<SpanRecord> {
  const key = await importHmacKey('a key for tests only');
  const judge = new Judge(policy.matrixFor([]), fingerprintWith(key), () => {});
  return judge.span(snapshot, span);
}

/** What the SDK itself would send. */
export function wireOf(span: Span<SpanData>): Json {
  return JSON.parse(JSON.stringify(span.toJSON())) as Json;
}

/** A record without Sluice's own fields. */
export function wirePart({ facts: _facts, extra: _extra, ...wire }: SpanRecord): object {
  return wire;
}

/** Hands the SDK's hooks to a listener of the test instead of the registered processors. */
export function listen(listener: {
  onTraceStart?: (trace: Trace) => void;
  onTraceEnd?: (trace: Trace) => void;
  onSpanStart?: (span: Span<SpanData>) => void;
  onSpanEnd?: (span: Span<SpanData>) => void;
}): void {
  const processor: TracingProcessor = {
    onTraceStart: async (trace) => listener.onTraceStart?.(trace),
    onTraceEnd: async (trace) => listener.onTraceEnd?.(trace),
    onSpanStart: async (span) => listener.onSpanStart?.(span),
    onSpanEnd: async (span) => listener.onSpanEnd?.(span),
    forceFlush: async () => {},
    shutdown: async () => {},
  };
  setTraceProcessors([processor]);
}

export interface ObservedSpan {
  captured: Captured;
  wire: Json;
}

/** The spans of everything that `work` runs, in order of their ends. */
export async function observe(work: () => Promise<unknown>): Promise<ObservedSpan[]> {
  const spans: ObservedSpan[] = [];
  listen({
    onSpanEnd: (span) => spans.push({ captured: captureSpan(span), wire: wireOf(span) }),
  });
  await withTrace('a_trace', async () => work().catch(() => undefined));
  return spans;
}

/** Data of one span type: `say` marks each piece of content. */
export type Sample = (say: (field: string) => string) => { type: string; [key: string]: unknown };

const usage = { input_tokens: 10, output_tokens: 5 };

export const SAMPLES: Record<string, Sample> = {
  agent: (say) => ({
    type: 'agent',
    name: 'Support',
    handoffs: ['Billing'],
    tools: ['lookup_order'],
    output_type: 'text',
    notes: say('notes'),
  }),
  task: () => ({
    type: 'task',
    name: 'Agent run',
    usage: { ...usage, requests: 1, total_tokens: 15 },
  }),
  turn: () => ({
    type: 'turn',
    turn: 1,
    agent_name: 'Support',
    usage: { ...usage, cached_input_tokens: 2 },
  }),
  function: (say) => ({
    type: 'function',
    name: 'lookup_order',
    input: say('input'),
    output: say('output'),
    mcp_data: say('mcp_data'),
  }),
  generation: (say) => ({
    type: 'generation',
    input: [{ role: 'user', content: say('input') }],
    output: [
      {
        model: 'gpt-test',
        choices: [{ finish_reason: 'stop', message: { content: say('output') } }],
      },
    ],
    model: 'gpt-test',
    model_config: { temperature: 0.5, base_url: say('base_url'), extra: { user: say('config') } },
    usage: {
      ...usage,
      details: { input_tokens_details: { cached_tokens: 3 }, note: say('usage') },
    },
  }),
  response: (say) => ({
    type: 'response',
    response_id: 'resp_123',
    _input: [{ role: 'user', content: say('_input') }],
    _response: {
      id: 'resp_123',
      model: 'gpt-test',
      status: 'completed',
      instructions: say('instructions'),
      tools: [{ type: 'function', name: 'lookup_order', description: say('tools') }],
      output: [{ type: 'message', content: [{ type: 'output_text', text: say('output') }] }],
      usage,
    },
  }),
  handoff: () => ({ type: 'handoff', from_agent: 'Support', to_agent: 'Billing' }),
  guardrail: (say) => ({
    type: 'guardrail',
    name: 'no_refunds',
    triggered: true,
    reason: say('reason'),
  }),
  custom: (say) => ({
    type: 'custom',
    name: 'rank',
    data: { query: say('query'), [`key ${say('key')}`]: 1 },
  }),
  mcp_tools: (say) => ({
    type: 'mcp_tools',
    server: 'files',
    result: ['read', 'write'],
    raw: say('raw'),
  }),
  transcription: (say) => ({
    type: 'transcription',
    input: { data: say('audio'), format: 'pcm' },
    output: say('text'),
    model: 'whisper-test',
    model_config: { prompt: say('prompt') },
  }),
  speech: (say) => ({
    type: 'speech',
    input: say('text'),
    output: { data: say('audio'), format: 'pcm' },
    model: 'tts-test',
    model_config: { voice: say('voice') },
  }),
  speech_group: (say) => ({ type: 'speech_group', input: say('text') }),
  a_later_type: (say) => ({
    type: 'a_later_type',
    name: say('name'),
    model: say('model'),
    usage: say('usage'),
    anything: { deep: say('deep') },
  }),
};

export const TYPES: string[] = Object.keys(SAMPLES);

export function sampleOf(
  type: string,
  say: (field: string) => string = (field) => `the ${field}`,
): object {
  return SAMPLES[type]!(say);
}
