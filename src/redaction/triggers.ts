/**
 * What makes the scanner stop, as an automaton: a sign behind a certain character,
 * or the first three characters of a prefix at the beginning of a word. One look-up
 * a character, so that a clean text costs a loop.
 */
import { ALNUM, DIGIT, HEX, LOWER, UPPER, isIn } from './chars.ts';

/** What of a step is what to do; the rest is the next state, moved likewise. */
export const KIND = 127;
/** Kinds below this are signs; above it is the third character of a prefix. */
export const THIRD = 32;
/** A digit behind the two letters of a country. */
export const ACCOUNT = 64;

/** A sign, what stands before it, and its kind is its place in the list, from 1. */
export type Sign = readonly [signs: string, before: RegExp, ...unknown[]];

export interface Automaton {
  /** Of each state and character, at `state << 7 | code`: what to do, and the next state, likewise moved. */
  readonly steps: Uint16Array | Uint32Array;
  /** The state behind a character wherever it stands. */
  readonly behind: Uint8Array;
}

const CODES = 128;

/**
 * Behind these a word begins as behind a blank: texts are escaped that are not JSON as a
 * whole, such as a log line or JSON that was cut. `h` is a hex digit.
 */
const ESCAPES: readonly string[] = ['\\n', '\\r', '\\t', '\\b', '\\f', '\\uhhhh', '%hh'];
/** States between the characters of an escape. */
const ESCAPED = 5;
/** More do not fit beside a kind into 16 bits. */
const MAX_STATES = 512;
const H = 104;

/** Behind a sign or a digit, or a capital behind a small letter: tokens stand where a text was put together without blanks. */
function begins(before: number, code: number): boolean {
  if (!isIn(before, ALNUM)) return true;
  return isIn(before, DIGIT) ? !isIn(code, DIGIT) : isIn(before, LOWER) && isIn(code, UPPER);
}

/** Of each character behind another, the kind of its sign, and a bit where a word begins. */
function pairsOf(signs: readonly Sign[]): Uint8Array {
  const pairs = new Uint8Array(CODES * CODES);
  for (let before = 0; before < CODES; before += 1) {
    for (let code = 0; code < CODES; code += 1)
      pairs[(before << 7) | code] = begins(before, code) ? THIRD : 0;
    signs.forEach(([members, behind], sign) => {
      if (!behind.test(String.fromCharCode(before))) return;
      for (const member of members) {
        const pair = (before << 7) | member.charCodeAt(0);
        const known = pairs[pair] ?? 0;
        if (known % THIRD === 0) pairs[pair] = known + sign + 1;
      }
    });
  }
  return pairs;
}

/** The steps in the making. */
class Tables implements Automaton {
  readonly steps: Uint16Array | Uint32Array;
  readonly behind: Uint8Array;
  /** The states of the beginnings of prefixes. */
  readonly heads: ReadonlyMap<string, number>;
  /** The first state that is nothing yet. */
  free: number;

  constructor(pairs: Uint8Array, words: readonly string[]) {
    const classes = new Map<string, number>();
    this.behind = Uint8Array.from({ length: CODES }, (_, code) => {
      const own = '\\%'.indexOf(String.fromCharCode(code));
      const row = `${own}${pairs.subarray(code << 7, (code + 1) << 7).join()}`;
      if (!classes.has(row)) classes.set(row, classes.size);
      return classes.get(row) ?? 0;
    });
    const heads = new Map<string, number>();
    for (const word of words)
      for (const head of [word.slice(0, 1), word.slice(0, 2)])
        if (!heads.has(head)) heads.set(head, classes.size + heads.size);
    this.heads = heads;
    this.free = classes.size + heads.size;
    const states = this.free + ESCAPED;
    // What is small stays in the processor's caches.
    this.steps = new (states > MAX_STATES ? Uint32Array : Uint16Array)(states << 7);
  }

