/** Trace ids as keys: those that Sluice makes begin with their time, so a range of time is a range of keys. */

const PREFIX = 'trace_';
const HEX_DIGITS = 12;

/** Ids carry the start of their trace to this; the migration calls all others foreign. */
export const KEY_TOLERANCE_MS = 60_000;

/** 2100-01-01. Keys of traces that a list walks are below it; nearly all random ids are above. */
export const MAX_KEY_MS = 4_102_444_800_000;

/** The lowest key of a millisecond. */
export function keyAt(ms: number): string {
  const bounded = Math.min(Math.max(Math.trunc(ms), 0), MAX_KEY_MS + KEY_TOLERANCE_MS);
  return PREFIX + bounded.toString(16).padStart(HEX_DIGITS, '0');
}

/**
 * The last millisecond whose lowest key is not above this one, so that times are in the order of
 * their keys: what stands among keys need not have a time in it (`trace_01a1zz…`).
 */
export function timeOf(key: string): number {
  const digits = key.slice(PREFIX.length, PREFIX.length + HEX_DIGITS);
  const hex = /^[\da-f]*/.exec(digits)?.[0] ?? '';
  const start = Number.parseInt(hex.padEnd(HEX_DIGITS, '0'), 16);
  if (hex.length === HEX_DIGITS) return start;
  const other = digits.charAt(hex.length);
  // How many digits are less than what stands in the place of one; an end is less than all.
  const below = '0123456789abcdef'.split('').filter((digit) => digit < other).length;
  return Math.max(start + below * 16 ** (HEX_DIGITS - hex.length - 1) - 1, 0);
}
