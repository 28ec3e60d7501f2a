import { SluiceError } from '../model/errors.ts';
import type { SpanRecord } from '../model/records.ts';
import type { SpansPage, StoredTraceWithSpans } from '../model/store.ts';
import { SpanCollector } from './spans.ts';
import type { SqlDatabase, SqlRow, SqlStatement } from './sql.ts';
import { storable } from './storable.ts';
import { count, text, toTrace, TRACE_COLUMNS } from './stored.ts';

/** Chunks of up to 1.9 MB in a result of at most 50 MB. */
const CHUNKS_A_READ = 20;

const MAX_SPANS_OF_TRACES = 200;
const DEFAULT_SPANS_OF_BYTES = 4_000_000;
const MAX_SPANS_OF_BYTES = 20_000_000;

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

/** How many bytes of spans each trace has: the length is read without the pages that the text fills. */
const WEIGH = `SELECT trace_id, sum(octet_length(spans)) AS bytes
  FROM chunks WHERE trace_id IN (SELECT value FROM json_each(?1)) GROUP BY trace_id`;

const READ = `SELECT trace_id, chunk_id, spans
  FROM chunks WHERE trace_id IN (SELECT value FROM json_each(?1)) ORDER BY trace_id, chunk_id`;

/**
 * The spans of several traces, whole traces in the order asked for, until the bytes are used up.
 *
 * @throws SluiceError `invalid_option` for more than 200 ids, or for what is none
 */
export async function spansOf(
  db: SqlDatabase,
  traceIds: readonly string[],
  { bytes = DEFAULT_SPANS_OF_BYTES }: { bytes?: number },
): Promise<SpansPage> {
  const isList = Array.isArray(traceIds) && traceIds.every((id) => typeof id === 'string');
  if (!isList || traceIds.length > MAX_SPANS_OF_TRACES) {
    const message = `spansOf: traceIds must be at most ${MAX_SPANS_OF_TRACES} strings.`;
    throw new SluiceError('invalid_option', message);
  }
  const [weighed = []] = await db.run([{ sql: WEIGH, params: [JSON.stringify(traceIds)] }]);
  const bytesOf = new Map(weighed.map((row) => [text(row['trace_id']), count(row['bytes'])]));
  const page: SpansPage = { spans: new Map(), left: [] };
  const wanted: string[] = [];
  let room = Math.min(bytes, MAX_SPANS_OF_BYTES);
  for (const id of new Set(traceIds)) {
    const size = bytesOf.get(id);
    if (size === undefined) continue;
    if (size > room) page.left.push(id);
    else wanted.push(id);
    room -= size > room ? 0 : size;
  }
  if (wanted.length === 0) return page;
  const [rows = []] = await db.run([{ sql: READ, params: [JSON.stringify(wanted)] }]);
  for (const [id, chunks] of byTrace(rows)) page.spans.set(id, spansIn(chunks));
  return page;
}

function byTrace(rows: readonly SqlRow[]): Map<string, SqlRow[]> {
  return Map.groupBy(rows, (row) => text(row['trace_id']));
}

function spansIn(chunks: readonly SqlRow[]): SpanRecord[] {
  const collector = new SpanCollector();
  for (const chunk of chunks) collector.add(text(chunk['chunk_id']), chunk['spans']);
  return collector.spans();
}
