/**
 * What makes the scanner stop: a pair of characters that some detector begins
 * with. One look-up a character decides, so that a clean text costs a loop.
 */
import { ALNUM, DIGIT, HEX, LETTER, LOWER, QUOTE, SPACE, UPPER, isIn } from './chars.ts';

export const NONE = 0;
export const WORD = 1;
export const AT_SIGN = 2;
export const PERCENT = 3;
export const NUMBER = 4;
export const ACCOUNT = 5;
export const SEPARATOR = 6;
export const ELEMENT = 7;
export const COMMA = 8;
export const OPTION = 9;
export const HYPHENS = 10;
export const DOTTED = 11;
export const TILDE_MARK = 12;
export const AZURE_MARK = 13;
export const BRACKET = 14;

/** The trigger of two ASCII characters, at `previous << 7 | current`. */
export function triggerTable(firstLetters: ReadonlySet<number>): Uint8Array {
  const table = new Uint8Array(128 * 128);
  for (let previous = 0; previous < 128; previous += 1)
    for (let current = 0; current < 128; current += 1)
      table[(previous << 7) | current] = triggerOf(previous, current, firstLetters);
  return table;
}

function triggerOf(previous: number, current: number, firstLetters: ReadonlySet<number>): number {
  const sign = String.fromCharCode(current);
  const bySign = triggerOfSign(previous, sign);
  if (bySign !== NONE) return bySign;
  if (isIn(current, DIGIT)) {
    if (isIn(previous, LETTER)) return ACCOUNT;
    return isIn(previous, DIGIT) || previous === 95 ? NONE : NUMBER;
  }
  if (previous === 74 && sign === 'Q') return AZURE_MARK;
  return firstLetters.has(current) && beginsWord(previous, current) ? WORD : NONE;
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

/** Behind a sign, a digit or a small letter, as tokens stand where a text was put together without blanks. */
function beginsWord(previous: number, current: number): boolean {
  if (!isIn(previous, ALNUM)) return true;
  if (isIn(previous, DIGIT)) return true;
  return isIn(previous, LOWER) && isIn(current, UPPER);
}
