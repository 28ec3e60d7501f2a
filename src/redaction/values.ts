/** Reads and judges the value behind `key =`, `key:`, `--key` and their like. */
import { QUOTE, isIn } from './chars.ts';
import type { Scan } from './finding.ts';
import { kindOfKey } from './keys.ts';
import type { KeyKind } from './keys.ts';
import { isCode, isPlaceholder, looksRandom } from './likeness.ts';

/** Where a value stands, without its quotes. */
export interface Value {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly quoted: boolean;
  /** The argument of a call, or what stands in for one that gives nothing. */
  readonly isWrapped?: boolean;
}

/** What begins texts in programs and in PHP's dumps; quotes may be escaped, as in JSON that stands in a text. */
const TEXT = /(?:[bruN@]|s:\d{1,6}:|\s{0,16}string\(\d{1,6}\) )?(\\{0,15}["'`])/y;
const MAX_VALUE = 8_192;
/** `&` ends a value where another pair follows, as in a query. */
const BARE = /\\{0,15}["'`]?((?:[^\s"'`<>,;&\\)\]}|]|&(?!amp;|[\w.%[\]-]{1,64}=)){1,8192})/y;
/** `SecretStr("…")`, and the default behind `process.env.SECRET ||`. */
const WRAPPED =
  /(?:[\w$.:[\]'"()]{1,80}[ \t]{0,2}(?:\|\||\?\?|or)[ \t]{0,2}|(?:new )?[\w$.:]{1,48}\()[bruN@]?(\\{0,15}["'`])/y;

/** The value that begins at or soon after a place; undefined where there is none. */
export function readValue(text: string, from: number): Value | undefined {
  const at = valueStart(text, from);
  const code = text.charCodeAt(at);
  const quoted = isIn(code, QUOTE)
    ? within(text, at + 1, text.charAt(at))
    : mayBeginText(code)
      ? quotedBy(TEXT, text, at)
      : undefined;
  if (quoted) return quoted;
  BARE.lastIndex = at;
  const word = BARE.exec(text)?.[1] ?? '';
  const end = BARE.lastIndex;
  const wrapped = mayWrap(text, word, end) ? quotedBy(WRAPPED, text, at) : undefined;
  if (wrapped) return { ...wrapped, isWrapped: true };
  return word === '' ? undefined : { text: word, start: end - word.length, end, quoted: false };
}

const MAX_BETWEEN = 8;

/** Behind the rest of `:=`, `=>` and `->`, blanks, and the end of a bold label. */
function valueStart(text: string, from: number): number {
  let at = from;
  while (at < from + 2 && isSign(text.charCodeAt(at))) at += 1;
  const limit = at + MAX_BETWEEN;
  while (at < limit) {
    const code = text.charCodeAt(at);
    const isBold = (code === 42 || code === 95) && text.charCodeAt(at + 1) === code;
    if (code !== 32 && code !== 9 && !isBold) break;
    at += isBold ? 2 : 1;
  }
  return at;
}

/** `:`, `=`, `>`. */
function isSign(code: number): boolean {
  return code === 58 || code === 61 || code === 62;
}

/** Quotes, backslashes, line ends, and the letters that stand before quotes. */
function mayBeginText(code: number): boolean {
  return code < 40 || code === 92 || code === 96 || 'bruN@s'.includes(String.fromCharCode(code));
}

function mayWrap(text: string, word: string, end: number): boolean {
  const last = word.charCodeAt(word.length - 1);
  if (last === 40 || word === 'new') return true;
  const sign = text.charCodeAt(end) === 32 ? end + 1 : end;
  return /^(?:\|\||\?\?|or )/.test(text.slice(sign, sign + 3));
}

/** What stands in quotes, which the expression finds. */
function quotedBy(opening: RegExp, text: string, at: number): Value | undefined {
  opening.lastIndex = at;
  const quote = opening.exec(text)?.[1];
  return quote === undefined ? undefined : within(text, opening.lastIndex, quote);
}

/**
 * What stands in quotes, on one line. Those may lack their end, as a text may have been cut.
 * The end is sought without a bound, as the next text in such quotes is one.
 */
function within(text: string, start: number, quote: string): Value | undefined {
  let end = text.indexOf(quote, start);
  const limit = start + MAX_VALUE;
  while (end > start && end < limit && text.charCodeAt(end - 1) === 92)
    end = text.indexOf(quote, end + 1);
  if (end === -1) end = text.length;
  if (end === start || end > limit) return undefined;
  const value = valueAt(text, start, end);
  return value.text.includes('\n') ? undefined : value;
}

/** What stands at a place, and ends there whatever it is. */
export function valueAt(text: string, start: number, end: number): Value {
  return { text: text.slice(start, end), start, end, quoted: true };
}

/** Notes a value as a secret where it looks like one under such a key; `accepts` may ask for more. */
export function take(
  scan: Scan,
  at: number,
  kind: KeyKind,
  value: Value | undefined,
  accepts = true,
): number {
  if (!accepts || value === undefined || (kind === 'likely' && !looksRandom(value.text))) return at;
  // `getenv("DB_PASSWORD")` looks up what is named like a secret.
  if (
    value.isWrapped &&
    (/^(?:[A-Z][A-Z\d_]*|[A-Za-z]+)$/.test(value.text) || kindOfKey(value.text) !== 'none')
  )
    return at;
  if (isPlaceholder(value.text) || (kind === 'likely' && isCode(value.text))) return at;
  return scan.found(value.start, value.end, 'secret');
}

const LINE = /[^\r\n\\"']{0,8192}/y;

/** Where the line, or the quoted text around it, ends. */
export function lineEnd(text: string, from: number): number {
  LINE.lastIndex = from;
  return from + (LINE.exec(text)?.[0].trimEnd().length ?? 0);
}
