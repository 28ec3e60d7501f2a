import type { StoredTraceWithSpans } from '../model/store.ts';
import type { Finding } from './finding.ts';
import type { DiagnoseOptions } from './options.ts';
import type { Rule, Sighting } from './rule.ts';
import { assertDiagnoseOptions } from './schema.ts';
import { RULES } from './table.ts';
import { viewOf } from './view.ts';
import type { TraceView } from './view.ts';

/**
 * Names what a trace shows that went wrong, each with the spans that show it. It reads facts and
 * fingerprints, so that it works under `metadataOnly` as it does under `full`.
 *
 * @param trace what a store's `getTrace()` gives; stored spans may be of any shape
 * @returns the earliest failure that the run did not get over first, then all else that it did
 *   not get over by time, then what it did get over, then notes on the trace itself.
 * @throws SluiceError `invalid_option` for invariants, or other options, that say nothing
 *
 * @example
 * ```ts
 * const trace = await d1Store(env.TRACES_DB).getTrace(traceId);
 * const [first] = trace ? diagnose(trace) : [];
 * console.log(first?.title); // Tool lookup_order failed in 2 of 3 calls with RangeError.
 * ```
 */
export function diagnose(trace: StoredTraceWithSpans, options: DiagnoseOptions = {}): Finding[] {
  assertDiagnoseOptions(options);
  const view = viewOf(trace);
  const findings: Finding[] = [];
  for (const rule of RULES) {
    const sightings = rule.find(view, options, findings);
    for (const sighting of sightings) findings.push(findingOf(rule, sighting, view));
  }
  return ranked(findings);
}

function findingOf(rule: Rule, sighting: Sighting, { startedAt }: TraceView): Finding {
  const { title, evidence, recovered = false, severity = rule.severity } = sighting;
  const [first] = evidence;
  const isTimed = first !== undefined && Number.isFinite(first.start);
  return {
    rule: rule.name,
    severity,
    title,
    claims: rule.claims,
    cannot: rule.cannot,
    spanId: first?.id ?? null,
    evidence: evidence.map(({ id }) => id),
    recovered,
    at: isTimed ? first.start : startedAt,
  };
}

/** Sorting is stable, so that findings of one time stay in the order of the table. */
function ranked(findings: readonly Finding[]): Finding[] {
  const byTime = findings.toSorted((a, b) => groupOf(a) - groupOf(b) || a.at - b.at);
  const first = byTime.find((finding) => finding.severity === 'failure' && !finding.recovered);
  return first ? [first, ...byTime.filter((finding) => finding !== first)] : byTime;
}

function groupOf({ severity, recovered }: Finding): number {
  if (severity === 'note') return 2;
  return recovered ? 1 : 0;
}
