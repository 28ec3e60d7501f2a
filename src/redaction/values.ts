/** Reads and judges the value behind `key =`, `key:`, `--key` and their like. */
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
  const quoted = mayBeginText(text.charCodeAt(at)) ? quotedBy(TEXT, text, at) : undefined;
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

/** What stands in quotes, on one line. Those may lack their end, as a text may have been cut. */
function quotedBy(opening: RegExp, text: string, at: number): Value | undefined {
  opening.lastIndex = at;
  const quote = opening.exec(text)?.[1];
  if (quote === undefined) return undefined;
  const start = opening.lastIndex;
  const rest = text.slice(start, start + MAX_VALUE);
  let length = rest.indexOf(quote);
  while (length > 0 && rest.charCodeAt(length - 1) === 92) length = rest.indexOf(quote, length + 1);
  const inner = length === -1 ? rest : rest.slice(0, length);
  const isCut = length === -1 && start + rest.length < text.length;
  if (isCut || inner.includes('\n')) return undefined;
  return inner === '' ? undefined : { text: inner, start, end: start + inner.length, quoted: true };
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
