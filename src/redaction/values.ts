/** Reads the value behind `key =`, `key:` and their like. */
import { DOT, SPACE, isAt, runEnd } from './chars.ts';

/** Where a value stands, without its quotes. */
export interface Value {
  start: number;
  end: number;
  quoted: boolean;
}

/** Longer values are cut: what is longer is no password. */
const MAX_VALUE = 8_192;
const MAX_BARE = 8_192;

const BACKSLASH = 92;
const NEWLINE = 10;

const BARE = /[^\s"'`<>,;&\\)\]}|]+/y;

/** Blanks, and the rest of `:=`, `=>` and `->`, between a separator and its value. */
const BETWEEN = /[=>:]{0,2}[ \t]{0,8}(?:[bru](?=\\*["']))?/y;

/** The value that begins at or soon after a place; undefined where there is none. */
export function readValue(text: string, from: number): Value | undefined {
  BETWEEN.lastIndex = from;
  BETWEEN.test(text);
  const at = Math.max(from, BETWEEN.lastIndex);
  return readQuoted(text, at) ?? readBare(text, at);
}

/** A value in quotes, which may be escaped, as in JSON that stands in a text. */
export function readQuoted(text: string, at: number): Value | undefined {
  let slashes = 0;
  while (text.charCodeAt(at + slashes) === BACKSLASH && slashes < 16) slashes += 1;
  const quote = text.charCodeAt(at + slashes);
  if (quote !== 34 && quote !== 39 && quote !== 96) return undefined;
  const start = at + slashes + 1;
  const end = closing(text, start, quote, slashes);
  return end === undefined ? undefined : { start, end, quoted: true };
}

function closing(text: string, start: number, quote: number, slashes: number): number | undefined {
  const limit = Math.min(text.length, start + MAX_VALUE);
  let run = 0;
  for (let at = start; at < limit; at += 1) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) run += 1;
    else {
      // With fewer backslashes than the opening quote, an outer text ends here.
      if (code === quote && run <= slashes) return at - run;
      if (code === NEWLINE) return undefined;
      run = 0;
    }
  }
  return undefined;
}

function readBare(text: string, at: number): Value | undefined {
  const start = at;
  BARE.lastIndex = start;
  if (!BARE.test(text)) return undefined;
  return { start, end: Math.min(BARE.lastIndex, start + MAX_BARE), quoted: false };
}

/** Where the line, or the quoted text around it, ends. */
export function lineEnd(text: string, from: number): number {
  const limit = Math.min(text.length, from + MAX_VALUE);
  let at = from;
  while (at < limit) {
    const code = text.charCodeAt(at);
    if (code === NEWLINE || code === 13 || code === BACKSLASH || code === 34 || code === 39) break;
    at += 1;
  }
  while (at > from && isAt(text, at - 1, SPACE)) at -= 1;
  return at;
}

/** The first place behind blanks, at most `max` of them. */
export function skipBlanks(text: string, from: number, max: number): number {
  return runEnd(text, from, SPACE, max);
}

/** Where a value ends without the full stops of the sentence around it. */
export function withoutStops(text: string, start: number, end: number): number {
  let at = end;
  while (at > start && isAt(text, at - 1, DOT)) at -= 1;
  return at;
}
