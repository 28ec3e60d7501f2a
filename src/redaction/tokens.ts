/** Provider tokens: matches the rows of `providers.ts`. */
import { match } from './finding.ts';
import type { Handler } from './finding.ts';
import { PROVIDERS } from './providers.ts';

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
  '^': '',
  S: String.raw`\$`,
};

/** Longer than any published token, so that a run of a hostile text is cut somewhere. */
const MAX_BODY = 8_192;
/** Words in a token come early, if at all: so many characters tell whether it has a digit. */
const DIGIT_WITHIN = 64;

function formatsOf(row: string): [prefix: string, handler: Handler][] {
  const [name = '', body = '', size = '', ...prefixes] = row.split(' ');
  const characters = `[${Array.from(body, (letter) => CLASSES[letter] ?? letter).join('')}]`;
  const digit = body.includes('#') ? `(?=${characters}{0,${DIGIT_WITHIN}}?\\d)` : '';
  const count = size.endsWith(',') ? size + MAX_BODY : size;
  const first = body.includes('^') ? '(?<!\\w)' : '';
  // A full stop ends a sentence, not a token; signs of base64 may stand last.
  const last = body.includes('$') ? '(?!\\w)' : '(?<!\\.)';
  return prefixes.flatMap((prefix) => {
    const expression = new RegExp(
      `${first}.{${prefix.length}}${digit}${characters}{${count}}${last}`,
      'y',
    );
    const handler: Handler = (scan, at) => match(scan, at, at, expression, name);
    return wordsOf(prefix, new RegExp(characters)).map((word): [string, Handler] => [
      word,
      handler,
    ]);
  });
}

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The scanner knows words of three characters or more: one of two goes on with each that may follow. */
function wordsOf(prefix: string, next: RegExp): string[] {
  if (prefix.length > 2) return [prefix];
  return Array.from(ALPHABET)
    .filter((character) => next.test(character))
    .map((character) => prefix + character);
}

/** The prefix and the handler of every published format. */
export const TOKEN_FORMATS: readonly (readonly [prefix: string, handler: Handler])[] =
  /* @__PURE__ */ PROVIDERS.flatMap(formatsOf);
