/** Secrets by their key: `password=…`, `"api_key": "…"`, `Authorization: …`, `Cookie: …`. */
import {
  ALNUM,
  DOT,
  FOREIGN,
  HYPHEN,
  QUOTE,
  SEPARATOR,
  SPACE,
  UNDERSCORE,
  WRAPPING,
  isAt,
  runStart,
} from './chars.ts';
import { before } from './finding.ts';
import type { Scan } from './finding.ts';
import { kindOfKey, mayBeNamed } from './keys.ts';
import { MIN_RANDOM, SIGNED, isCode, looksRandom } from './likeness.ts';
import { readValue, take } from './values.ts';
import type { Value } from './values.ts';
import { foundAuthorization, foundCookies } from './headers.ts';

const MAX_KEY = 64;
const MAX_AROUND = 12;
const KEY: number = ALNUM | UNDERSCORE | HYPHEN | DOT | FOREIGN;

/** The second word of `API key`, `pass phrase`, `access token`. */
const SECOND_WORD = /^(?:key|phrase|code|word|token|string|id)$/i;

/** Keys whose neighbour names what they hold: `name: API_KEY`, `value: …`. */
const VALUE_KEY = /(?:^|[^a-z])(?:value|default)$/i;
/** `<add key="Password" value="…">`, `- name: TOKEN\n  value: …`: the name before the value. */
const NAMED =
  /(?:key|name|header|id|field|variable|env)\\{0,4}["']?[ \t]{0,4}[:=][ \t]{0,4}\\{0,4}["']?([\w. -]{2,48})\\{0,4}["']?[\s,;]{0,40}[-{"'\\]{0,6}$/i;
/** `variable "db_password" { type = string`: the name of a block of HCL. */
const BLOCK =
  /\b(?:variable|output|parameter|secret|local)[ \t]{1,4}"([\w.-]{2,48})"[ \t]{0,4}\{[^{}]{0,240}$/;

/** At `:` or `=`: the key that ends before it and the value behind it. */
export function pair(scan: Scan, at: number, end: number): number {
  const { text } = scan;
  if (!isSameKey(scan, end)) {
    scan.key = keyBefore(text, end);
    scan.kind = kindOfKey(scan.key);
  }
  const { key } = scan;
  let { kind } = scan;
  if (kind === 'none' && VALUE_KEY.test(key))
    kind = kindOfKey(nameBefore(before(text, end - key.length, 300)));
  // The last part of `arn:aws:secretsmanager:…:secret:name`.
  if (kind === 'none') return at;
  if (kind === 'likely' && isShort(text, at + 1)) return at;
  const value = readValue(text, at + 1) ?? onNextLine(text, at + 1);
  if (value === undefined) return at;
  if (kind === 'header') return foundAuthorization(scan, value, at);
  if (kind === 'cookie') return foundCookies(scan, value, at);
  const accepts =
    kind === 'likely' ? looksRandom(value.text) : isSecretValue(text, key, value, at, end);
  return take(scan, at, kind, value, accepts && !isInArn(text, at));
}

/** Whether the key that ends at a place is the one before, which is told without cutting it out. */
function isSameKey({ text, key }: Scan, end: number): boolean {
  const start = end - key.length;
  return key !== '' && text.startsWith(key, start) && !isAt(text, start - 1, KEY | SPACE);
}

/** What stands in quotes and is too short to look random, as most are that stand behind `token:`. */
function isShort(text: string, at: number): boolean {
  if (!isAt(text, at, QUOTE)) return false;
  const end = text.indexOf(text.charAt(at), at + 1);
  return end > at && end < at + MIN_RANDOM;
}

const ARN = /\barn:[\w:/-]{0,80}$/;

function isInArn(text: string, at: number): boolean {
  return (
    text.charCodeAt(at) === 58 &&
    before(text, at, 90).includes('arn:') &&
    ARN.test(before(text, at, 90))
  );
}

const NEXT_LINE = /[ \t*_]{0,4}\r?\n[ \t>]{0,16}([^\s"'`]{8,512})[ \t]{0,8}(?=\r?\n|$)/y;

/** A label on a line of its own, and what looks made by a generator below it. */
function onNextLine(text: string, from: number): Value | undefined {
  NEXT_LINE.lastIndex = from;
  const word = NEXT_LINE.exec(text)?.[1] ?? '';
  if (!looksRandom(word)) return undefined;
  const start = text.indexOf(word, from);
  return { text: word, start, end: start + word.length, quoted: false };
}

function nameBefore(text: string): string {
  return (NAMED.exec(text.slice(-140)) ?? BLOCK.exec(text))?.[1] ?? '';
}

const TYPE = /^(?::[ \t]?[\w<>[\]., |?&*]{1,40}|\[\w{0,8}\])[ \t]?$/;
const MAX_TYPE = 44;

/** `apiKey: String = "…"`, `wifi_password[64] = "…"`: where the name ends that a type stands behind; 0 where there is none. */
export function typedKeyEnd(text: string, at: number): number {
  const lead = before(text, at, MAX_TYPE);
  for (const sign of '[:') {
    const start = at - lead.length + lead.lastIndexOf(sign);
    const end = isAt(text, start - 1, SPACE) ? start - 1 : start;
    if (mayBeNamed(text, end) && TYPE.test(text.slice(start, at))) return end;
  }
  return 0;
}

/** Where the key before a separator ends, without its quotes. */
export function keyEnd(text: string, at: number): number {
  const end = runStart(text, runStart(text, at, SEPARATOR, 3), SPACE, MAX_AROUND);
  return runStart(text, end, WRAPPING, MAX_AROUND);
}

/** The key that ends at a place; empty where there is none. */
function keyBefore(text: string, end: number): string {
  const start = runStart(text, end, KEY, MAX_KEY);
  const word = text.slice(start, end);
  if (text.charCodeAt(start - 1) !== 32 || !SECOND_WORD.test(word)) return word;
  return text.slice(runStart(text, start - 1, KEY, MAX_KEY), end);
}

/**
 * `storageKey: WORKSPACE_KEY`, `SHARED_SECRET: "MF-Shared-Secret"`: a name under a name. People choose
 * words for passwords; for keys and tokens nobody does.
 */
function isNamed(key: string, word: string): boolean {
  const [noun = ''] = /(?:key|token|secret|credential|session|auth)s?$/i.exec(key) ?? [];
  if (noun === '') return false;
  const isOfWords = /^[a-z_.: -]{1,20}$/.test(word) || /^[A-Z_.: -]{1,20}$/.test(word);
  if (isOfWords && /^(?:key|token)/i.test(noun)) return true;
  return /^[\w$.-]+$/.test(word) && word.toLowerCase().endsWith(noun.toLowerCase());
}

function isSecretValue(
  text: string,
  key: string,
  { text: word, end, quoted }: Value,
  at: number,
  keyEnds: number,
): boolean {
  if (word.length < 3 || word === key || isNamed(key, word)) return false;
  // The working directory of a shell.
  if (/^(?:OLD)?PWD$/.test(key) && word.startsWith('/')) return false;
  // A label may have blanks; a value behind a key in quotes, as JSON has it, is a value.
  if (quoted)
    return !/\s/.test(word) || /["'\\]/.test(text.charAt(keyEnds)) || /phrase|mnemonic/i.test(key);
  // `password: SecretStr` declares a type.
  if (isCode(word) || /^(?:[A-Z][a-z]+){2,}$/.test(word)) return false;
  if (SIGNED.test(word)) return true;
  // `DB_PASSWORD=word`, `;Password=word`, `?password=word`, and `password: word` as a line of its own.
  const lead = before(text, at + 1, 2 * MAX_KEY);
  const line = lead.slice(lead.lastIndexOf('\n') + 1);
  if (/^[A-Z\d_]+=$|[?&;][\w -]+=$|^[\w-]+=$/.test(line.replace(/^.* (?=[A-Z\d_]+=$)/, '')))
    return true;
  // `credentials: aws` names some.
  if (/credentials?$/i.test(key)) return false;
  return line.trim() === `${key}:` && /^\s*(?:\n|$)/.test(text.slice(end, end + 8));
}
