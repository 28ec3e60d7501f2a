/** Reads digits in groups, as cards, telephones and addresses are written. */
import { ALNUM, DIGIT, HYPHEN, UNDERSCORE, isAt, isIn, runEnd } from './chars.ts';

/** Digits in groups, with blanks, dots, hyphens and brackets between them. */
export interface Digits {
  readonly text: string;
  readonly start: number;
  /** Ends of the groups. */
  readonly ends: readonly number[];
  /** Lengths of the groups. */
  readonly sizes: readonly number[];
  /** All digits of all groups. */
  readonly count: number;
}

/** A 19-digit card in pairs takes 28 characters, a telephone number less. */
const MAX_RUN = 34;

/** The groups from a place on; none where the first is the beginning of a word. */
export function readDigits(text: string, from: number): Digits {
  const ends: number[] = [];
  const sizes: number[] = [];
  const limit = from + MAX_RUN;
  let at = from;
  let count = 0;
  while (at < limit) {
    const end = runEnd(text, at, DIGIT, MAX_RUN);
    if (end === at) break;
    // `48c5`: the group is the beginning of a word, so it is no number.
    if (isAt(text, end, ALNUM | UNDERSCORE) && !isExtension(text, end)) break;
    ends.push(end);
    sizes.push(end - at);
    count += end - at;
    at = separatorEnd(text, end);
  }
  return { text, start: from, ends, sizes, count };
}

function isExtension(text: string, at: number): boolean {
  return text.charCodeAt(at) === 120 && isAt(text, at + 1, DIGIT);
}

/** One separator, or a bracket with a blank or a separator beside it. */
function separatorEnd(text: string, at: number): number {
  let end = at;
  while (end < at + 3 && isSeparator(text.charCodeAt(end))) end += 1;
  if (end - at < 2 || /[()]/.test(text.slice(at, end))) return end;
  return at + (isIn(text.charCodeAt(at + 1), HYPHEN) ? 3 : 2);
}


function isSeparator(code: number): boolean {
  return code === 32 || code === 45 || code === 46 || code === 40 || code === 41 || code === 160;
}
