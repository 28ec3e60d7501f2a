import { SluiceError } from '../model/errors.ts';
import type { TraceStatus } from '../model/records.ts';
import type { TraceQuery } from '../model/store.ts';
import { decodeCursor } from './cursor.ts';
import type { Cursor } from './cursor.ts';
import { keyAt, KEY_TOLERANCE_MS, MAX_KEY_MS } from './key.ts';
import type { SqlStatement } from './sql.ts';
import { TRACE_COLUMNS } from './stored.ts';
import { Where } from './where.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

/** How many traces of each list a page looks at for filters that have no index: twice, so that both read less than 5,000 rows. */
export const LOOKED_AT = 1_200;

const STATUSES: ReadonlySet<string> = new Set<TraceStatus>([
  'ok',
  'error',
  'blocked',
  'truncated',
  'incomplete',
]);

/** Also what a JSON path can name without quoting. */
const METADATA_KEY = /^[\w.-]{1,64}$/;

/** A query after validation. */
export interface ListPlan {
  limit: number;
  /** Traces whose ids sort by time, newest first; one row more than the limit. */
  native: SqlStatement;
  /** Traces with other ids, newest first; one row more than the limit. */
  foreign: SqlStatement;
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
  const access = new Where();
  access.add('foreign_id = 0');
  access.add('trace_id < ?', upperKey(query, cursor));
  // Also where all times are asked for: ids from elsewhere that sort before all keys would be read.
  access.add('trace_id >= ?', keyAt((query.from ?? 0) - KEY_TOLERANCE_MS));
  return page(query, access, 'trace_id', limit);
}

/** Everything before the cursor, and no further than the key can hold. */
function upperKey(query: TraceQuery, cursor: Cursor | undefined): string {
  let upper = keyAt((query.to ?? MAX_KEY_MS) + KEY_TOLERANCE_MS);
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
  const access = new Where();
  access.add('foreign_id = 1');
  if (cursor) access.add('(started_at, trace_id) < (?, ?)', cursor.time, cursor.traceId);
  if (query.from !== undefined) access.add('started_at >= ?', query.from);
  if (query.to !== undefined) access.add('started_at < ?', query.to);
  return page(query, access, 'started_at, trace_id', limit);
}

/**
 * One filter at most finds its traces by an index. All others are looked for among the first
 * traces of that, so that a value that nothing has costs no more than one that everything has.
 */
function page(query: TraceQuery, access: Where, order: string, limit: number): SqlStatement {
  const rest = new Where(access.params);
  const indexed = addIndexed(access, query);
  addFilters(rest, query, indexed);
  const newest = order.replaceAll(/\w+/g, '$& DESC');
  const from = `FROM traces WHERE ${access.all()} ORDER BY ${newest}`;
  if (rest.isEmpty) {
    return {
      sql: `SELECT ${TRACE_COLUMNS} ${from} LIMIT ${limit + 1}`,
      params: access.params,
    };
  }
  // Where there is a last one to be looked at, it comes along, so that the page can say how far back it got.
  const sql = `SELECT * FROM (
      SELECT *, 0 AS is_end FROM (SELECT ${TRACE_COLUMNS} ${from} LIMIT ${LOOKED_AT})
      WHERE ${rest.all()} ORDER BY ${newest} LIMIT ${limit + 1}
    )
    UNION ALL
    SELECT * FROM (SELECT ${TRACE_COLUMNS}, 1 ${from} LIMIT 1 OFFSET ${LOOKED_AT - 1})`;
  return { sql, params: access.params };
}

function addIndexed(where: Where, query: TraceQuery): keyof TraceQuery | undefined {
  if (query.requestId !== undefined) {
    where.add('request_id = ?', query.requestId);
    return 'requestId';
  }
  if (query.groupId !== undefined) {
    where.add('group_id = ?', query.groupId);
    return 'groupId';
  }
  if (query.status !== undefined && query.status !== 'ok') {
    // The index of what is not ok is used only where the query says so in its own words.
    where.add("status = ? AND status <> 'ok'", query.status);
    return 'status';
  }
  return undefined;
}

function addFilters(where: Where, query: TraceQuery, indexed: string | undefined): void {
  if (query.groupId !== undefined && indexed !== 'groupId')
    where.add('group_id = ?', query.groupId);
  if (query.status !== undefined && indexed !== 'status') where.add('status = ?', query.status);
  if (query.workflow !== undefined) where.add('workflow = ?', query.workflow);
  for (const [key, value] of Object.entries(query.metadata ?? {})) {
    where.add('metadata ->> ? = ?', `$."${key}"`, value);
  }
  // A name in a JSON array is found by its JSON: its quotes cannot stand inside another's.
  if (query.tool !== undefined) where.add('instr(tools, ?) > 0', JSON.stringify(query.tool));
  if (query.errorKind !== undefined)
    where.add('instr(error_kinds, ?) > 0', JSON.stringify(query.errorKind));
  if (query.model !== undefined) {
    const inModels = `[${JSON.stringify(query.model)},`;
    where.add("(instr(models, ?) > 0 OR metadata ->> '$.model_alias' = ?)", inModels, query.model);
  }
  if (query.minDurationMs !== undefined)
    where.add('ended_at - started_at >= ?', query.minDurationMs);
  if (query.minTokens !== undefined)
    where.add('input_tokens + output_tokens >= ?', query.minTokens);
  // Keys carry their time to a minute, so the start itself decides what is in the range.
  if (where.isEmpty && query.from === undefined && query.to === undefined) return;
  if (query.from !== undefined) where.add('started_at >= ?', query.from);
  if (query.to !== undefined) where.add('started_at < ?', query.to);
}

function assertFilters(query: TraceQuery): void {
  for (const name of ['groupId', 'requestId', 'workflow', 'tool', 'errorKind', 'model'] as const) {
    const value: unknown = query[name];
    if (value !== undefined && typeof value !== 'string') throw invalid(`${name} must be a string`);
  }
  for (const name of ['from', 'to'] as const) {
    const value: unknown = query[name];
    if (value !== undefined && !Number.isFinite(value)) {
      throw invalid(`${name} must be a time in milliseconds since the epoch`);
    }
  }
  for (const name of ['minDurationMs', 'minTokens'] as const) {
    const value: unknown = query[name];
    if (value !== undefined && !(typeof value === 'number' && value >= 0 && value < Infinity)) {
      throw invalid(`${name} must be a number from 0`);
    }
  }
  if (query.status !== undefined && !STATUSES.has(query.status)) {
    throw invalid(`status must be one of ${[...STATUSES].join(', ')}`);
  }
  for (const [key, value] of Object.entries(query.metadata ?? {})) {
    if (!METADATA_KEY.test(key) || typeof value !== 'string') {
      throw invalid('metadata must be strings under the names of metadata keys');
    }
  }
}

function invalid(what: string): SluiceError {
  return new SluiceError('invalid_option', `listTraces: ${what}.`);
}
