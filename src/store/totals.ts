import { SluiceError } from '../model/errors.ts';
import type { DailyTotals, TotalsQuery } from '../model/store.ts';
import { parseJson } from './json.ts';
import { HEAD_COLUMNS } from './rows.ts';
import type { SqlDatabase, SqlRow, SqlStatement, SqlValue } from './sql.ts';

/**
 * Totals are added up in the transaction that inserts the chunks, before it, over
 * those that are new: a row for each day and workflow of a write instead of one for
 * each chunk, which is what a trigger would cost.
 */

/** The last millisecond that SQLite has a date for. */
const MAX_DATE_MS = 253_402_300_799_999;

/** As the migration's `traces_move` works it out. */
export const dayOf = (column: string): string =>
  `date(max(min(${column}, ${MAX_DATE_MS}), 0) / 1000, 'unixepoch')`;

const column = (name: (typeof HEAD_COLUMNS)[number]): string =>
  `item.value ->> ${HEAD_COLUMNS.indexOf(name)}`;

/** Where a trace has too many requests to tell apart, what one more of them says has no meaning. */
const KNOWN_CAPTURED = `CASE WHEN NOT EXISTS (
  SELECT 1 FROM traces WHERE traces.trace_id = ${column('trace_id')} AND accounts = 'many'
) THEN ${column('captured')} END`;

const COLUMNS = HEAD_COLUMNS.map(
  (name) => `${name === 'captured' ? KNOWN_CAPTURED : column(name)} AS ${name}`,
);

/**
 * `fresh`: the chunks that the insert will take, and of equal ones the first, as it will.
 * `raised`: by how much they raise what their scopes have said of their traces so far. An entry
 * without a scope, of an older version, may be of any scope of its request.
 */
const FRESH = `
fresh AS MATERIALIZED (
  SELECT min(item.key) AS place, ${COLUMNS.join(', ')}
  FROM json_each(?1) AS item
  WHERE NOT EXISTS (
    SELECT 1 FROM chunks WHERE chunks.trace_id = ${column('trace_id')} AND chunks.chunk_id = ${column('chunk_id')}
  )
  GROUP BY ${column('trace_id')}, ${column('chunk_id')}
),
said AS (
  SELECT trace_id, coalesce(request_id, '') AS request, coalesce(scope_id, '') AS scope,
    '' AS reason, captured AS spans, workflow, started_at
  FROM fresh WHERE captured IS NOT NULL
  UNION ALL
  SELECT trace_id, coalesce(request_id, ''), coalesce(scope_id, ''),
    dropped.key, dropped.value, workflow, started_at
  FROM fresh, json_each(fresh.dropped) AS dropped WHERE captured IS NOT NULL
),
most AS (
  SELECT trace_id, request, scope, reason, max(spans) AS spans, workflow, started_at
  FROM said GROUP BY trace_id, request, scope, reason
),
raised AS (
  SELECT workflow, started_at, reason, max(0, spans - coalesce((
    SELECT max(entry.value ->> 2) FROM traces, json_each(accounts) AS entry
    WHERE traces.trace_id = most.trace_id AND entry.value ->> 0 = request AND entry.value ->> 1 = reason
      AND (scope = '' OR coalesce(entry.value ->> 3, '') IN ('', scope))
  ), 0)) AS spans
  FROM most
)`;

const COUNTED = [
  'traces',
  'traces_estimated',
  'spans',
  'spans_estimated',
  'errors',
  'input_tokens',
  'input_tokens_estimated',
  'output_tokens',
  'output_tokens_estimated',
  'captured',
  'lost',
  'dead_letters',
] as const;

/** Adds to the rows of `daily_totals`; `parts` select a day, a workflow, and what to add to `columns`. */
export function addTotals(
  columns: readonly (typeof COUNTED)[number][],
  parts: readonly string[],
): string {
  return [
    `INSERT INTO daily_totals (day, workflow, ${columns.join(', ')})`,
    `SELECT day, workflow, ${columns.map((name) => `sum(${name})`).join(', ')}`,
    `FROM (${parts.join(' UNION ALL ')}) GROUP BY day, workflow`,
    `HAVING ${columns.map((name) => `sum(${name}) <> 0`).join(' OR ')}`,
    'ON CONFLICT (day, workflow) DO UPDATE SET',
    columns.map((name) => `${name} = ${name} + excluded.${name}`).join(', '),
  ].join(' ');
}

/** A part of `addTotals`: zero for all that is not named. */
function part(workflow: string, values: Record<string, string>, from: string): string {
  const counts = COUNTED.map((name) => `${values[name] ?? '0'} AS ${name}`).join(', ');
  return `SELECT ${dayOf('started_at')} AS day, ${workflow} AS workflow, ${counts} FROM ${from}`;
}

const WEIGHT = 'coalesce(sample_weight, 1)';

