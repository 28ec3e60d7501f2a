/** What the scanner and the detectors share. */
import type { KeyKind } from './keys.ts';

/** A part of a text that a detector takes for sensitive: `text.slice(start, end)`. */
export interface Finding {
  start: number;
  end: number;
  /** The detector's name. */
  name: string;
}

/** One text under examination. */
export interface Scan {
  readonly text: string;
  /** The key that holds the text, where a value is judged; else empty. */
  readonly context: string;
  /** Where a run ends that is known to hold no token of several parts: what begins within it need not read it again. */
  barren: number;
  /** The key that was judged last, and what it says: a text has the same one over and over. */
  key: string;
  kind: KeyKind;
  /** Where the rows of a table end that were read. */
  rows: number;
  /** Notes a finding and returns its end, where the scan goes on. */
  found(start: number, end: number, name: string): number;
}

/**
 * Looks around one trigger. Reads a bounded part of the text, so that a scan stays linear.
 *
 * @returns where the scan goes on: behind what was found, or `at` when nothing was.
 */
export type Handler = (scan: Scan, at: number) => number;

/** Notes what a sticky expression matches from a place on. */
export function match(
  scan: Scan,
  at: number,
  start: number,
  expression: RegExp,
  name: string,
): number {
  expression.lastIndex = start;
  return start >= 0 && expression.test(scan.text)
    ? scan.found(start, expression.lastIndex, name)
    : at;
}

/** Up to so many characters before a place, for the words that give a number or an option its meaning. */
export function before(text: string, at: number, characters: number): string {
  return text.slice(Math.max(0, at - characters), at);
}

/** Whether the key that holds a text, or the text before a place, speaks of something. */
export function speaks(
  { text, context }: Scan,
  at: number,
  characters: number,
  words: RegExp,
): boolean {
  return (
    words.test(before(text, at, characters)) ||
    (context !== '' && words.test(context.replace(/([a-z])([A-Z])/g, '$1 $2')))
  );
}
