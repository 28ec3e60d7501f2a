import type { TracePage, TraceQuery } from '../model/store.ts';
import { encodeCursor } from './cursor.ts';
import type { Cursor } from './cursor.ts';
import { timeOf } from './key.ts';
import { byCodePoint } from './order.ts';
import { planList } from './query.ts';
import type { SqlDatabase, SqlRow } from './sql.ts';
import { count, text, toTrace } from './stored.ts';

/** A page of traces, newest first. */
export async function listTraces(db: SqlDatabase, query: TraceQuery): Promise<TracePage> {
  const plan = planList(query);
  const [native = [], foreign = []] = await db.run([plan.native, plan.foreign]);
  const [left, right] = [takeEnd(native), takeEnd(foreign)];
  const end = laterOf(left.end, right.end);
  const rows = merge(left.rows, right.rows).filter(
    (row) => end === undefined || !isBefore(placeOf(row), end),
  );
  const page = rows.slice(0, plan.limit);
  const traces = page.map(toTrace);
  const last = page.at(-1);
  if (rows.length > plan.limit && last) return { traces, next: after(placeOf(last)) };
  if (end) return { traces, next: after(end), searchedBackTo: end.time };
  return { traces };
}

/** As many characters of an id as a cursor can hold: four times those of one that Sluice makes. */
const MAX_CURSOR_ID = 160;

/** Where the next page begins. Of longer ids only those that are alike so far, in one millisecond, are not told apart. */
function after({ time, traceId }: Cursor): string {
  return encodeCursor({ time, traceId: Array.from(traceId).slice(0, MAX_CURSOR_ID).join('') });
}

/** Takes out the row that says where looking ended; there is none where it got through. */
function takeEnd(found: readonly SqlRow[]): { rows: SqlRow[]; end?: Cursor } {
  const end = found.find((row) => row['is_end'] === 1);
  if (!end) return { rows: [...found] };
  return { rows: found.filter((row) => row !== end), end: placeOf(end) };
}

/** Both lists were looked at down to here. */
function laterOf(a: Cursor | undefined, b: Cursor | undefined): Cursor | undefined {
  if (!a || !b) return a ?? b;
  return isBefore(a, b) ? b : a;
}

/** Both lists are in order already; only where one stands against the other is decided here. */
function merge(native: readonly SqlRow[], foreign: readonly SqlRow[]): SqlRow[] {
  const rows: SqlRow[] = [];
  let next = 0;
  for (const row of foreign) {
    while (next < native.length && isBefore(placeOf(row), placeOf(native[next] as SqlRow))) {
      rows.push(native[next] as SqlRow);
      next += 1;
    }
    rows.push(row);
  }
  return [...rows, ...native.slice(next)];
}

/** Whether `a` is older than `b`, and so comes after it in a list. */
function isBefore(a: Cursor, b: Cursor): boolean {
  return a.time === b.time ? byCodePoint(a.traceId, b.traceId) < 0 : a.time < b.time;
}

function placeOf(row: SqlRow): Cursor {
  const traceId = text(row['trace_id']);
  const time = row['foreign_id'] === 1 ? count(row['started_at']) : timeOf(traceId);
  return { time, traceId };
}
