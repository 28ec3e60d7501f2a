/** Traces made by hand, for what no run of the SDK leaves behind. */
import type { SpanFacts, SpanRecord } from '../../src/model/records.ts';
import type { StoredTraceWithSpans } from '../../src/model/store.ts';

export const START = Date.UTC(2026, 10, 20, 12);

export function traceOf(
  spans: readonly unknown[],
  patch: Partial<StoredTraceWithSpans> = {},
): StoredTraceWithSpans {
  return {
    traceId: 'trace_1',
    workflow: 'support_triage',
    groupId: null,
    requestId: null,
    status: 'ok',
    startedAt: START,
    endedAt: START + 10_000,
    spanCount: spans.length,
    errorCount: 0,
    inputTokens: 0,
    outputTokens: 0,
    metadata: {},
    captured: null,
    dropped: {},
    missing: 0,
    sampleWeight: 1,
    tools: [],
    errorKinds: [],
    models: [],
    spans: spans as SpanRecord[],
    ...patch,
  };
}

interface Shape extends Partial<Omit<SpanRecord, 'facts' | 'span_data'>> {
  /** Milliseconds after the start of the trace, and how long. */
  at?: number;
  ms?: number;
  input?: unknown;
  output?: unknown;
}

export function span(
  id: string,
  kind: string,
  facts: Partial<SpanFacts> = {},
  { at = 0, ms = 10, input, output, ...record }: Shape = {},
): SpanRecord {
  return {
    object: 'trace.span',
    id,
    trace_id: 'trace_1',
    parent_id: null,
    started_at: new Date(START + at).toISOString(),
    ended_at: new Date(START + at + ms).toISOString(),
    span_data: {
      type: kind,
      ...(input !== undefined && { input: input as string }),
      ...(output !== undefined && { output: output as string }),
    },
    error: null,
    facts: { kind, ...facts },
    ...record,
  };
}

/** So many calls of one tool one after the other, each asked and answered alike. */
export function calls(count: number, name = 'search', more: Shape = {}): SpanRecord[] {
  return Array.from({ length: count }, (_, at) =>
    span(
      `${name}${at}`,
      'function',
      { name },
      { at: at * 100, input: '{"q":1}', output: 'x', ...more },
    ),
  );
}
