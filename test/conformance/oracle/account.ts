/** Judges a whole case: each place that has to hold its spans, and the library's own account of them. */
import type { Case, Place } from '../case.ts';
import type { Evidence, Report } from '../stage/evidence.ts';
import { judge } from './judge.ts';
import type { Expectation, Verdict } from './judge.ts';

export interface CaseVerdict extends Verdict {
  /** Export calls that carried records of others, too. */
  mixed: string[];
  /** Spans that are neither where they should be nor counted as failed or dropped by anybody. */
  unaccounted: string[];
}

export function blank(): CaseVerdict {
  return {
    lost: [],
    duplicated: [],
    misplaced: [],
    unexpected: [],
    wrong: [],
    mixed: [],
    unaccounted: [],
  };
}

export function judgeCase(
  { mayFail = [] }: Case,
  places: readonly Place[],
  expectation: Expectation,
  evidence: Evidence,
): CaseVerdict {
  const total = blank();
  const { marker } = expectation;
  if (evidence.mixed.has(marker)) total.mixed.push(marker);
  const ids = idsOf(expectation, evidence);
  const reports = evidence.reports?.filter(({ traceIds }) => traceIds.some((id) => ids.has(id)));
  for (const place of places) {
    const verdict = judge(expectation, evidence.holdings[place]);
    const held = expectation.spans.length - verdict.lost.length;
    // What a broken place did not take is no loss of ours, as long as somebody says so.
    if (mayFail.includes(place)) Object.assign(verdict, { lost: [], wrong: [] });
    for (const [kind, findings] of Object.entries(verdict) as [keyof Verdict, string[]][]) {
      total[kind].push(...findings.map((finding) => `${place}: ${finding}`));
    }
    total.unaccounted.push(...accountOf(place, held, expectation, reports));
  }
  return total;
}

/** Also of traces that no place holds. */
function idsOf({ marker, traceId = '' }: Expectation, { holdings, groups }: Evidence): Set<string> {
  const held = holdings.d1.traces.filter(({ groupId }) => groupId === marker).map(({ id }) => id);
  const sent = [...groups].filter(([, group]) => group === marker).map(([id]) => id);
  return new Set([traceId, ...held, ...sent]);
}

function accountOf(
  place: Place,
  held: number,
  { spans }: Expectation,
  reports: Report[] | undefined,
): string[] {
  const total = spans.length;
  const captured = sum(reports, ({ captured: n }) => n);
  const exported = sum(reports, ({ destinations }) => destinations[place]?.exported ?? 0);
  const missing = sum(reports, ({ destinations }) => {
    const { failed = 0, dropped = {} } = destinations[place] ?? {};
    return failed + Object.values(dropped).reduce((all, n) => all + n, 0);
  });
  const untold = Math.max(0, total - held - missing);
  const findings = Array.from({ length: untold }, () => `${place}: a span of ${total}`);
  if (!reports) return findings;
  if (captured !== total) findings.push(`${place}: ${captured} reported as captured of ${total}`);
  if (exported !== held) findings.push(`${place}: ${exported} reported as exported, ${held} there`);
  return findings;
}

function sum(reports: Report[] | undefined, of: (report: Report) => number): number {
  return (reports ?? []).reduce((total, report) => total + of(report), 0);
}
