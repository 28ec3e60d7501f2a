import type { DailyTotals, TotalsQuery } from '../model/store.ts';
import { parseJson } from './json.ts';
import { FIRST_CHUNKS, FRESH_CHUNKS } from './fresh.ts';
import { MAX_DATE_MS, rangeOf } from './range.ts';
import type { SqlDatabase, SqlRow, SqlStatement, SqlValue } from './sql.ts';

/** As the migration's `traces_move` works it out. */
export const dayOf = (column: string): string =>
  `date(max(min(${column}, ${MAX_DATE_MS}), 0) / 1000, 'unixepoch')`;

/**
 * `raised`: by how much they raise what their scopes have said of their traces so far. An entry
 * without a scope, of an older version, may be of any scope of its request.
 */
const FRESH = `
${FRESH_CHUNKS},
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
  part('workflow', { traces: '1', traces_estimated: WEIGHT }, `(${FIRST_CHUNKS})`),
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
  const params: SqlValue[] = rangeOf('totals', query);
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

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

/** The numbers of a stored JSON object. */
export function countsIn(json: unknown): Record<string, number> {
  const parsed = typeof json === 'string' ? parseJson(json) : undefined;
  if (typeof parsed !== 'object' || parsed === null) return {};
  // A chart reads hundreds of these, in which nothing is wrong.
  if (Object.values(parsed).every(isNumber)) return parsed as Record<string, number>;
  return Object.fromEntries(Object.entries(parsed).filter(([, item]) => isNumber(item)));
}
