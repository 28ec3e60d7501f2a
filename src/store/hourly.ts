import { SluiceError } from '../model/errors.ts';
import type {
  HourlyPage,
  HourlyQuery,
  HourlyTotals,
  UsageQuery,
  UsageTotals,
} from '../model/store.ts';
import { FIRST_CHUNKS, FRESH_CHUNKS } from './fresh.ts';
import { MAX_DATE_MS, rangeOf } from './range.ts';
import type { SqlDatabase, SqlRow, SqlStatement, SqlValue } from './sql.ts';
import { countsIn } from './totals.ts';

const HOUR_MS = 3_600_000;
const MAX_HOURS = 5_000;
const MAX_USAGE_ROWS = 1_000;

/** As the migration's `traces_move_hour` works it out. */
const hourOf = (column: string): string =>
  `CAST(max(min(${column}, ${MAX_DATE_MS}), 0) AS INTEGER) / ${HOUR_MS}`;

/** Rows stand for so many hours: a month of single ones would be read row by row. */
const STEPS: readonly number[] = [1, 24];

const STEP_ROWS = STEPS.map((hours) => `SELECT ${hours} AS hours`).join(' UNION ALL ');

/** Buckets of a quarter of an octave: round(4 * log2(ms + 1)), as in the migration. */
const BUCKETS_AN_OCTAVE = 4;
const BUCKET = `CAST(CAST(round(${BUCKETS_AN_OCTAVE} * log2(max(ended_at - started_at, 0) + 1)) AS INTEGER) AS TEXT)`;

/** Adds two JSON objects of counts key by key. */
const merged = (column: string): string => `${column} = (
  SELECT json_group_object(key, n) FROM (
    SELECT key, sum(value) AS n FROM (
      SELECT key, value FROM json_each(hourly_totals.${column})
      UNION ALL SELECT key, value FROM json_each(excluded.${column})
    ) GROUP BY key HAVING sum(value) <> 0
  )
)`;

/**
 * Grouped twice, by status and by bucket, and then put together in one pass: to ask for the parts
 * of each hour would read all of them for each.
 */
const ADD_TRACES = `WITH ${FRESH_CHUNKS},
counted AS MATERIALIZED (
  SELECT hours, ${hourOf('started_at')} / hours * hours AS hour, workflow, status, ${BUCKET} AS bucket,
    coalesce(sample_weight, 1) AS weight
  FROM (${FIRST_CHUNKS}), (${STEP_ROWS})
)
INSERT INTO hourly_totals (hours, hour, workflow, traces, traces_estimated, statuses, durations)
SELECT hours, hour, workflow, sum(traces), sum(weight) FILTER (WHERE status IS NOT NULL),
  json_group_object(status, weight) FILTER (WHERE status IS NOT NULL),
  json_group_object(bucket, weight) FILTER (WHERE bucket IS NOT NULL)
FROM (
  SELECT hours, hour, workflow, status, NULL AS bucket, count(*) AS traces, sum(weight) AS weight
  FROM counted GROUP BY 1, 2, 3, 4
  UNION ALL
  SELECT hours, hour, workflow, NULL, bucket, 0, sum(weight) FROM counted GROUP BY 1, 2, 3, 5
)
GROUP BY hours, hour, workflow
ON CONFLICT (hours, hour, workflow) DO UPDATE SET
  traces = traces + excluded.traces,
  traces_estimated = traces_estimated + excluded.traces_estimated,
  ${merged('statuses')},
  ${merged('durations')}`;

/** In the order in which a chunk's `models` has them. */
const TOKENS = [
  'input_tokens',
  'cached_input_tokens',
  'output_tokens',
  'reasoning_tokens',
] as const;

const ADD_TOKENS = `WITH ${FRESH_CHUNKS}
INSERT INTO hourly_tokens (hours, hour, workflow, release, model_alias, model, ${TOKENS.join(', ')})
SELECT hours, ${hourOf('started_at')} / hours * hours AS hour, workflow, release, model_alias,
  entry.value ->> 0 AS model,
  ${TOKENS.map((_, index) => `sum(entry.value ->> ${index + 1})`).join(', ')}
FROM fresh, json_each(fresh.models) AS entry, (${STEP_ROWS})
WHERE true GROUP BY 1, 2, 3, 4, 5, 6
ON CONFLICT (hours, hour, workflow, release, model_alias, model) DO UPDATE SET
  ${TOKENS.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')}`;

/**
 * What adds chunks to the hours, to run before they are inserted.
 *
 * @param heads JSON: an array of rows in the order of `HEAD_COLUMNS`
 */
export function addHours(heads: string, tokens: boolean): SqlStatement[] {
  const params = [heads];
  const traces = { sql: ADD_TRACES, params };
  return tokens ? [traces, { sql: ADD_TOKENS, params }] : [traces];
}

