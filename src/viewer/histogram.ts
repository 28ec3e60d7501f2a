import type { HourlyTotals } from '../model/store.ts';

const HOUR_MS = 3_600_000;

/** As many bars as can be told apart and clicked on. */
const MAX_BARS = 48;

/** Hours that a bar may stand for. */
const STEPS = [1, 2, 3, 6, 12, 24, 48, 168, 720];

/** One bar of the strip over a list. */
export interface Bar {
  /** Milliseconds since the epoch. */
  from: number;
  to: number;
  traces: number;
  failed: number;
  p50: number;
  p95: number;
}

export interface Histogram {
  bars: Bar[];
  traces: number;
  failed: number;
  p50: number;
  p95: number;
  /** Whether sampling left traces behind, so that all is estimated. */
  estimated: boolean;
}

/**
 * Adds hours up into bars of equal length from `from` to `to`.
 *
 * @param least how many hours an entry stands for, and so a bar at least
 */
export function histogramOf(
  hours: readonly HourlyTotals[],
  from: number,
  to: number,
  least = 1,
): Histogram {
  const wanted = Math.max(least, (to - from) / HOUR_MS / MAX_BARS);
  const step = (STEPS.find((hoursOf) => hoursOf >= wanted) ?? Math.ceil(wanted)) * HOUR_MS;
  const first = Math.floor(from / step) * step;
  const length = Math.max(1, Math.ceil((to - first) / step));
  const groups: HourlyTotals[][] = Array.from({ length }, () => []);
  for (const hour of hours) groups[Math.floor((hour.hour - first) / step)]?.push(hour);
  const bars = groups.map((group, index): Bar => ({
    from: first + index * step,
    to: first + (index + 1) * step,
    ...summed(group),
  }));
  const estimated = hours.some(({ traces, tracesEstimated }) => traces !== tracesEstimated);
  return { bars, ...summed(groups.flat()), estimated };
}

function summed(hours: readonly HourlyTotals[]): Pick<Bar, 'traces' | 'failed' | 'p50' | 'p95'> {
  const durations = hours.flatMap((hour) => hour.durations);
  return {
    traces: sum(hours.map(({ tracesEstimated }) => tracesEstimated)),
    failed: sum(hours.map(({ statuses }) => statuses.error ?? 0)),
    p50: percentile(durations, 0.5),
    p95: percentile(durations, 0.95),
  };
}

/** @param durations pairs of milliseconds and how many took them, in any order */
function percentile(durations: readonly (readonly [number, number])[], share: number): number {
  const sorted = durations.toSorted(([a], [b]) => a - b);
  let left = share * sum(sorted.map(([, traces]) => traces));
  for (const [ms, traces] of sorted) {
    left -= traces;
    if (left <= 0) return ms;
  }
  return sorted.at(-1)?.[0] ?? 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
