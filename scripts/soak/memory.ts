/** The memory of a local workerd over time, as the system sees it. */
import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';

const SAMPLE_MS = 1_000;

export interface Sampling {
  /** Megabytes, one sample a second. */
  samples: number[];
  stop(): void;
}

export function sampleMemory(): Sampling {
  const samples: number[] = [];
  const timer = setInterval(() => samples.push(residentMegabytes()), SAMPLE_MS);
  return { samples, stop: () => clearInterval(timer) };
}

/** All workerd processes that this one has started. */
function residentMegabytes(): number {
  let kilobytes = 0;
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const status = statusOf(entry);
    if (!/^Name:\s+workerd$/m.test(status) || field(status, 'PPid') !== process.pid) continue;
    kilobytes += field(status, 'VmRSS');
  }
  return kilobytes / 1_000;
}

/** Empty where the process has ended meanwhile. */
function statusOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}

function field(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
}

export interface Growth {
  secondQuarter: number;
  lastQuarter: number;
  /** Last by second, less one. */
  share: number;
}

/** By medians: V8 collects when it likes. The first quarter warms up. */
export function growthOf(samples: readonly number[]): Growth {
  const quarter = Math.floor(samples.length / 4);
  const secondQuarter = median(samples.slice(quarter, quarter * 2));
  const lastQuarter = median(samples.slice(quarter * 3));
  return { secondQuarter, lastQuarter, share: lastQuarter / secondQuarter - 1 };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
