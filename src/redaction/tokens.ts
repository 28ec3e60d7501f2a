/** Provider tokens: matches the rows of `providers.ts`. */
import {
  ALNUM,
  BASE64,
  DIGIT,
  DOT,
  EQUALS,
  HEX,
  HYPHEN,
  LOWER,
  TILDE,
  UNDERSCORE,
  UPPER,
  isAt,
  runEnd,
} from './chars.ts';
import { PROVIDERS } from './providers.ts';
import type { ProviderRow } from './providers.ts';

/** Longer than any published token, so that a run of a hostile text is cut somewhere. */
const MAX_BODY = 8_192;

const BODY_CLASSES: { readonly [letter: string]: number } = {
  a: ALNUM,
  h: HEX,
  d: DIGIT,
  U: UPPER,
  l: LOWER,
  _: UNDERSCORE,
  '-': HYPHEN,
  '.': DOT,
  '/': BASE64,
  '=': EQUALS,
  '~': TILDE,
};

/** A row of the table, ready to be matched. */
export interface TokenFormat {
  readonly name: string;
  readonly prefix: string;
  readonly classes: number;
  readonly min: number;
  readonly max: number;
  readonly needsDigit: boolean;
  readonly endsThere: boolean;
}

function formatsOf([name, prefixes, body, min, max = MAX_BODY]: ProviderRow): TokenFormat[] {
  let classes = 0;
  for (const letter of body) classes |= BODY_CLASSES[letter] ?? 0;
  return prefixes.split(' ').map((prefix) => ({
    name,
    prefix,
    classes,
    min,
    max,
    needsDigit: body.includes('#'),
    endsThere: body.includes('$'),
  }));
}

/** Every published format, one for each prefix. */
export const TOKEN_FORMATS: readonly TokenFormat[] = /* @__PURE__ */ PROVIDERS.flatMap(formatsOf);

/** Words in a token come early, if at all: so many characters tell whether it has a digit. */
const DIGIT_WITHIN = 64;

/** Where the token of a format ends whose prefix begins at `at`, or `at` when there is none. */
export function tokenEnd(text: string, at: number, format: TokenFormat): number {
  const from = at + format.prefix.length;
  if (format.needsDigit && !hasDigit(text, from, format.classes)) return at;
  let end = runEnd(text, from, format.classes, format.max);
  while (end > from && isAt(text, end - 1, DOT)) end -= 1;
  if (end - from < format.min) return at;
  return format.endsThere && isAt(text, end, ALNUM | UNDERSCORE) ? at : end;
}

function hasDigit(text: string, from: number, classes: number): boolean {
  const end = runEnd(text, from, classes, DIGIT_WITHIN);
  return runEnd(text, from, classes & ~DIGIT, DIGIT_WITHIN) < end;
}
