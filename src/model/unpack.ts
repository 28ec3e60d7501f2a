import type { Chunk } from './envelope.ts';
import type { SpanRecord, TraceBatch, TraceRecord } from './records.ts';

/** Whether `a` knows more of the trace than `b`, in the order of a store's status rule. */
function isLater(a: TraceRecord, b: TraceRecord): boolean {
  if (a.ended_at !== b.ended_at) return a.ended_at > b.ended_at;
  if (a.flush_seq !== b.flush_seq) return a.flush_seq > b.flush_seq;
  return a.flush_id > b.flush_id;
}

/** The batch that chunks were packed from, or the part of it that they hold, for an exporter behind a queue. */
export function unpack(chunks: readonly Chunk[], id: string): TraceBatch {
  const traces = new Map<string, TraceRecord>();
  const spans: SpanRecord[] = [];
  let lost = 0;
  for (const { trace, spans: more, lost: told = 0 } of chunks) {
    lost += told;
    const known = traces.get(trace.id);
    if (!known || isLater(trace, known)) traces.set(trace.id, trace);
    for (const span of more) spans.push(span);
  }
  const batch = { id, traces: [...traces.values()], spans };
  return lost > 0 ? { ...batch, lost } : batch;
}
