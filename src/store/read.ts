import { SluiceError } from '../model/errors.ts';
import type { SpanRecord, TraceStatus } from '../model/records.ts';
import type { StoredTrace, StoredTraceWithSpans, TracePage, TraceQuery } from '../model/store.ts';
import { encodeCursor } from './cursor.ts';
import type { Cursor } from './cursor.ts';
import { parseJson } from './json.ts';
import { timeOf } from './key.ts';
import { planList, TRACE_COLUMNS } from './query.ts';
import { storable } from './rows.ts';
import { SpanCollector } from './spans.ts';
import type { SqlDatabase, SqlRow, SqlStatement } from './sql.ts';
import { countsIn } from './totals.ts';

/** Chunks of up to 1.9 MB in a result of at most 50 MB. */
const CHUNKS_A_READ = 20;

/** A page of traces, newest first. */
export async function listTraces(db: SqlDatabase, query: TraceQuery): Promise<TracePage> {
  const plan = planList(query);
  const [native = [], foreign = []] = await db.run([plan.native, plan.foreign]);
  const rows = merge(native, foreign);
  const page = rows.slice(0, plan.limit);
  const traces = page.map(toTrace);
  const last = page.at(-1);
  if (rows.length <= plan.limit || !last) return { traces };
  return { traces, next: encodeCursor(placeOf(last)) };
}

/** Both lists are in order already; only where one stands against the other is decided here. */
function merge(native: readonly SqlRow[], foreign: readonly SqlRow[]): SqlRow[] {
  const rows: SqlRow[] = [];
  let next = 0;
  for (const row of foreign) {
    while (next < native.length && isAfter(native[next] as SqlRow, row)) {
      rows.push(native[next] as SqlRow);
      next += 1;
    }
    rows.push(row);
  }
  return [...rows, ...native.slice(next)];
}

function isAfter(a: SqlRow, b: SqlRow): boolean {
  const [first, second] = [placeOf(a), placeOf(b)];
  return first.time === second.time ? first.traceId > second.traceId : first.time > second.time;
}

function placeOf(row: SqlRow): Cursor {
  const traceId = text(row['trace_id']);
  const time = row['foreign_id'] === 1 ? count(row['started_at']) : timeOf(traceId);
  return { time, traceId };
}

/**
 * A trace with the spans of all its chunks, or undefined where there is none of that id.
 *
 * @throws SluiceError `invalid_option` for an id that is no string
 */
export async function getTrace(
  db: SqlDatabase,
  traceId: string,
): Promise<StoredTraceWithSpans | undefined> {
  if (typeof traceId !== 'string') {
    const message = 'getTrace: traceId must be a string, such as that of a trace of listTraces().';
    throw new SluiceError('invalid_option', message);
  }
  const key = storable(traceId);
  const head: SqlStatement = {
    sql: `SELECT ${TRACE_COLUMNS} FROM traces WHERE trace_id = ?1`,
    params: [key],
  };
  const [heads, first = []] = await db.run([head, chunksAfter(key, '')]);
  const row = heads?.[0];
  if (!row) return undefined;
  const collector = new SpanCollector();
  for (let rows = first; rows.length > 0;) {
    for (const chunk of rows) collector.add(text(chunk['chunk_id']), chunk['spans']);
    if (rows.length < CHUNKS_A_READ) break;
    const [more = []] = await db.run([chunksAfter(key, text(rows.at(-1)?.['chunk_id']))]);
    rows = more;
  }
  return { ...toTrace(row), ...collected(collector) };
}

function collected(collector: SpanCollector): { spans: SpanRecord[]; unreadable?: number } {
  const spans = collector.spans();
  return collector.unreadable === 0 ? { spans } : { spans, unreadable: collector.unreadable };
}

function chunksAfter(traceId: string, chunkId: string): SqlStatement {
  return {
    sql: `SELECT chunk_id, spans FROM chunks WHERE trace_id = ?1 AND chunk_id > ?2 ORDER BY chunk_id LIMIT ${CHUNKS_A_READ}`,
    params: [traceId, chunkId],
  };
}

function toTrace(row: SqlRow): StoredTrace {
  return {
    traceId: text(row['trace_id']),
    workflow: text(row['workflow']),
    groupId: textOrNull(row['group_id']),
    requestId: textOrNull(row['request_id']),
    status: text(row['status']) as TraceStatus,
    startedAt: count(row['started_at']),
    endedAt: count(row['ended_at']),
    spanCount: count(row['span_count']),
    errorCount: count(row['error_count']),
    inputTokens: count(row['input_tokens']),
    outputTokens: count(row['output_tokens']),
    metadata: metadataOf(row['metadata']),
    ...accountOf(row),
    sampleWeight: typeof row['sample_weight'] === 'number' ? row['sample_weight'] : 1,
  };
}

function accountOf(row: SqlRow): Pick<StoredTrace, 'captured' | 'dropped' | 'missing'> {
  const dropped = countsIn(row['dropped']);
  if (typeof row['captured'] !== 'number') return { captured: null, dropped, missing: 0 };
  const captured = row['captured'];
  const behind = Object.values(dropped).reduce((sum, n) => sum + n, 0);
  return { captured, dropped, missing: Math.max(0, captured - behind - count(row['accounted'])) };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function count(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

function metadataOf(value: unknown): Record<string, string> {
  const parsed = parseJson(text(value));
  if (typeof parsed !== 'object' || parsed === null) return {};
  const entries = Object.entries(parsed).filter(([, item]) => typeof item === 'string');
  return Object.fromEntries(entries) as Record<string, string>;
}
