import type { FlushReport } from '../../src/model/exporter.ts';
import type { SpanRecord } from '../../src/model/records.ts';
import type { FlushedTraces } from '../../src/testing/capture-traces.ts';
import { makeSpan, makeTrace } from '../store/make.ts';

/** A span of a kind, by its name and its parent. */
export function spanOf(label: string, patch: Partial<SpanRecord> = {}): SpanRecord {
  const [kind = '', name] = label.split(' ');
  return makeSpan(label, {
    span_data: { type: kind, ...(name !== undefined && { name }) },
    facts: { kind, ...(name !== undefined && { name }) },
    ...patch,
  });
}

export function reportOf(patch: Partial<FlushReport> = {}): FlushReport {
  return {
    traceIds: [makeTrace().id],
    captured: 7,
    truncated: 0,
    reason: 'response',
    destinations: { memory: { exported: 7, dropped: {}, failed: 0 } },
    refused: {},
    faults: {},
    ...patch,
  };
}

export function flushedOf(spans: SpanRecord[], ...reports: FlushReport[]): FlushedTraces {
  const traces = [makeTrace()];
  const batches = [{ id: 'flush', traces, spans }];
  return { reports, traces, spans, destinations: { memory: { batches, traces, spans } } };
}
