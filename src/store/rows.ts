import { byteLength } from '../model/bytes.ts';
import type { Chunk } from '../model/envelope.ts';
import { summarize } from '../model/summary.ts';
import { accountOf } from './account.ts';
import { aspectsOf } from './aspects.ts';
import { storable } from './storable.ts';

/** A chunk as the JSON of its row: an array in the order of `CHUNK_COLUMNS`. */
export interface ChunkRow {
  json: string;
  /** The same without the spans: an array in the order of `HEAD_COLUMNS`. */
  head: string;
  /** UTF-8 bytes of `json`. */
  bytes: number;
  drops: boolean;
  tokens: boolean;
}

/** By this the migration's trigger knows who adds to the hours before the insert, and who does not. */
const FORMAT_VERSION = 4;

/** In the order of the table, which got its last ones after `spans`. */
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
  'captured',
  'dropped',
  'sample_weight',
  'lost',
  'scope_id',
  'tools',
  'error_kinds',
  'models',
  'version',
] as const;

/** What totals are made of. */
export const HEAD_COLUMNS = [
  'trace_id',
  'chunk_id',
  'workflow',
  'request_id',
  'started_at',
  'span_count',
  'error_count',
  'input_tokens',
  'output_tokens',
  'captured',
  'dropped',
  'sample_weight',
  'lost',
  'scope_id',
  'status',
  'ended_at',
  'release',
  'model_alias',
  'models',
] as const;

export function toRow(chunk: Chunk): ChunkRow {
  const { trace } = chunk;
  const row = {
    trace_id: storable(trace.id),
    chunk_id: storable(chunk.chunk_id),
    flush_id: storable(trace.flush_id),
    flush_seq: trace.flush_seq,
    workflow: storable(trace.workflow_name),
    group_id: trace.group_id === null ? null : storable(trace.group_id),
    request_id: trace.request_id === null ? null : storable(trace.request_id),
    status: trace.status,
    started_at: trace.started_at,
    ended_at: trace.ended_at,
    ...summarize(chunk),
    metadata: sorted(trace.metadata),
    refused: trace.refused ?? null,
    spans: chunk.spans,
    ...accountOf(chunk),
    scope_id: trace.scope_id === undefined ? null : storable(trace.scope_id),
    ...aspectsOf(chunk),
    version: FORMAT_VERSION,
  };
  const about = {
    ...row,
    release: named(row.metadata, 'release'),
    model_alias: named(row.metadata, 'model_alias'),
  };
  const json = JSON.stringify(CHUNK_COLUMNS.map((name) => row[name]));
  const head = JSON.stringify(HEAD_COLUMNS.map((name) => about[name]));
  return {
    json,
    head,
    bytes: byteLength(json),
    drops: row.dropped !== null,
    tokens: row.models !== null,
  };
}

/** Keys in one order, so that equal metadata is equal text. */
function sorted(metadata: Record<string, string>): Record<string, string> {
  const entries = Object.entries(metadata).filter(([, value]) => typeof value === 'string');
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** A metadata value as a key of totals. */
function named(metadata: Record<string, string>, key: string): string {
  return storable(metadata[key] ?? '');
}
