/** Line breaks and tabs stay; all else that has no glyph, or turns the direction of text, is shown as what it is. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/gu;
const HAS_INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}\p{Cs}]/u;

/** Joins emoji, and letters of some scripts: harmless, and text that has them is unreadable without. */
const JOINERS = new Set(['\u200c', '\u200d', '\n', '\t', '\ufeff']);

/**
 * Stored text as a page may show it. It may be anything: half a surrogate pair becomes
 * U+FFFD, and an override of direction or a control character is written out, so that
 * it cannot make the page say what it does not.
 */
export function visible(text: string): string {
  if (!HAS_INVISIBLE.test(text)) return text;
  return text
    .toWellFormed()
    .replaceAll('\r\n', '\n')
    .replace(INVISIBLE, (character) => (JOINERS.has(character) ? character : written(character)));
}

function written(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`;
}

/** Without any mark on a page: a name of nothing else would be a link that nobody sees. */
const BLANK = /^[\s\u2800\p{Default_Ignorable_Code_Point}]+$/u;

/** In one line, and no longer than there is room for. Text that is blank is written out. */
export function line(text: string, characters = 200): string {
  const head = text.length > characters * 2 ? text.slice(0, characters * 2) : text;
  const flat = BLANK.test(head)
    ? head.replaceAll(/./gsu, written)
    : visible(head).replaceAll(/\s+/g, ' ').trim();
  return flat.length > characters || head !== text
    ? `${flat.slice(0, characters).toWellFormed()}…`
    : flat;
}
