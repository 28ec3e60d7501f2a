import type { TraceStatus } from '../model/records.ts';
import type { TraceQuery } from '../model/store.ts';

const HOUR_MS = 3_600_000;

/** Ranges that end now, by the name that they have in the URL. */
export const RANGES: Readonly<Record<string, number>> = {
  '1h': HOUR_MS,
  '6h': 6 * HOUR_MS,
  '24h': 24 * HOUR_MS,
  '7d': 7 * 24 * HOUR_MS,
  '30d': 30 * 24 * HOUR_MS,
};
const DEFAULT_RANGE = '24h';

export const STATUSES: readonly TraceStatus[] = [
  'ok',
  'error',
  'blocked',
  'truncated',
  'incomplete',
];

/** Filters that are text, with the words that a page has for them. */
export const TEXT_FILTERS = {
  workflow: 'Workflow',
  group: 'Group',
  release: 'Release',
  prompt: 'Prompt version',
  model: 'Model or alias',
  tool: 'Tool',
  error: 'Error kind',
  finding: 'Finding',
  id: 'Request or trace id',
} as const;

export const NUMBER_FILTERS = {
  min_ms: 'Minimum duration, ms',
  min_tokens: 'Minimum tokens',
} as const;

type TextFilter = keyof typeof TEXT_FILTERS;
type NumberFilter = keyof typeof NUMBER_FILTERS;

/** What the URL of a list asks for, after it was checked. */
export interface Filters
  extends Partial<Record<TextFilter, string>>, Partial<Record<NumberFilter, number>> {
  /** A name of `RANGES`, or `all`; absent where `from` or `to` is there. */
  range?: string;
  from?: number;
  to?: number;
  status?: TraceStatus;
  cursor?: string;
  live?: boolean;
  /** What could not be read, in words; such a filter is left out. */
  problems: string[];
}

const MAX_CHARACTERS = 300;

export function readFilters(params: URLSearchParams): Filters {
  const filters: Filters = { problems: [] };
  for (const name of Object.keys(TEXT_FILTERS) as TextFilter[]) {
    const value = params.get(name)?.trim();
    if (!value) continue;
    if (value.length <= MAX_CHARACTERS) filters[name] = value;
    else
      filters.problems.push(`${TEXT_FILTERS[name]} is longer than ${MAX_CHARACTERS} characters.`);
  }
  for (const name of Object.keys(NUMBER_FILTERS) as NumberFilter[]) {
    const value = params.get(name)?.trim();
    if (!value) continue;
    if (/^\d{1,15}$/.test(value)) filters[name] = Number(value);
    else filters.problems.push(`${NUMBER_FILTERS[name]} must be a whole number.`);
  }
  readStatus(params, filters);
  readRange(params, filters);
  const cursor = params.get('cursor');
  if (cursor) filters.cursor = cursor;
  if (params.get('live') === '1') filters.live = true;
  return filters;
}

function readStatus(params: URLSearchParams, filters: Filters): void {
  const value = params.get('status')?.trim();
  if (!value) return;
  const status = STATUSES.find((known) => known === value);
  if (status) filters.status = status;
  else filters.problems.push(`Status must be one of ${STATUSES.join(', ')}.`);
}

function readRange(params: URLSearchParams, filters: Filters): void {
  for (const name of ['from', 'to'] as const) {
    const value = params.get(name)?.trim();
    if (!value) continue;
    const ms = timeIn(value);
    // Before 1970 there is nothing, and its links would have a sign.
    if (Number.isFinite(ms)) filters[name] = Math.max(0, ms);
    else filters.problems.push(`“${name}” must be a time, such as 2026-11-20T12:00.`);
  }
  if (filters.from !== undefined && filters.to !== undefined && filters.from >= filters.to) {
    filters.problems.push('“from” must be before “to”.');
    delete filters.from;
    delete filters.to;
  }
  if (filters.from !== undefined || filters.to !== undefined) return;
  const range = params.get('range')?.trim() ?? '';
  filters.range = range === 'all' || Object.hasOwn(RANGES, range) ? range : DEFAULT_RANGE;
  if (range !== '' && range !== filters.range)
    filters.problems.push('There is no such time range.');
}

/** Milliseconds, or a time as a form sends it, which is UTC here. */
function timeIn(value: string): number {
  if (/^\d{1,15}$/.test(value)) return Number(value);
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z?)?$/.test(value)) return Number.NaN;
  const ms = Date.parse(value.length > 10 && !value.endsWith('Z') ? `${value}Z` : value);
  // 31 February is read as a day in March.
  const isReal = Number.isFinite(ms) && new Date(ms).toISOString().startsWith(value.slice(0, 10));
  return isReal ? ms : Number.NaN;
}

/** From when to when; `from` is absent where nothing bounds it. */
export function rangeOf(filters: Filters, now: number): { from?: number; to?: number } {
  const { range, from, to } = filters;
  if (range === undefined) {
    return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  }
  const length = RANGES[range];
  return length === undefined ? {} : { from: now - length };
}

/** What of the filters the store answers; `id` and `finding` are the viewer's own. */
export function toQuery(filters: Filters, now: number): TraceQuery {
  const { workflow, status, group, model, tool, error, release, prompt, cursor } = filters;
  const metadata = {
    ...(release === undefined ? {} : { release }),
    ...(prompt === undefined ? {} : { prompt_version: prompt }),
  };
  return {
    ...rangeOf(filters, now),
    ...(Object.keys(metadata).length > 0 ? { metadata } : {}),
    workflow,
    status,
    groupId: group,
    requestId: filters.id,
    model,
    tool,
    errorKind: error,
    minDurationMs: filters.min_ms,
    minTokens: filters.min_tokens,
    cursor,
  };
}

/** The filters as a query string, with some of them changed; `undefined` takes one out. Pages begin anew. */
export function searchOf(filters: Filters, patch: Partial<Filters> = {}): string {
  const params = new URLSearchParams();
  const all = { ...filters, cursor: undefined, ...patch };
  for (const [name, value] of Object.entries(all)) {
    if (value === undefined || name === 'problems') continue;
    if (
      name === 'range' &&
      (value === DEFAULT_RANGE || all.from !== undefined || all.to !== undefined)
    )
      continue;
    params.set(name, value === true ? '1' : String(value));
  }
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

/** Those that the totals by the hour know nothing of. */
const NARROWING = [
  ...(Object.keys(TEXT_FILTERS) as TextFilter[]).filter((name) => name !== 'workflow'),
  ...(Object.keys(NUMBER_FILTERS) as NumberFilter[]),
  'status',
] as const;

/** Whether anything but the range and the workflow is asked for. */
export function isNarrowed(filters: Filters): boolean {
  return NARROWING.some((name) => filters[name] !== undefined);
}