  go(state: number, code: number, to: number): void {
    const step = (state << 7) | code;
    this.steps[step] = ((this.steps[step] ?? 0) & KIND) | (to << 7);
  }

  mark(state: number, code: number, kind: number): void {
    const step = (state << 7) | code;
    this.steps[step] = (this.steps[step] ?? 0) | kind;
  }

  /** What goes on with no prefix goes on as behind its last character. */
  copy(state: number, code: number): void {
    const like = this.behind[code] ?? 0;
    this.steps.copyWithin(state << 7, like << 7, (like + 1) << 7);
  }
}

/**
 * Builds the automaton. Its first states are those behind a character, the same one for
 * characters that nothing tells apart, so that few are used; then come the beginnings of prefixes.
 */
export function automaton(
  signs: readonly Sign[],
  prefixes: readonly string[],
  countries: readonly string[],
): Automaton {
  const pairs = pairsOf(signs);
  const tables = new Tables(pairs, [...prefixes, ...countries]);
  const { behind, heads } = tables;
  pairs.forEach((pair, place) => {
    const [state, code] = [behind[place >> 7] ?? 0, place & 127];
    tables.mark(state, code, pair % THIRD);
    const begun = pair >= THIRD && heads.get(String.fromCharCode(code));
    tables.go(state, code, begun || (behind[code] ?? 0));
  });
  for (const [head, state] of heads) tables.copy(state, head.charCodeAt(head.length - 1));
  for (const [head, state] of heads)
    if (head.length > 1) tables.go(heads.get(head.charAt(0)) ?? 0, head.charCodeAt(1), state);
  for (const prefix of prefixes)
    tables.mark(heads.get(prefix.slice(0, 2)) ?? 0, prefix.charCodeAt(2), THIRD);
  for (const country of countries)
    for (let digit = 48; digit < 58; digit += 1)
      tables.mark(heads.get(country) ?? 0, digit, ACCOUNT);
  for (const escape of ESCAPES) addEscape(tables, escape);
  return tables;
}

function addEscape(tables: Tables, escape: string): void {
  const { behind } = tables;
  let state = behind[escape.charCodeAt(0)] ?? 0;
  for (let at = 1; at < escape.length; at += 1) {
    const code = escape.charCodeAt(at);
    const isLast = at === escape.length - 1;
    const to = isLast ? (behind[32] ?? 0) : tables.free;
    if (!isLast) tables.copy(to, code);
    for (let next = 0; next < CODES; next += 1)
      if (next === code || (code === H && isIn(next, HEX))) tables.go(state, next, to);
    if (!isLast) tables.free += 1;
    state = to;
  }
}

const TABLE = 4_096;

/** The place of three characters in a table of words. */
export function hash(first: number, second: number, third: number): number {
  return (first * 961 + second * 31 + third) & (TABLE - 1);
}

/** Words by their first three characters. */
export interface Words<T> {
  /** Of each hash: where its words are, or 0. */
  readonly places: Uint16Array;
  /** Of each place: the fourth characters that its words have, as bits. */
  readonly fourths: Int32Array;
  readonly lists: readonly (readonly T[])[];
}

export function wordsOf<T extends readonly [prefix: string, ...unknown[]]>(
  words: readonly T[],
): Words<T> {
  const places = new Uint16Array(TABLE);
  const fourths = new Int32Array(TABLE);
  const lists: T[][] = [[]];
  for (const entry of words) {
    const [prefix] = entry;
    const at = hash(prefix.charCodeAt(0), prefix.charCodeAt(1), prefix.charCodeAt(2));
    const place = places[at] || lists.push([]) - 1;
    places[at] = place;
    lists[place]?.push(entry);
    const bits = prefix.length > 3 ? 1 << (prefix.charCodeAt(3) & 31) : -1;
    fourths[place] = (fourths[place] ?? 0) | bits;
  }
  return { places, fourths, lists };
}
