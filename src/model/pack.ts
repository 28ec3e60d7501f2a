import { groupBySize, jsonBytes } from './bytes.ts';
import type { Chunk } from './envelope.ts';
import { SluiceError } from './errors.ts';
import { fitSpan } from './fit.ts';
import type { SpanRecord, TraceBatch, TraceRecord } from './records.ts';

/** A chunk and the bytes of its JSON, so that nobody stringifies it again to know its size. */
export interface SizedChunk {
  chunk: Chunk;
  /** UTF-8, with the comma that follows. At most some bytes above the true size, never below. */
  bytes: number;
}

/** Separator and digits of the number in a chunk id, and the comma after the chunk. */
const CHUNK_NUMBER_BYTES = 12;

/** `,"lost":` and its digits. */
const LOST_BYTES = 24;

/**
 * Splits a batch into chunks of one trace each, none larger than `maxBytes` of
 * UTF-8 JSON, which is at least `MIN_CHUNK_BYTES`. The same batch gives the same
 * chunks with the same ids. A trace without spans makes one chunk.
 *
 * @throws SluiceError `export_failed` for a span whose trace is not in the batch.
 */
export function packSized(batch: TraceBatch, maxBytes: number): SizedChunk[] {
  const parts = new Map(
    batch.traces.map((given) => [given.id, { given, spans: [] as SpanRecord[] }]),
  );
  for (const span of batch.spans) {
    const part = parts.get(span.trace_id);
    if (!part) throw new SluiceError('export_failed', `no trace for span ${span.id}`);
    part.spans.push(span);
  }
  const chunks: SizedChunk[] = [];
  for (const { given, spans } of parts.values()) {
    const trace = fitTrace(given, maxBytes / 2);
    const { flush_id } = trace;
    const start =
      jsonBytes({ chunk_id: flush_id, trace, spans: [] }) +
      CHUNK_NUMBER_BYTES +
      (batch.lost ? LOST_BYTES : 0);
    const room = maxBytes - start;
    const fitted = spans.map((span) => fitSpan(span, room - 1));
    const groups = groupBySize(fitted, ({ bytes }) => bytes + 1, { bytes: room });
    for (const group of groups.length > 0 ? groups : [[]]) {
      const chunk_id = `${flush_id}-${chunks.length}`;
      const lost = chunks.length === 0 && batch.lost ? { lost: batch.lost } : undefined;
      chunks.push({
        chunk: { chunk_id, trace, spans: group.map(({ record }) => record), ...lost },
        bytes: group.reduce((sum, { bytes }) => sum + bytes + 1, start),
      });
    }
  }
  return chunks;
}

/** Metadata is the part of a trace record that can be large. */
function fitTrace(trace: TraceRecord, maxBytes: number): TraceRecord {
  if (jsonBytes(trace) <= maxBytes) return trace;
  const metadata = Object.keys(trace.metadata).length;
  return { ...trace, metadata: {}, refused: { ...trace.refused, metadata } };
}
