import { SluiceError } from '../model/errors.ts';
import type { TraceStatus } from '../model/records.ts';
import type { TraceQuery } from '../model/store.ts';
import { decodeCursor } from './cursor.ts';
import type { Cursor } from './cursor.ts';
import { keyAt, KEY_TOLERANCE_MS, MAX_KEY_MS } from './key.ts';
import type { SqlStatement, SqlValue } from './sql.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;
const STATUSES: ReadonlySet<string> = new Set<TraceStatus>([
  'ok',
  'error',
  'blocked',
  'truncated',
  'incomplete',
]);

export const TRACE_COLUMNS =
  'trace_id, workflow, group_id, request_id, status, started_at, ended_at, span_count, error_count, input_tokens, output_tokens, metadata, captured, dropped, accounted, sample_weight, foreign_id';

/** A query after validation. */
export interface ListPlan {
  limit: number;
  /** Traces whose ids sort by time, newest first; one row more than the limit. */
  native: SqlStatement;
  /** Traces with other ids, newest first; one row more than the limit. */
  foreign: SqlStatement;
}

/** Conditions with their parameters, numbered as they come. */
class Where {
  readonly params: SqlValue[] = [];
  readonly #conditions: string[] = [];

  /** Each `?` in the condition stands for one of the values. */
  add(condition: string, ...values: SqlValue[]): void {
    let text = condition;
    for (const value of values) {
      this.params.push(value);
      text = text.replace(/\?(?!\d)/, `?${this.params.length}`);
    }
    this.#conditions.push(text);
  }

  statement(orderBy: string, limit: number): SqlStatement {
    const sql = `SELECT ${TRACE_COLUMNS} FROM traces WHERE ${this.#conditions.join(' AND ')} ORDER BY ${orderBy} LIMIT ${limit}`;
    return { sql, params: this.params };
  }
}

/** @throws SluiceError `invalid_option` that names what is wrong with the query. */
export function planList(query: TraceQuery): ListPlan {
  const limit = query.limit ?? DEFAULT_LIMIT;
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw invalid(`limit must be a whole number from 1 to ${MAX_LIMIT}`);
  }
  assertFilters(query);
  const cursor = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
  return {
    limit,
    native: nativePage(query, cursor, limit),
    foreign: foreignPage(query, cursor, limit),
  };
}

function nativePage(query: TraceQuery, cursor: Cursor | undefined, limit: number): SqlStatement {
  const where = new Where();
  where.add('foreign_id = 0');
  where.add('trace_id < ?', upperKey(query, cursor));
  if (query.from !== undefined) where.add('trace_id >= ?', keyAt(query.from - KEY_TOLERANCE_MS));
  addFilters(where, query);
  return where.statement('trace_id DESC', limit + 1);
}

/** Everything before the cursor, and no further than the key can hold. */
function upperKey(query: TraceQuery, cursor: Cursor | undefined): string {
  let upper = keyAt(query.to === undefined ? MAX_KEY_MS : query.to + KEY_TOLERANCE_MS);
  if (!cursor) return upper;
  // Ids of the cursor's own millisecond are before it where they are less than its id.
  const atCursor = clampKey(cursor.traceId, keyAt(cursor.time), keyAt(cursor.time + 1));
  if (atCursor < upper) upper = atCursor;
  return upper;
}

function clampKey(key: string, low: string, high: string): string {
  if (key < low) return low;
  return key > high ? high : key;
}

function foreignPage(query: TraceQuery, cursor: Cursor | undefined, limit: number): SqlStatement {
  const where = new Where();
  where.add('foreign_id = 1');
  if (cursor) where.add('(started_at, trace_id) < (?, ?)', cursor.time, cursor.traceId);
  addFilters(where, query);
  return where.statement('started_at DESC, trace_id DESC', limit + 1);
}

function addFilters(where: Where, query: TraceQuery): void {
  if (query.from !== undefined) where.add('started_at >= ?', query.from);
  if (query.to !== undefined) where.add('started_at < ?', query.to);
  if (query.groupId !== undefined) where.add('group_id = ?', query.groupId);
  if (query.requestId !== undefined) where.add('request_id = ?', query.requestId);
  if (query.workflow !== undefined) where.add('workflow = ?', query.workflow);
  if (query.status !== undefined) where.add('status = ?', query.status);
  // The index of what is not ok is used only where the query says so in its own words.
  if (query.status !== undefined && query.status !== 'ok') where.add("status <> 'ok'");
}

function assertFilters(query: TraceQuery): void {
  for (const name of ['groupId', 'requestId', 'workflow'] as const) {
    const value: unknown = query[name];
    if (value !== undefined && typeof value !== 'string') throw invalid(`${name} must be a string`);
  }
  for (const name of ['from', 'to'] as const) {
    const value: unknown = query[name];
    if (value !== undefined && !Number.isFinite(value)) {
      throw invalid(`${name} must be a time in milliseconds since the epoch`);
    }
  }
  if (query.status !== undefined && !STATUSES.has(query.status)) {
    throw invalid(`status must be one of ${[...STATUSES].join(', ')}`);
  }
}

function invalid(what: string): SluiceError {
  return new SluiceError('invalid_option', `listTraces: ${what}.`);
}
