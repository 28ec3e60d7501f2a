import { diagnose } from '../diagnose/diagnose.ts';
import type { Finding } from '../diagnose/finding.ts';
import type { SpanRecord } from '../model/records.ts';
import type {
  HourlyTotals,
  StoredTrace,
  StoredTraceWithSpans,
  TracePage,
  TraceQuery,
  UsageTotals,
} from '../model/store.ts';
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
  const range = { from: site.now - WEEK_MS, workflow: trace.workflow };
  const [{ hours }, usage] = await Promise.all([
    site.store.hourly({ ...range, hours: 24 }),
    site.store.usage({ ...range, by: 'workflow', hours: 24 }),
  ]);
  return diagnose(trace, {
    ...site.options.diagnose,
    usual: { tokens: usualTokens(hours, usage) },
  });
}

/** The same for a page of traces. */
export async function diagnoseAll(
  site: Site,
  traces: readonly StoredTrace[],
  usual: ReadonlyMap<string, number>,
): Promise<Diagnosed[]> {
  const { spans } = await site.store.spansOf(traces.map(({ traceId }) => traceId));
  return traces.map((trace) => {
    const own = spans.get(trace.traceId);
    if (!own) return { trace, findings: trace.spanCount === 0 ? [] : undefined, spans: [] };
    const options = { ...site.options.diagnose, usual: { tokens: usual.get(trace.workflow) } };
    return { trace, findings: diagnose({ ...trace, spans: own }, options), spans: own };
  });
}

/** A page of the traces that have a finding; it says how far back it looked. */
export async function listWithFinding(
  site: Site,
  query: TraceQuery,
  rule: string,
  usual: ReadonlyMap<string, number>,
): Promise<Omit<TracePage, 'traces'> & { traces: Diagnosed[] }> {
  const page = await site.store.listTraces({ ...query, limit: LOOKED_INTO });
  const wanted = rule
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_');
  const traces = (await diagnoseAll(site, page.traces, usual)).filter(({ findings }) =>
    findings?.some((finding) => finding.rule === wanted),
  );
  const last = page.traces.at(-1);
  const searchedBackTo =
    page.searchedBackTo ?? (page.next === undefined ? undefined : last?.startedAt);
  return { ...page, traces, ...(searchedBackTo === undefined ? {} : { searchedBackTo }) };
}

/** Tokens of a usual trace of each workflow. */
export function usualOf(
  hours: readonly HourlyTotals[],
  usage: readonly UsageTotals[],
): Map<string, number> {
  const usual = new Map<string, number>();
  for (const [workflow, own] of Map.groupBy(hours, (hour) => hour.workflow)) {
    const tokens = usualTokens(
      own,
      usage.filter(({ key }) => key === workflow),
    );
    if (tokens !== undefined) usual.set(workflow, tokens);
  }
  return usual;
}

function usualTokens(
  hours: readonly HourlyTotals[],
  usage: readonly UsageTotals[],
): number | undefined {
  const traces = hours.reduce((sum, hour) => sum + hour.traces, 0);
  if (traces < MIN_TRACES) return undefined;
  const tokens = usage.reduce((sum, row) => sum + row.inputTokens + row.outputTokens, 0);
  return tokens > 0 ? tokens / traces : undefined;
}