/** The hours of a query as a condition with `?1` and `?2`, and `?3` for the workflow. */
function hoursOf(caller: string, query: HourlyQuery): { where: string; params: SqlValue[] } {
  const { workflow, hours = 1 } = query;
  if (!STEPS.includes(hours)) {
    throw new SluiceError('invalid_option', `${caller}: hours must be one of ${STEPS.join(', ')}.`);
  }
  if (workflow !== undefined && typeof workflow !== 'string') {
    throw new SluiceError('invalid_option', `${caller}: workflow must be a string.`);
  }
  const from = `${hourOf('?1')} / ${hours} * ${hours}`;
  const where = `hours = ${hours} AND hour >= ${from} AND hour <= ${hourOf('?2 - 1')}`;
  const params: SqlValue[] = rangeOf(caller, query);
  return workflow === undefined
    ? { where, params }
    : { where: `${where} AND workflow = ?3`, params: [...params, workflow] };
}

/** @throws SluiceError `invalid_option` that names what is wrong with the query */
export async function readHours(db: SqlDatabase, query: HourlyQuery): Promise<HourlyPage> {
  const { where, params } = hoursOf('hourly', query);
  const sql = `SELECT hour, workflow, traces, traces_estimated, statuses, durations
    FROM hourly_totals WHERE ${where} AND traces > 0
    ORDER BY hour DESC, workflow LIMIT ${MAX_HOURS + 1}`;
  const [rows = []] = await db.run([{ sql, params }]);
  return { hours: rows.slice(0, MAX_HOURS).map(toHour), complete: rows.length <= MAX_HOURS };
}

function toHour(row: SqlRow): HourlyTotals {
  return {
    hour: Number(row['hour']) * HOUR_MS,
    workflow: String(row['workflow']),
    traces: Number(row['traces']),
    tracesEstimated: Math.max(0, Number(row['traces_estimated'])),
    statuses: statusesIn(row['statuses']),
    durations: durationsIn(row['durations']),
  };
}

/** Where somebody deleted the row of an hour, what moved out of it since is less than nothing. */
function statusesIn(json: unknown): Record<string, number> {
  const traced = countsIn(json);
  if (Object.values(traced).every((traces) => traces > 0)) return traced;
  return Object.fromEntries(Object.entries(traced).filter(([, traces]) => traces > 0));
}

/** Milliseconds of each bucket that a duration of less than some thousand years falls in. */
const BUCKET_MS = Array.from({ length: 200 }, (_, bucket) =>
  Math.round(2 ** (bucket / BUCKETS_AN_OCTAVE) - 1),
);

/** Keys that are whole numbers come in their order, so nothing is left to sort. */
function durationsIn(json: unknown): [number, number][] {
  const durations: [number, number][] = [];
  const traced = countsIn(json);
  for (const bucket of Object.keys(traced)) {
    const [ms, traces] = [BUCKET_MS[Number(bucket)], traced[bucket] ?? 0];
    if (ms !== undefined && traces > 0) durations.push([ms, traces]);
  }
  return durations;
}

const KEYS: Record<UsageQuery['by'], string> = {
  workflow: 'workflow',
  model: 'model',
  release: 'release',
  day: "date(hour * 3600, 'unixepoch')",
};

/** @throws SluiceError `invalid_option` that names what is wrong with the query */
export async function readUsage(db: SqlDatabase, query: UsageQuery): Promise<UsageTotals[]> {
  if (!Object.hasOwn(KEYS, query.by)) {
    const message = `usage: by must be one of ${Object.keys(KEYS).join(', ')}.`;
    throw new SluiceError('invalid_option', message);
  }
  const { where, params } = hoursOf('usage', query);
  const sums = TOKENS.map((name) => `sum(${name}) AS ${name}`).join(', ');
  const sql = `SELECT ${KEYS[query.by]} AS "key", model_alias, model, ${sums}
    FROM hourly_tokens WHERE ${where} GROUP BY 1, 2, 3
    ORDER BY ${query.by === 'day' ? '1 DESC' : 'sum(input_tokens) + sum(output_tokens) DESC, 1'}, 2, 3
    LIMIT ${MAX_USAGE_ROWS}`;
  const [rows = []] = await db.run([{ sql, params }]);
  return rows.map((row) => ({
    key: String(row['key']),
    modelAlias: String(row['model_alias']),
    model: String(row['model']),
    inputTokens: Number(row['input_tokens']),
    cachedInputTokens: Number(row['cached_input_tokens']),
    outputTokens: Number(row['output_tokens']),
    reasoningTokens: Number(row['reasoning_tokens']),
  }));
}
