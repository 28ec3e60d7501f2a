import type { Chunk } from '../model/envelope.ts';

/** What a chunk says of the spans that are not in it, as a store can add it up. */
export interface ChunkAccount {
  captured: number | null;
  dropped: Record<string, number> | null;
  sample_weight: number | null;
  lost: number | null;
}

/** Far above any true count, and low enough that sums of it stay exact integers in SQLite. */
const MAX_SPANS = 1_000_000_000_000;

const MAX_WEIGHT = 1_000_000;

/** Weights are multiples of this, so that sums of them are exact and depend on no order. */
const WEIGHT_STEP = 1 / 1024;

/** Reasons become keys and rows: so many and of such a form, whatever a producer sends. */
const MAX_REASONS = 16;
const REASON = /^[a-z][a-z0-9_]{0,39}$/;
const OTHER = 'other';

/** Null is what the producer did not say: one of before these fields, or that lost nothing. */
export function accountOf({ trace, lost }: Chunk): ChunkAccount {
  return {
    captured: trace.captured === undefined ? null : spans(trace.captured),
    dropped: trace.dropped === undefined ? null : reasons(trace.dropped),
    sample_weight: trace.sample_weight === undefined ? null : weight(trace.sample_weight),
    lost: lost === undefined ? null : spans(lost),
  };
}

function reasons(dropped: Record<string, number>): Record<string, number> | null {
  const kept = new Map<string, number>();
  for (const [name, value] of Object.entries(dropped)) {
    const count = spans(value);
    if (count === 0) continue;
    const isUsable = REASON.test(name) && (kept.has(name) || kept.size < MAX_REASONS);
    const reason = isUsable ? name : OTHER;
    kept.set(reason, Math.min((kept.get(reason) ?? 0) + count, MAX_SPANS));
  }
  if (kept.size === 0) return null;
  return Object.fromEntries([...kept].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function spans(value: unknown): number {
  return typeof value === 'number' && value > 0 ? Math.trunc(Math.min(value, MAX_SPANS)) : 0;
}

function weight(value: unknown): number {
  if (typeof value !== 'number' || !(value > 1)) return 1;
  return Math.round(Math.min(value, MAX_WEIGHT) / WEIGHT_STEP) * WEIGHT_STEP;
}
