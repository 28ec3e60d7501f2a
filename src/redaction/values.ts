/** Reads and judges the value behind `key =`, `key:`, `--key` and their like. */
import type { Scan } from './finding.ts';
import type { KeyKind } from './keys.ts';
import { isCode, isPlaceholder, looksRandom } from './likeness.ts';

/** Where a value stands, without its quotes. */
export interface Value {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly quoted: boolean;
}

/**
 * The rest of `:=`, `=>` and `->`, blanks, and a value: in quotes, which may be escaped
 * as in JSON that stands in a text, or bare. A quote may lack its end, as a text may
 * have been cut.
 */
const VALUE =
  /[=>:]{0,2}(?:[ \t]|\*\*|__){0,8}(?:(?:[\w$.:[\]'"()]{1,80}[ \t]{0,2}(?:\|\||\?\?|\bor\b)[ \t]{0,2}|(?:new )?[\w$.:]{1,48}\()?(?:[bruN@]|s:\d{1,6}:|\s{0,16}string\(\d{1,6}\) )?(\\{0,15}["'`])([^\n]{0,8192}?)((?<!\\)\1|$)|\\{0,15}["'`]?((?:[^\s"'`<>,;&\\)\]}|]|&(?!amp;|[\w.%[\]-]{1,64}=)){1,8192}))/y;

/** The value that begins at or soon after a place; undefined where there is none. */
export function readValue(text: string, from: number): Value | undefined {
  VALUE.lastIndex = from;
  const [, quote, inner, close = '', bare = ''] = VALUE.exec(text) ?? [];
  const end = VALUE.lastIndex - close.length;
  const value = inner ?? bare;
  return value === ''
    ? undefined
    : { text: value, start: end - value.length, end, quoted: quote !== undefined };
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
  if (isPlaceholder(value.text) || (kind === 'likely' && isCode(value.text))) return at;
  return scan.found(value.start, value.end, 'secret');
}

const LINE = /[^\r\n\\"']{0,8192}/y;

/** Where the line, or the quoted text around it, ends. */
export function lineEnd(text: string, from: number): number {
  LINE.lastIndex = from;
  return from + (LINE.exec(text)?.[0].trimEnd().length ?? 0);
}
