/** The records that the contract suites send. */
import type { Chunk } from '../model/envelope.ts';
import { MAX_FIELD_BYTES } from '../model/limits.ts';
import type { Json, SpanRecord, TraceBatch, TraceRecord } from '../model/records.ts';

/** 2026-11-20T12:00:00Z. */
export const NOON: number = Date.UTC(2026, 10, 20, 12);

const DAY_MS = 86_400_000;

/** Midnight of the day that `NOON` is in, and of those around it. */
export function dayStart(offset: number): number {
  return NOON - DAY_MS / 2 + offset * DAY_MS;
}

/** An id as Sluice makes it, which begins with its time. */
export function traceIdAt(ms: number, n: number): string {
  return `trace_${ms.toString(16).padStart(12, '0')}${n.toString(16).padStart(20, '0')}`;
}

export function contractTrace(patch: Partial<TraceRecord> = {}): TraceRecord {
  const started_at = patch.started_at ?? NOON;
  return {
    object: 'trace',
    id: traceIdAt(started_at, 0),
    workflow_name: 'contract',
    group_id: 'thread-7',
    metadata: { environment: 'test' },
    request_id: 'request-1',
    status: 'ok',
    started_at,
    ended_at: started_at + 1_000,
    flush_id: 'flush_1',
    flush_seq: 0,
    ...patch,
  };
}

export function contractSpan(name: string, patch: Partial<SpanRecord> = {}): SpanRecord {
  return {
    object: 'trace.span',
    id: `span_${name}`,
    trace_id: contractTrace().id,
    parent_id: null,
    started_at: new Date(NOON).toISOString(),
    ended_at: new Date(NOON + 500).toISOString(),
    span_data: { type: 'function', name: 'lookup_order', input: '{"id":"A-1"}', output: 'found' },
    error: null,
    facts: { kind: 'function', name: 'lookup_order' },
    ...patch,
  };
}

/** A batch of one trace. */
export function contractBatch(n: number, spans: readonly SpanRecord[]): TraceBatch {
  const trace = contractTrace({ id: traceIdAt(NOON, n), flush_id: `flush_${n}` });
  return {
    id: trace.flush_id,
    traces: [trace],
    spans: spans.map((span) => ({ ...span, id: `${span.id}_${n}`, trace_id: trace.id })),
  };
}

export function contractChunk(
  trace: Partial<TraceRecord> = {},
  spans: readonly SpanRecord[] = [],
  patch: Partial<Chunk> = {},
): Chunk {
  const record = contractTrace(trace);
  const own = spans.map((span) => ({ ...span, trace_id: record.id }));
  return { chunk_id: `${record.flush_id}-0`, trace: record, spans: own, ...patch };
}

/** Everything that users, models and tools may write. Nothing of it may cost its neighbours. */
export const HOSTILE: Readonly<Record<string, Json>> = {
  'control characters and NUL': 'a\u0000b\u0007\u001b[2J\u0085\u2028\u202e',
  'halves of surrogate pairs': ['\ud800', 'a\udfff', { '\ud83d': '😀'.slice(0, 1) }],
  '__proto__ and constructor keys': JSON.parse(
    '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
  ) as Json,
  'deep nesting': nested(180),
  'a field of a megabyte': 'x'.repeat(MAX_FIELD_BYTES - 2),
  'a megabyte of quotes': '"'.repeat(MAX_FIELD_BYTES / 2 - 2),
  'numbers at the edge': [1.797e308, 5e-324, -0, Number.MAX_SAFE_INTEGER, 1e21],
  'empty and long keys': { '': '', ['k'.repeat(10_000)]: null, 'a.b[0]': { $dropped: 7 } },
  'SQL, HTML and format strings': "'); DROP TABLE traces; -- <script>alert(1)</script> %s {{x}}",
};

function nested(levels: number): Json {
  let value: Json = 'bottom';
  for (let level = 0; level < levels; level += 1) value = level % 2 ? [value] : { value };
  return value;
}

/** A span with hostile content wherever content can be. */
export function hostileSpan(content: Json): SpanRecord {
  const text = typeof content === 'string' ? content : 'text';
  return contractSpan('hostile', {
    span_data: { type: 'custom', name: 'cache', data: { content } },
    error: { message: text.slice(0, 1_000), data: { content: text.slice(0, 1_000) } },
    facts: { kind: 'custom', name: 'cache' },
  });
}
