import { byteLength } from '../model/bytes.ts';
import type { Chunk } from '../model/envelope.ts';
import { summarize } from '../model/summary.ts';

/** A chunk as the JSON of its row: an array in the order of `CHUNK_COLUMNS`. */
export interface ChunkRow {
  json: string;
  /** UTF-8. */
  bytes: number;
}

/** In the order in which rows are written; `spans` last, as it is the large one. */
export const CHUNK_COLUMNS = [
  'trace_id',
  'chunk_id',
  'flush_id',
  'flush_seq',
  'workflow',
  'group_id',
  'request_id',
  'status',
  'started_at',
  'ended_at',
  'span_count',
  'error_count',
  'input_tokens',
  'output_tokens',
  'metadata',
  'refused',
  'spans',
] as const;

export function toRow(chunk: Chunk): ChunkRow {
  const { trace } = chunk;
  const summary = summarize(chunk);
  const json = JSON.stringify([
    storable(trace.id),
    storable(chunk.chunk_id),
    storable(trace.flush_id),
    trace.flush_seq,
    storable(trace.workflow_name),
    trace.group_id === null ? null : storable(trace.group_id),
    trace.request_id === null ? null : storable(trace.request_id),
    trace.status,
    trace.started_at,
    trace.ended_at,
    summary.span_count,
    summary.error_count,
    summary.input_tokens,
    summary.output_tokens,
    sorted(trace.metadata),
    trace.refused ?? null,
    chunk.spans,
  ]);
  return { json, bytes: byteLength(json) };
}

/** SQLite ends a JSON string at a NUL, and half a surrogate pair is not UTF-8: a key with either could not be found again. */
export function storable(text: string): string {
  return text.replace(/\0|\p{Surrogate}/gu, '\uFFFD');
}

/** Keys in one order, so that equal metadata is equal text. */
function sorted(metadata: Record<string, string>): Record<string, string> {
  const entries = Object.entries(metadata).filter(([, value]) => typeof value === 'string');
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
