import { SluiceError } from '../model/errors.ts';
import { keyAt, KEY_TOLERANCE_MS } from './key.ts';
import type { SqlDatabase, SqlStatement } from './sql.ts';

/** Deleting more at once keeps writers waiting for more than twice their usual time. */
const TRACES_A_SLICE = 200;

/** An invocation may make 1,000 queries; each slice makes two. */
const MAX_SLICES = 400;

/** Which traces are old: one query by key for ids that sort by time, one by start for the others. */
export function oldTraces(before: number): SqlStatement[] {
  return [
    {
      sql: `SELECT trace_id FROM traces WHERE trace_id >= ?1 AND trace_id < ?2 AND started_at < ?3 ORDER BY trace_id LIMIT ${TRACES_A_SLICE}`,
      params: [keyAt(0), keyAt(before + KEY_TOLERANCE_MS), before],
    },
    {
      sql: `SELECT trace_id FROM traces WHERE foreign_id = 1 AND started_at < ?1 ORDER BY started_at, trace_id LIMIT ${TRACES_A_SLICE}`,
      params: [before],
    },
  ];
}

/** Bodies of up to 128 kB, so that a slice is no larger than one of traces. */
const OLD_LETTERS = `DELETE FROM dead_letters WHERE (queue, message_id) IN (
  SELECT queue, message_id FROM dead_letters WHERE received_at < ?1 ORDER BY received_at LIMIT ${TRACES_A_SLICE}
) RETURNING 1`;

/**
 * Deletes traces that started before `before`, and dead letters received before
 * it, in slices between which others may write. One call deletes at most 80,000.
 *
 * @returns how many traces went
 */
export async function prune(db: SqlDatabase, before: number): Promise<number> {
  if (!Number.isFinite(before)) {
    throw new SluiceError(
      'invalid_option',
      'prune: before must be a time in milliseconds since the epoch, such as Date.now() - 30 * 86_400_000.',
    );
  }
  let deleted = 0;
  let slices = 0;
  for (const old of oldTraces(before)) {
    let found = TRACES_A_SLICE;
    for (; found === TRACES_A_SLICE && slices < MAX_SLICES; slices += 1) {
      found = await deleteSlice(db, old);
      deleted += found;
    }
  }
  let letters = TRACES_A_SLICE;
  for (; letters === TRACES_A_SLICE && slices < MAX_SLICES; slices += 1) {
    const [rows = []] = await db.run([{ sql: OLD_LETTERS, params: [before] }]);
    letters = rows.length;
  }
  return deleted;
}

/** Chunks go first, while their traces still say which they are. */
async function deleteSlice(db: SqlDatabase, old: SqlStatement): Promise<number> {
  const { params } = old;
  const [, rows = []] = await db.run([
    { sql: `DELETE FROM chunks WHERE trace_id IN (${old.sql})`, params },
    { sql: `DELETE FROM traces WHERE trace_id IN (${old.sql}) RETURNING 1`, params },
  ]);
  return rows.length;
}
