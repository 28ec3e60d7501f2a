/** Provider tokens: matches the rows of `providers.ts`. */
import { PROVIDERS } from './providers.ts';

/** A format with one of its prefixes. */
export interface TokenFormat {
  readonly name: string;
  readonly prefix: string;
  /** What follows the prefix, to be matched there. */
  readonly body: RegExp;
}

const CLASSES: { readonly [letter: string]: string } = {
  a: String.raw`A-Za-z\d`,
  h: String.raw`\da-fA-F`,
  d: String.raw`\d`,
  U: 'A-Z',
  l: 'a-z',
  '/': '+/',
  '-': String.raw`\-`,
  '#': '',
  $: '',
};

/** Longer than any published token, so that a run of a hostile text is cut somewhere. */
const MAX_BODY = 8_192;
/** Words in a token come early, if at all: so many characters tell whether it has a digit. */
const DIGIT_WITHIN = 64;

function formatsOf(row: string): TokenFormat[] {
  const [name = '', body = '', size = '', ...prefixes] = row.split(' ');
  const characters = `[${[...body].map((letter) => CLASSES[letter] ?? letter).join('')}]`;
  const digit = body.includes('#') ? `(?=${characters}{0,${DIGIT_WITHIN}}?\\d)` : '';
  const count = size.endsWith(',') ? size + MAX_BODY : size;
  // A full stop ends a sentence, not a token; signs of base64 may stand last.
  const last = body.includes('$') ? '(?!\\w)' : '(?<!\\.)';
  const expression = new RegExp(`${digit}${characters}{${count}}${last}`, 'y');
  return prefixes.map((prefix) => ({ name, prefix, body: expression }));
}

/** Every published format, one for each prefix. */
export const TOKEN_FORMATS: readonly TokenFormat[] = /* @__PURE__ */ PROVIDERS.flatMap(formatsOf);

/** Where the token of a format ends whose prefix begins at `at`, or `at` when there is none. */
export function tokenEnd(text: string, at: number, { prefix, body }: TokenFormat): number {
  body.lastIndex = at + prefix.length;
  return body.test(text) ? body.lastIndex : at;
}
