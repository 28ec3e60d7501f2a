/** Numbers that identify: cards, US social security numbers, IPv4 addresses, telephones. */
import { cardEnd } from './cards.ts';
import { ALNUM, DIGIT, HYPHEN, UNDERSCORE, isAt, runEnd } from './chars.ts';
import { readDigits } from './digits.ts';
import type { Digits } from './digits.ts';
import type { Handler, Scan } from './finding.ts';
import { phoneEnd } from './phones.ts';

/** A telephone number has seven digits; only an IPv4 address may have fewer, in four groups. */
const MIN_DIGITS = 7;

/** At the first digit of a number. */
export const number: Handler = (scan, at) => {
  const { text } = scan;
  if (isInside(text, at) || isShort(text, at)) return at;
  const digits = readDigits(text, at);
  if (digits.count === 0) return tokenAt(scan, at, runEnd(text, at, DIGIT, 20));
  if (digits.count < MIN_DIGITS && digits.sizes.length < 4) return at;
  return (
    ipv4(scan, digits) ??
    tokenOf(scan, digits) ??
    ssn(scan, digits) ??
    found(scan, digits, 'card', cardEnd(digits, scan.context)) ??
    found(scan, digits, 'phone', phoneEnd(digits, scan.context)) ??
    at
  );
};

/** A few digits with nothing behind them: most numbers are. */
function isShort(text: string, at: number): boolean {
  const end = runEnd(text, at, DIGIT, 8);
  if (end - at > 6) return false;
  const next = text.charCodeAt(end);
  const isSeparator = next === 32 || next === 45 || next === 46 || next === 40 || next === 41 || next === 160;
  return !isSeparator || !(isAt(text, end + 1, DIGIT) || isAt(text, end + 2, DIGIT) || isAt(text, end + 3, DIGIT));
}

/** Behind `12-`, `ab.` and the like a digit goes on with what began before it. */
function isInside(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  return before >= 45 && before <= 47 && isAt(text, at - 2, ALNUM | UNDERSCORE);
}

function found(scan: Scan, { start }: Digits, name: string, end: number): number | undefined {
  if (end === 0) return undefined;
  // A telephone number begins at its `+` or bracket.
  let from = start;
  if (name === 'phone') while ('+('.includes(scan.text.charAt(from - 1) || ' ')) from -= 1;
  scan.found(from, end, name);
  return end;
}

const MAX_OCTET = 255;

function ipv4(scan: Scan, { text, start, ends, sizes }: Digits): number | undefined {
  const end = ends[3] ?? 0;
  if (sizes.length < 4 || (sizes[0] ?? 0) > 3 || text.charAt(ends[0] ?? 0) !== '.') return undefined;
  const octets = text.slice(start, end).split('.');
  const isAddress = octets.length === 4 && octets.every((octet) => /^\d{1,3}$/.test(octet) && Number(octet) <= MAX_OCTET);
  if (!isAddress || (text.charAt(end) === '.' && isAt(text, end + 1, DIGIT))) return undefined;
  if (isNobody(octets) || /v(?:er(?:sion)?)?[. ]{0,2}$/i.test(text.slice(Math.max(0, start - 9), start))) return end;
  scan.found(start, end, 'ip');
  return end;
}

/** This machine, no machine, every machine; and `1.2.3.4`, which numbers a section or a version. */
function isNobody(octets: readonly string[]): boolean {
  const address = octets.join('.');
  return octets[0] === '127' || address === '0.0.0.0' || address === '255.255.255.255' || address.length === 7;
}

/** Bot tokens and app tokens that begin with a number: Telegram `123:AA…`, Facebook `123|…`. */
function tokenOf(scan: Scan, { start, ends, sizes }: Digits): number | undefined {
  const end = ends[0] ?? start;
  if ((sizes[0] ?? 0) < 8) return undefined;
  const after = tokenAt(scan, start, end);
  return after === start ? undefined : after;
}

function tokenAt(scan: Scan, start: number, end: number): number {
  const sign = scan.text.charAt(end);
  if (sign !== ':' && sign !== '|') return start;
  const to = runEnd(scan.text, end + 1, ALNUM | UNDERSCORE | HYPHEN, 64);
  const isToken = sign === ':' ? to - end === 36 && end - start < 12 : to - end === 28 && end - start > 12;
  if (!isToken) return start;
  scan.found(start, to, sign === ':' ? 'telegram_token' : 'facebook_token');
  return to;
}

const SSN_CONTEXT = /\bssn\b|social.?security|\bitin\b/i;

/** Area, group and serial numbers that the Social Security Administration never gives. */
function ssn(scan: Scan, { text, start, ends, sizes }: Digits): number | undefined {
  const isGrouped = sizes.length === 3 && sizes[0] === 3 && sizes[1] === 2 && sizes[2] === 4;
  if (!isGrouped && !(sizes.length === 1 && sizes[0] === 9)) return undefined;
  const end = ends.at(-1) ?? start;
  const named = (): boolean => SSN_CONTEXT.test(scan.context) || SSN_CONTEXT.test(text.slice(Math.max(0, start - 40), start));
  if ((!isGrouped || text.charAt(ends[0] ?? 0) !== '-') && !named()) return undefined;
  const digits = text.slice(start, end).replace(/\D/g, '');
  if (/^(?:000|666)|^...00|0000$/.test(digits) || (digits.startsWith('9') && !named())) return undefined;
  scan.found(start, end, 'ssn');
  return end;
}

