/** Trace ids as keys: those that Sluice makes begin with their time, so a range of time is a range of keys. */

const PREFIX = 'trace_';
const HEX_DIGITS = 12;

/** Ids carry the start of their trace to this; the migration calls all others foreign. */
export const KEY_TOLERANCE_MS = 60_000;

/** 2100-01-01. Keys of traces that a list walks are below it; nearly all random ids are above. */
export const MAX_KEY_MS = 4_102_444_800_000;

/** The lowest key of a millisecond. */
export function keyAt(ms: number): string {
  const bounded = Math.min(Math.max(Math.trunc(ms), 0), MAX_KEY_MS);
  return PREFIX + bounded.toString(16).padStart(HEX_DIGITS, '0');
}

/** The millisecond that a key begins with. */
export function timeOf(key: string): number {
  return Number.parseInt(key.slice(PREFIX.length, PREFIX.length + HEX_DIGITS), 16) || 0;
}
