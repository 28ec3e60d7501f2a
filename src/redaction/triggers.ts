/**
 * What makes the scanner stop, as an automaton: a sign behind a certain character,
 * or the first three characters of a prefix at the beginning of a word. Two
 * look-ups a character, so that a clean text costs a loop.
 */
import { ALNUM, DIGIT, HEX, LOWER, QUOTE, SPACE, UPPER, isIn } from './chars.ts';

export const NONE = 0;
export const AT_SIGN = 1;
export const PERCENT = 2;
export const NUMBER = 3;
export const ACCOUNT = 4;
export const SEPARATOR = 5;
export const ELEMENT = 6;
export const COMMA = 7;
export const OPTION = 8;
export const HYPHENS = 9;
export const DOTTED = 10;
export const TILDE_MARK = 11;
export const AZURE_MARK = 12;
export const BRACKET = 13;
/** The third character of a prefix, and the second of a prefix of two, beside what the character is itself. */
export const THIRD = 32;
export const SECOND = 64;

/** Of each state and character, at `state << 7 | code`: the next state, and what to do. */
export interface Automaton {
  readonly next: Uint16Array;
  readonly kind: Uint8Array;
  /** The state behind a character wherever it stands. */
  readonly behind: Uint8Array;
}

const CODES = 128;

/** Builds the automaton for the prefixes of words and the two letters before an account's digits. */
export function automaton(prefixes: readonly string[], countries: readonly string[]): Automaton {
  const { kinds, behind, rows } = classes();
  const heads = headsOf(prefixes, countries);
  const size = rows.length + heads.size;
  const next = new Uint16Array(size * CODES);
  const kind = new Uint8Array(size * CODES);
  const states = new Map([...heads].map((head, place) => [head, rows.length + place]));
  rows.forEach((last, state) => {
    for (let code = 0; code < CODES; code += 1) {
      const begun = beginsWord(last, code) ? states.get(String.fromCharCode(code)) : undefined;
      next[state * CODES + code] = begun ?? behind[code] ?? 0;
      kind[state * CODES + code] = kinds[last * CODES + code] ?? 0;
    }
  });
  // Behind the beginning of a prefix, what is no prefix goes on as behind its last character.
  for (const [head, state] of states) {
    const like = behind[head.charCodeAt(head.length - 1)] ?? 0;
    next.copyWithin(state * CODES, like * CODES, (like + 1) * CODES);
    kind.copyWithin(state * CODES, like * CODES, (like + 1) * CODES);
  }
  for (const [head, state] of states) {
    const from = states.get(head.slice(0, -1));
    if (from !== undefined) next[from * CODES + head.charCodeAt(head.length - 1)] = state;
  }
  for (const whole of new Set(prefixes.map((prefix) => prefix.slice(0, 3)))) {
    const place = (states.get(whole.slice(0, -1)) ?? 0) * CODES + whole.charCodeAt(whole.length - 1);
    kind[place] = (kind[place] ?? 0) | (whole.length === 3 ? THIRD : SECOND);
  }
  for (const country of countries) {
    const state = states.get(country) ?? 0;
    for (let code = 48; code < 58; code += 1) kind[state * CODES + code] = (kind[state * CODES + code] ?? 0) | ACCOUNT;
  }
  return { next, kind, behind };
}

/** The first one and two characters of all that is looked for. */
function headsOf(prefixes: readonly string[], countries: readonly string[]): ReadonlySet<string> {
  const heads = new Set<string>();
  for (const whole of [...prefixes.map((prefix) => prefix.slice(0, 3)), ...countries.map((country) => `${country}0`)])
    for (let length = 1; length < whole.length; length += 1) heads.add(whole.slice(0, length));
  return heads;
}

/** The characters that nothing tells apart behind them share a state. */
function classes(): { kinds: Uint8Array; behind: Uint8Array; rows: number[] } {
  const kinds = new Uint8Array(CODES * CODES);
  const behind = new Uint8Array(CODES);
  const rows: number[] = [];
  const known = new Map<string, number>();
  for (let last = 0; last < CODES; last += 1) {
    let row = '';
    for (let code = 0; code < CODES; code += 1) {
      const kind = triggerOf(last, code);
      kinds[last * CODES + code] = kind;
      row += String.fromCharCode(kind | (beginsWord(last, code) ? 64 : 0));
    }
    if (!known.has(row)) known.set(row, rows.push(last) - 1);
    behind[last] = known.get(row) ?? 0;
  }
  return { kinds, behind, rows };
}

function triggerOf(previous: number, current: number): number {
  switch (current) {
    case 64: // @
      return AT_SIGN;
    case 37: // %
      return PERCENT;
    case 58: // :
    case 61: // =
      return SEPARATOR;
    case 62: // >
      return isIn(previous, ALNUM) ? ELEMENT : NONE;
    case 44: // ,
      return isIn(previous, QUOTE) ? COMMA : NONE;
    case 46: // .
      return isIn(previous, ALNUM) ? DOTTED : NONE;
    case 126: // ~
      return previous === 81 ? TILDE_MARK : NONE;
    case 91: // [
      return BRACKET;
    case 45: // -
      if (isIn(previous, HEX)) return HYPHENS;
      return isIn(previous, SPACE | QUOTE) || previous === 0 ? OPTION : NONE;
    case 81: // Q
      return previous === 74 ? AZURE_MARK : NONE;
    default:
      return isIn(current, DIGIT) && !isIn(previous, ALNUM) && previous !== 95 ? NUMBER : NONE;
  }
}

/** Behind a sign or a digit, or a capital behind a small letter: tokens stand where a text was put together without blanks. */
function beginsWord(previous: number, current: number): boolean {
  if (!isIn(previous, ALNUM)) return true;
  if (isIn(previous, DIGIT)) return !isIn(current, DIGIT);
  return isIn(previous, LOWER) && isIn(current, UPPER);
}
