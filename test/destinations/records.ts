import type { Json, SpanRecord, TraceBatch, TraceRecord } from '../../src/model/records.ts';

export function traceRecord(overrides: Partial<TraceRecord> = {}): TraceRecord {
  return {
    object: 'trace',
    id: 'trace_00000000000000000000000000000001',
    workflow_name: 'support_triage',
    group_id: 'thread-7',
    metadata: { environment: 'test', release: 'r1' },
    request_id: 'request-1',
    status: 'ok',
    started_at: 1_763_000_000_000,
    ended_at: 1_763_000_001_000,
    flush_id: 'flush-1',
    flush_seq: 0,
    refused: { metadata: 1 },
    ...overrides,
  };
}

let count = 0;

export function spanRecord(
  span_data: SpanRecord['span_data'] = { type: 'agent', name: 'Triage' },
  overrides: Partial<SpanRecord> = {},
): SpanRecord {
  count += 1;
  return {
    object: 'trace.span',
    id: `span_${String(count).padStart(24, '0')}`,
    trace_id: 'trace_00000000000000000000000000000001',
    parent_id: null,
    started_at: '2026-11-13T02:13:20.000Z',
    ended_at: '2026-11-13T02:13:21.000Z',
    span_data,
    error: null,
    facts: { kind: span_data.type, usage: { input_tokens: 3 } },
    extra: { input: 'what the wire shape has no place for' },
    ...overrides,
  };
}

export function batchOf(spans: SpanRecord[], traces: TraceRecord[] = [traceRecord()]): TraceBatch {
  return { id: 'flush-1', traces, spans };
}

/** What a policy leaves where content stood. */
export function dropped(shape: 'string' | 'json' | 'unserializable' = 'string'): Json {
  return { $dropped: shape, bytes: 40, fingerprint: '0123456789abcdef' };
}

/** Nesting that no JSON writer gets through. */
export function bottomless(): Json {
  let value: Json = [];
  for (let depth = 0; depth < 100_000; depth += 1) value = [value];
  return value;
}
