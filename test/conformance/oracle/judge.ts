/** Compares what a destination holds with what the oracle expects, span by span. */
import type { ExpectedSpan } from './expect.ts';
import type { StoredSpan } from './records.ts';

interface StoredTrace {
  id: string;
  groupId: string | null;
  /** Where the destination has one. */
  status?: string;
}

/** All that one destination holds, of all requests. A record that was accepted twice is in it twice. */
export interface Holdings {
  traces: readonly StoredTrace[];
  spans: readonly StoredSpan[];
}

/** Whose request it was, and what must have come of it. */
export interface Expectation {
  marker: string;
  /** Where the request names its trace. */
  traceId?: string | undefined;
  /**
   * How many traces the spans are in: a message that is retried makes another one.
   * `any` where nobody opens one around the runs. @default 1
   */
  traces?: number | 'any' | undefined;
  spans: readonly ExpectedSpan[];
  /** The client left while these were at work, so whether they ended is not for the destination to say. */
  anyState?: boolean | undefined;
  status?: string | undefined;
}

export interface Verdict {
  /** Expected, and not there. */
  lost: string[];
  /** There more often than it happened. */
  duplicated: string[];
  /** In another trace, or below another parent, than the request's own. */
  misplaced: string[];
  /** There, although nothing of the kind happened. */
  unexpected: string[];
  /** Anything else that is wrong, in words. */
  wrong: string[];
}

export function isPerfect(verdict: Verdict): boolean {
  return Object.values(verdict).every((findings: string[]) => findings.length === 0);
}

export function judge(expectation: Expectation, holdings: Holdings): Verdict {
  const verdict: Verdict = { lost: [], duplicated: [], misplaced: [], unexpected: [], wrong: [] };
  const { marker, spans: expected, anyState = false } = expectation;
  const own = ownTraces(expectation, holdings, verdict);
  const mine = holdings.spans.filter(({ traceId }) => own.has(traceId));
  for (const span of holdings.spans) {
    if (!own.has(span.traceId) && span.label.includes(marker)) {
      verdict.misplaced.push(`${span.label} is in trace ${span.traceId}`);
    }
  }
  const known = new Map<string, StoredSpan>();
  for (const span of mine) {
    if (known.has(span.id)) verdict.duplicated.push(span.label);
    known.set(span.id, span);
  }
  const key = (path: string, state: string): string => (anyState ? path : `${path} [${state}]`);
  const owed = count(expected.map(({ path, state }) => key(path, state)));
  for (const span of known.values()) {
    const path = pathOf(span, known);
    const name = key(path, span.state);
    if (path.startsWith('?')) verdict.misplaced.push(name);
    else if ((owed.get(name) ?? 0) > 0) owed.set(name, (owed.get(name) ?? 0) - 1);
    else verdict.unexpected.push(name);
  }
  for (const [name, times] of owed) verdict.lost.push(...Array.from({ length: times }, () => name));
  return verdict;
}

/** Checks the traces themselves on the way. */
function ownTraces(expectation: Expectation, { traces }: Holdings, verdict: Verdict): Set<string> {
  const { marker, traceId, spans, status } = expectation;
  const mine = traces.filter(({ groupId }) => groupId === marker);
  const ids = new Set(mine.map(({ id }) => id));
  const many = expectation.traces ?? (spans.length > 0 ? 1 : 0);
  if (many !== 'any' && ids.size !== many)
    verdict.wrong.push(`${ids.size} traces instead of ${many}`);
  if (traceId && ids.size > 0 && !ids.has(traceId)) verdict.wrong.push(`no trace ${traceId}`);
  for (const trace of mine) {
    if (status && trace.status && trace.status !== status) {
      verdict.wrong.push(`status ${trace.status} instead of ${status}`);
    }
  }
  return traceId ? ids.add(traceId) : ids;
}

/** Begins with `?` where an ancestor is not in the same trace. */
function pathOf(span: StoredSpan, known: ReadonlyMap<string, StoredSpan>): string {
  const labels = [span.label];
  let at = span;
  while (at.parentId !== null) {
    const parent = known.get(at.parentId);
    if (!parent || parent.traceId !== span.traceId || labels.length > known.size) {
      return `? > ${labels.join(' > ')}`;
    }
    labels.unshift(parent.label);
    at = parent;
  }
  return labels.join(' > ');
}

function count(names: string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
