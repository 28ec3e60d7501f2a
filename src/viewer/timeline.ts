import type { SpanRecord } from '../model/records.ts';
import type { SpanNode } from '../model/tree.ts';
import { walk } from '../model/tree.ts';

/** Width of the time axis, in units of the drawing. */
export const UNITS = 1_000;

/** A gap is folded where it is both long and much of the whole. */
const MIN_FOLD_MS = 5_000;
const MIN_FOLD_SHARE = 0.2;

/** What a folded gap keeps of the axis. */
const FOLD_UNITS = 24;

/** A time in which no work went on, such as waiting for an approval. */
interface Fold {
  /** Milliseconds since the epoch. */
  from: number;
  to: number;
  /** Where on the axis. */
  x: number;
  width: number;
}

export interface Timeline {
  /** Milliseconds since the epoch. */
  start: number;
  end: number;
  folds: readonly Fold[];
  /** Where a time is on the axis, from 0 to `UNITS`. */
  at(ms: number): number;
}

interface Interval {
  from: number;
  to: number;
}

/** Start and end of a span; one that is open goes on to the end, and a time that is none is the start. */
export function intervalOf(
  { started_at, ended_at }: SpanRecord,
  start: number,
  end: number,
): Interval {
  const began = Date.parse(started_at ?? '');
  const from = Number.isNaN(began) ? start : began;
  const ended = ended_at === null ? end : Date.parse(ended_at);
  return { from, to: Math.max(from, Number.isNaN(ended) ? from : ended) };
}

/** @param roots what is drawn: the axis goes from the first start to the last end of it */
export function timelineOf(roots: readonly SpanNode[], fallback: Interval): Timeline {
  const spans = [...walk(roots)];
  const all = spans.map(({ span }) => intervalOf(span, Number.NaN, Number.NaN)).filter(isKnown);
  const start = minOf(all, fallback.from);
  const end = Math.max(start, maxOf(all, fallback.to));
  const work = spans
    .filter(({ children }) => children.length === 0)
    .map(({ span }) => intervalOf(span, start, end));
  return axis(start, end, gapsOf(work, start, end));
}

function isKnown({ from, to }: Interval): boolean {
  return Number.isFinite(from) && Number.isFinite(to);
}

function minOf(intervals: readonly Interval[], otherwise: number): number {
  return intervals.length === 0
    ? otherwise
    : intervals.reduce((least, { from }) => Math.min(least, from), Number.POSITIVE_INFINITY);
}

function maxOf(intervals: readonly Interval[], otherwise: number): number {
  return intervals.length === 0
    ? otherwise
    : intervals.reduce((most, { to }) => Math.max(most, to), Number.NEGATIVE_INFINITY);
}

/** Times between the first and the last work in which nothing went on, where they are long. */
function gapsOf(work: readonly Interval[], start: number, end: number): Interval[] {
  const least = Math.max(MIN_FOLD_MS, (end - start) * MIN_FOLD_SHARE);
  const gaps: Interval[] = [];
  let reached = Number.POSITIVE_INFINITY;
  for (const { from, to } of work.toSorted((a, b) => a.from - b.from)) {
    if (from - reached >= least) gaps.push({ from: reached, to: from });
    reached = reached === Number.POSITIVE_INFINITY ? to : Math.max(reached, to);
  }
  return gaps;
}

function axis(start: number, end: number, gaps: readonly Interval[]): Timeline {
  const folded = gaps.reduce((sum, { from, to }) => sum + to - from, 0);
  const shown = Math.max(1, end - start - folded);
  const scale = (UNITS - gaps.length * FOLD_UNITS) / shown;
  const folds: Fold[] = [];
  let before = 0;
  for (const [index, { from, to }] of gaps.entries()) {
    const x = (from - start - before) * scale + index * FOLD_UNITS;
    folds.push({ from, to, x, width: FOLD_UNITS });
    before += to - from;
  }
  const at = (ms: number): number => {
    const time = Math.min(Math.max(ms, start), end);
    let [hidden, passed] = [0, 0];
    for (const fold of folds) {
      if (time <= fold.from) break;
      if (time < fold.to) return fold.x + (FOLD_UNITS * (time - fold.from)) / (fold.to - fold.from);
      hidden += fold.to - fold.from;
      passed += 1;
    }
    return (time - start - hidden) * scale + passed * FOLD_UNITS;
  };
  return { start, end, folds, at };
}
