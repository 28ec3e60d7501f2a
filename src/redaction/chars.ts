/** Classes of ASCII characters, as bits, so that one table look-up judges a character. */

export const DIGIT = 1;
export const UPPER = 2;
export const LOWER = 4;
/** `a` to `f` in both cases. */
const HEX_LETTER = 8;
export const UNDERSCORE = 16;
export const HYPHEN = 32;
export const DOT = 64;
export const SPACE = 128;
export const QUOTE = 256;
export const STAR = 512;
/** `:` and `=`. */
export const SEPARATOR = 2_048;
/** Quotes and what stands with them behind a key: `\\"`, `"]`, `**`. */
export const WRAPPING = 4_096;
/** Letters beyond ASCII, as of foreign words, and all else from `À` on. */
export const FOREIGN = 1_024;

export const LETTER: number = UPPER | LOWER;
export const ALNUM: number = LETTER | DIGIT;
export const HEX: number = DIGIT | HEX_LETTER;
/** The alphabet of base64url, which is also that of most tokens. */
export const URL_SAFE: number = ALNUM | UNDERSCORE | HYPHEN;

/** The members of each class, in the order of their bits. */
const MEMBERS = [
  /\d/,
  /[A-Z]/,
  /[a-z]/,
  /[a-f]/i,
  /_/,
  /-/,
  /\./,
  /\s/,
  /["'`]/,
  /\*/,
  /^$/,
  /[:=]/,
  /["'`\\\]*]/,
];

const CLASSES: Uint16Array = /* @__PURE__ */ Uint16Array.from({ length: 192 }, (_, code) =>
  MEMBERS.reduce(
    (bits, members, bit) => bits | (members.test(String.fromCharCode(code)) ? 1 << bit : 0),
    0,
  ),
);

/** Whether a character code belongs to one of the classes; beyond the text's end it does not. */
export function isIn(code: number, classes: number): boolean {
  return ((code < 192 ? (CLASSES[code] ?? 0) : code >= 192 ? FOREIGN : 0) & classes) !== 0;
}

/** Whether the character at a place belongs to one of the classes. */
export function isAt(text: string, at: number, classes: number): boolean {
  return isIn(text.charCodeAt(at), classes);
}

/** Where a run of the classes' characters ends, at most `max` characters on. */
export function runEnd(text: string, from: number, classes: number, max: number): number {
  let at = from;
  while (at < from + max && isIn(text.charCodeAt(at), classes)) at += 1;
  return at;
}

/** Where a run of the classes' characters that ends before `to` begins, at most `max` characters back. */
export function runStart(text: string, to: number, classes: number, max: number): number {
  let at = to;
  while (at > to - max && isIn(text.charCodeAt(at - 1), classes)) at -= 1;
  return at;
}
