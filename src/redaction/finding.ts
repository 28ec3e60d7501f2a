/** What the scanner and the detectors share. */

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
  found(start: number, end: number, name: string): void;
}

/**
 * Looks around one trigger. Reads a bounded part of the text, so that a scan stays linear.
 *
 * @returns where the scan goes on: behind what was found, or `at` when nothing was.
 */
export type Handler = (scan: Scan, at: number) => number;
