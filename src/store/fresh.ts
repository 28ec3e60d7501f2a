import { HEAD_COLUMNS } from './rows.ts';

/**
 * Totals are added up in the transaction that inserts the chunks, before it, over
 * those that are new: a row for each day and workflow of a write instead of one for
 * each chunk, which is what a trigger would cost.
 */

const column = (name: (typeof HEAD_COLUMNS)[number]): string =>
  `item.value ->> ${HEAD_COLUMNS.indexOf(name)}`;

/** Where a trace has too many requests to tell apart, what one more of them says has no meaning. */
const KNOWN_CAPTURED = `CASE WHEN NOT EXISTS (
  SELECT 1 FROM traces WHERE traces.trace_id = ${column('trace_id')} AND accounts = 'many'
) THEN ${column('captured')} END`;

const COLUMNS = HEAD_COLUMNS.map(
  (name) => `${name === 'captured' ? KNOWN_CAPTURED : column(name)} AS ${name}`,
);

/** The chunks that the insert will take, and of equal ones the first, as it will. `?1` is the JSON of their heads. */
export const FRESH_CHUNKS: string = `
fresh AS MATERIALIZED (
  SELECT min(item.key) AS place, ${COLUMNS.join(', ')}
  FROM json_each(?1) AS item
  WHERE NOT EXISTS (
    SELECT 1 FROM chunks WHERE chunks.trace_id = ${column('trace_id')} AND chunks.chunk_id = ${column('chunk_id')}
  )
  GROUP BY ${column('trace_id')}, ${column('chunk_id')}
)`;

/** Of each trace that is new, the chunk of which the trigger will make its row. */
export const FIRST_CHUNKS = `SELECT min(place), * FROM fresh
  WHERE NOT EXISTS (SELECT 1 FROM traces WHERE traces.trace_id = fresh.trace_id) GROUP BY trace_id`;