const ADD_CHUNKS = `WITH ${FRESH} ${addTotals(COUNTED, [
  part(
    'workflow',
    {
      spans: 'span_count',
      spans_estimated: `span_count * ${WEIGHT}`,
      errors: 'error_count',
      input_tokens: 'input_tokens',
      input_tokens_estimated: `input_tokens * ${WEIGHT}`,
      output_tokens: 'output_tokens',
      output_tokens_estimated: `output_tokens * ${WEIGHT}`,
      // A producer that does not say what it has captured has captured what is here.
      captured: 'CASE WHEN captured IS NULL THEN span_count ELSE 0 END',
    },
    'fresh',
  ),
  // As the trigger will make the row of a new trace out of its first chunk, and move it afterwards.
  part(
    'workflow',
    { traces: '1', traces_estimated: WEIGHT },
    `(SELECT min(place), * FROM fresh
      WHERE NOT EXISTS (SELECT 1 FROM traces WHERE traces.trace_id = fresh.trace_id) GROUP BY trace_id)`,
  ),
  part('workflow', { captured: 'spans' }, "raised WHERE reason = ''"),
  // Who lost them is not known, only who told of it.
  part("''", { lost: 'lost' }, 'fresh WHERE lost > 0'),
])}`;

const ADD_DROPS = `WITH ${FRESH}
INSERT INTO daily_drops (day, workflow, reason, spans)
SELECT ${dayOf('started_at')} AS day, workflow, reason, sum(spans) FROM raised
WHERE reason <> '' AND spans > 0 GROUP BY day, workflow, reason
ON CONFLICT (day, workflow, reason) DO UPDATE SET spans = spans + excluded.spans`;

/**
 * What adds chunks to the totals, to run before they are inserted.
 *
 * @param heads JSON: an array of rows in the order of `HEAD_COLUMNS`
 */
export function addChunks(heads: string, drops: boolean): SqlStatement[] {
  const params = [heads];
  return drops
    ? [
        { sql: ADD_CHUNKS, params },
        { sql: ADD_DROPS, params },
      ]
    : [{ sql: ADD_CHUNKS, params }];
}

/** @throws SluiceError `invalid_option` for a time that is none, or a `from` after `to` */
export async function readTotals(db: SqlDatabase, query: TotalsQuery): Promise<DailyTotals[]> {
  const [from, to] = [boundOf('from', query.from, 0), boundOf('to', query.to, Infinity)];
  if (query.from !== undefined && query.to !== undefined && query.from > query.to) {
    const message = 'totals: from is after to; pass the earlier time as from.';
    throw new SluiceError('invalid_option', message);
  }
  const params: SqlValue[] = [from, to];
  const inRange = `day >= ${dayOf('?1')} AND day <= ${dayOf('?2 - 1')}`;
  const [rows = [], drops = []] = await db.run([
    {
      sql: `SELECT day, ${COUNTED.map((name) => `sum(${name}) AS ${name}`).join(', ')}
        FROM daily_totals WHERE ${inRange} GROUP BY day ORDER BY day DESC`,
      params,
    },
    {
      sql: `SELECT day, json_group_object(reason, spans) AS dropped FROM (
        SELECT day, reason, sum(spans) AS spans FROM daily_drops WHERE ${inRange} GROUP BY day, reason
      ) GROUP BY day`,
      params,
    },
  ]);
  const droppedOn = new Map(drops.map(({ day, dropped }) => [day, countsIn(dropped)]));
  return rows.map((row) => toTotals(row, droppedOn.get(row['day']) ?? {}));
}

function boundOf(name: string, value: number | undefined, otherwise: number): number {
  if (value !== undefined && !Number.isFinite(value)) {
    throw new SluiceError(
      'invalid_option',
      `totals: ${name} must be a time in milliseconds since the epoch.`,
    );
  }
  return Math.ceil(Math.min(value ?? otherwise, MAX_DATE_MS + 1));
}

function toTotals(row: SqlRow, dropped: Record<string, number>): DailyTotals {
  const count = (name: (typeof COUNTED)[number]): number => {
    const value = row[name];
    return typeof value === 'number' ? Math.max(0, value) : 0;
  };
  const behind = Object.values(dropped).reduce((sum, n) => sum + n, 0);
  return {
    day: String(row['day']),
    traces: count('traces'),
    tracesEstimated: count('traces_estimated'),
    spans: count('spans'),
    spansEstimated: count('spans_estimated'),
    errors: count('errors'),
    inputTokens: count('input_tokens'),
    inputTokensEstimated: count('input_tokens_estimated'),
    outputTokens: count('output_tokens'),
    outputTokensEstimated: count('output_tokens_estimated'),
    captured: count('captured'),
    dropped,
    missing: Math.max(0, count('captured') - behind - count('spans')),
    lost: count('lost'),
    deadLetters: count('dead_letters'),
  };
}

/** The numbers of a stored JSON object. */
export function countsIn(json: unknown): Record<string, number> {
  const parsed = typeof json === 'string' ? parseJson(json) : undefined;
  if (typeof parsed !== 'object' || parsed === null) return {};
  const entries = Object.entries(parsed).filter(([, item]) => typeof item === 'number');
  return Object.fromEntries(entries) as Record<string, number>;
}
