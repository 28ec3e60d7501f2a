import { groupBySize } from '../model/bytes.ts';
import { SluiceError } from '../model/errors.ts';
import type { SpanRecord } from '../model/records.ts';
import type { SpansPage, StoredTraceWithSpans } from '../model/store.ts';
import { SpanCollector } from './spans.ts';
import type { SqlDatabase, SqlRow } from './sql.ts';
import { storable } from './storable.ts';
import { count, text, toTrace, TRACE_COLUMNS } from './stored.ts';

/**
 * What is read of one trace. Spans take several times their bytes until they are shown, and an
 * isolate has 128 MB for all its requests.
 */
export const MAX_TRACE_BYTES = 24_000_000;

/** A result of at most 50 MB, of which nothing is kept once its spans are read. */
const BYTES_A_READ = 4_000_000;

const MAX_CHUNKS = 10_000;

const MAX_SPANS_OF_TRACES = 200;
const DEFAULT_SPANS_OF_BYTES = 4_000_000;
const MAX_SPANS_OF_BYTES = 20_000_000;

const HEAD = `SELECT ${TRACE_COLUMNS} FROM traces WHERE trace_id = ?1`;

/** In the order in which they were made; the length is read without the pages that the text fills. */
const WEIGH_CHUNKS = `SELECT chunk_id, span_count, octet_length(spans) AS bytes FROM chunks
  WHERE trace_id = ?1 ORDER BY started_at, flush_seq, length(chunk_id), chunk_id LIMIT ${MAX_CHUNKS}`;

/** Nearly all traces are small, and come with their first question. */
const READ_SMALL = `SELECT chunk_id, spans FROM chunks WHERE trace_id = ?1
  AND (SELECT sum(octet_length(spans)) FROM chunks WHERE trace_id = ?1) <= ${BYTES_A_READ} ORDER BY chunk_id`;

const READ_CHUNKS = `SELECT chunk_id, spans FROM chunks
  WHERE trace_id = ?1 AND chunk_id IN (SELECT value FROM json_each(?2)) ORDER BY chunk_id`;

/**
 * A trace with the spans of its chunks, or undefined where there is none of that id. Of one that
 * is larger than 24 MB some are left, and counted.
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
  const [heads, weighed = [], small = []] = await db.run(
    [HEAD, WEIGH_CHUNKS, READ_SMALL].map((sql) => ({ sql, params: [key] })),
  );
  const row = heads?.[0];
  if (!row) return undefined;
  const collector = new SpanCollector();
  if (small.length > 0) {
    addRows(collector, small);
    return { ...toTrace(row), ...collected(collector) };
  }
  const wanted = withinBudget(weighed);
  for (const slice of groupBySize(wanted, weightOf, { bytes: BYTES_A_READ })) {
    const ids = JSON.stringify(slice.map((chunk) => text(chunk['chunk_id'])));
    const [rows = []] = await db.run([{ sql: READ_CHUNKS, params: [key, ids] }]);
    addRows(collector, rows);
  }
  const isWhole = wanted.length === weighed.length && weighed.length < MAX_CHUNKS;
  const read = wanted.reduce((sum, chunk) => sum + count(chunk['span_count']), 0);
  const left = isWhole ? {} : { left: Math.max(1, count(row['span_count']) - read) };
  return { ...toTrace(row), ...collected(collector), ...left };
}

/** The last chunk, which has the roots and how it ended, and then from the first on what there is room for. */
function withinBudget(weighed: readonly SqlRow[]): SqlRow[] {
  let room = MAX_TRACE_BYTES;
  return [...weighed.slice(-1), ...weighed.slice(0, -1)].filter((chunk) => {
    const fits = weightOf(chunk) <= room;
    if (fits) room -= weightOf(chunk);
    return fits;
  });
}

function weightOf(chunk: SqlRow): number {
  return count(chunk['bytes']);
}

function addRows(collector: SpanCollector, chunks: readonly SqlRow[]): void {
  for (const chunk of chunks) collector.add(text(chunk['chunk_id']), chunk['spans']);
}

function collected(collector: SpanCollector): { spans: SpanRecord[]; unreadable?: number } {
  const spans = collector.spans();
  return collector.unreadable === 0 ? { spans } : { spans, unreadable: collector.unreadable };
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
  addRows(collector, chunks);
  return collector.spans();
}
