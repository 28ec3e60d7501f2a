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
  readonly next: Uint8Array;
  readonly kind: Uint8Array;
  /** The state behind a character wherever it stands. */
  readonly behind: Uint8Array;
}

const CODES = 128;

/** A state is the last character's class, and how much of a prefix it ends. */
interface State {
  readonly last: number;
  readonly prefix: string;
}

/** Builds the automaton for the prefixes of words and the two letters before an account's digits. */
export function automaton(prefixes: readonly string[], countries: readonly string[]): Automaton {
  const states: State[] = [];
  const behind = new Uint8Array(CODES);
  const byRow = new Map<string, number>();
  for (let code = 0; code < CODES; code += 1) {
    const row = rowOf(code).join();
    if (!byRow.has(row)) byRow.set(row, states.push({ last: code, prefix: '' }) - 1);
    behind[code] = byRow.get(row) ?? 0;
  }
  const heads = headsOf(prefixes, countries, states);
  const accounts = new Set(countries.map((country) => heads.get(country)));
  const wholes = new Set(prefixes.map((prefix) => prefix.slice(0, 3)));
  const next = new Uint8Array(states.length * CODES);
  const kind = new Uint8Array(states.length * CODES);
  states.forEach(({ last, prefix }, state) => {
    for (let code = 0; code < CODES; code += 1) {
      const place = (state << 7) | code;
      const head = prefix + String.fromCharCode(code);
      const begun = beginsWord(last, code) ? heads.get(String.fromCharCode(code)) : undefined;
      next[place] = (prefix === '' ? undefined : heads.get(head)) ?? begun ?? behind[code] ?? 0;
      const isWhole = prefix !== '' && wholes.has(head);
      const own = accounts.has(state) && isIn(code, DIGIT) ? ACCOUNT : triggerOf(last, code);
      kind[place] = own | (isWhole ? (head.length === 3 ? THIRD : SECOND) : 0);
    }
  });
  return { next, kind, behind };
}

/** The states behind the first one and two characters of prefixes. Countries that begin no prefix share theirs. */
function headsOf(prefixes: readonly string[], countries: readonly string[], states: State[]): Map<string, number> {
  const heads = new Map<string, number>();
  const add = (head: string): void => {
    if (heads.has(head)) return;
    heads.set(head, states.push({ last: head.charCodeAt(head.length - 1), prefix: head }) - 1);
  };
  for (const prefix of prefixes) {
    add(prefix.slice(0, 1));
    if (prefix.length > 2) add(prefix.slice(0, 2));
  }
  const shared = new Map<string, number>();
  for (const country of countries) {
    add(country.slice(0, 1));
    if (heads.has(country)) continue;
    const last = country.charCodeAt(1);
    const row = rowOf(last).join();
    const state = shared.get(row) ?? states.push({ last, prefix: '\0\0' }) - 1;
    shared.set(row, state);
    heads.set(country, state);
  }
  return heads;
}

/** What follows a character, which is all that tells two of them apart. */
function rowOf(last: number): number[] {
  return Array.from({ length: CODES }, (_, code) => triggerOf(last, code) | (beginsWord(last, code) ? 128 : 0));
}

function triggerOf(previous: number, current: number): number {
  const sign = String.fromCharCode(current);
  const bySign = triggerOfSign(previous, sign);
  if (bySign !== NONE) return bySign;
  if (!isIn(current, DIGIT)) return previous === 74 && sign === 'Q' ? AZURE_MARK : NONE;
  return isIn(previous, ALNUM) || previous === 95 ? NONE : NUMBER;
}

function triggerOfSign(previous: number, sign: string): number {
  switch (sign) {
    case '@':
      return AT_SIGN;
    case '%':
      return PERCENT;
    case ':':
    case '=':
      return SEPARATOR;
    case '>':
      return isIn(previous, ALNUM) ? ELEMENT : NONE;
    case ',':
      return isIn(previous, QUOTE) ? COMMA : NONE;
    case '.':
      return isIn(previous, ALNUM) ? DOTTED : NONE;
    case '~':
      return previous === 81 ? TILDE_MARK : NONE;
    case '[':
      return BRACKET;
    case '-':
      if (isIn(previous, HEX)) return HYPHENS;
      return isIn(previous, SPACE | QUOTE) || previous === 0 ? OPTION : NONE;
    default:
      return NONE;
  }
}

/** Behind a sign or a digit, or a capital behind a small letter: tokens stand where a text was put together without blanks. */
function beginsWord(previous: number, current: number): boolean {
  if (!isIn(previous, ALNUM)) return true;
  if (isIn(previous, DIGIT)) return !isIn(current, DIGIT);
  return isIn(previous, LOWER) && isIn(current, UPPER);
}
