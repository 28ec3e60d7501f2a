import { diagnose } from '../diagnose/diagnose.ts';
import { RULE_GUIDE } from '../diagnose/table.ts';
import type { Finding } from '../diagnose/finding.ts';
import type { DiagnoseOptions } from '../diagnose/options.ts';
import type { SpanRecord } from '../model/records.ts';
import type { StoredTrace, StoredTraceWithSpans, TracePage, TraceQuery } from '../model/store.ts';
import type { Site } from './site.ts';

const WEEK_MS = 7 * 24 * 3_600_000;

/** Fewer traces have no usual. */
const MIN_TRACES = 20;

/** Traces that a page looks into for those with a finding: their spans have to be read. */
const LOOKED_INTO = 60;

export interface Diagnosed {
  trace: StoredTrace;
  /** Undefined where its spans are too many to be read for a list. */
  findings: readonly Finding[] | undefined;
  spans: readonly SpanRecord[];
}

/** What a trace shows, compared with what its workflow usually takes. */
export async function findingsOf(site: Site, trace: StoredTraceWithSpans): Promise<Finding[]> {
  const usual = await usualTokensOf(site, trace.workflow);
  return diagnose(trace, optionsFor(site, trace, usual));
}

/** The same for some traces. */
export async function diagnoseAll(
  site: Site,
  traces: readonly StoredTrace[],
): Promise<Diagnosed[]> {
  if (traces.length === 0) return [];
  const [{ spans }, usual] = await Promise.all([
    site.store.spansOf(traces.map(({ traceId }) => traceId)),
    usualTokensOf(site),
  ]);
  return traces.map((trace) => {
    const own = spans.get(trace.traceId);
    if (!own) return { trace, findings: trace.spanCount === 0 ? [] : undefined, spans: [] };
    const findings = diagnose({ ...trace, spans: own }, optionsFor(site, trace, usual));
    return { trace, findings, spans: own };
  });
}

function optionsFor(
  { options }: Site,
  { workflow }: StoredTrace,
  usual: ReadonlyMap<string, number>,
): DiagnoseOptions {
  return { ...options.diagnose, usual: { tokens: usual.get(workflow) } };
}

/** The rule that somebody means by a name, such as `Tool failed`. */
export function ruleOf(name: string): string | undefined {
  const wanted = name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_');
  return RULE_GUIDE.find((rule) => rule.name === wanted)?.name;
}

/** A page of the traces that have a finding; it says how far back it looked. */
export async function listWithFinding(
  site: Site,
  query: TraceQuery,
  rule: string,
): Promise<Omit<TracePage, 'traces'> & { traces: Diagnosed[] }> {
  const page = await site.store.listTraces({ ...query, limit: LOOKED_INTO });
  const wanted = ruleOf(rule);
  const traces = (await diagnoseAll(site, page.traces)).filter(({ findings }) =>
    findings?.some((finding) => finding.rule === wanted),
  );
  const last = page.traces.at(-1);
  const searchedBackTo =
    page.searchedBackTo ?? (page.next === undefined ? undefined : last?.startedAt);
  return { ...page, traces, ...(searchedBackTo === undefined ? {} : { searchedBackTo }) };
}

/** Tokens of a usual trace of each workflow, or of one: what the last week's come to. */
async function usualTokensOf(site: Site, workflow?: string): Promise<ReadonlyMap<string, number>> {
  const week = { from: site.now - WEEK_MS, workflow, hours: 24 } as const;
  const [{ hours }, usage] = await Promise.all([
    site.store.hourly(week),
    site.store.usage({ ...week, by: 'workflow' }),
  ]);
  const traces = sumBy(hours, (hour) => [hour.workflow, hour.traces]);
  const tokens = sumBy(usage, (row) => [row.key, row.inputTokens + row.outputTokens]);
  const usual = new Map<string, number>();
  for (const [name, count] of traces) {
    const sum = tokens.get(name) ?? 0;
    if (count >= MIN_TRACES && sum > 0 && Number.isFinite(sum)) usual.set(name, sum / count);
  }
  return usual;
}

function sumBy<T>(
  rows: readonly T[],
  read: (row: T) => readonly [key: string, amount: number],
): Map<string, number> {
  const sums = new Map<string, number>();
  for (const row of rows) {
    const [key, amount] = read(row);
    sums.set(key, (sums.get(key) ?? 0) + amount);
  }
  return sums;
}
