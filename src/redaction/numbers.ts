/** Numbers that identify: cards, US social security numbers, IPv4 addresses, and tokens that begin with a number. */
import { ALNUM, DIGIT, UNDERSCORE, isAt, runEnd } from './chars.ts';
import { passesLuhn } from './checksums.ts';
import { before, match, speaks } from './finding.ts';
import type { Handler, Scan } from './finding.ts';
import { NORTH_AMERICAN, isPhone } from './phones.ts';

/** Digits in groups, with blanks, dots, hyphens and brackets between them. A group that begins a word is none. */
const GROUP = String.raw`\d{1,20}(?!(?!x\d)\w)`;
const RUN = new RegExp(String.raw`${GROUP}(?:(?:[-. \xa0]|[-. ]?[()][-. ]?)${GROUP}){0,8}`, 'y');

const TELEGRAM = /\d{8,10}:[\w-]{35}(?![\w-])/y;
const FACEBOOK = /\d{13,17}\|[\w-]{27}(?![\w-])/y;

/** At the first digit of a number. */
export const number: Handler = (scan, at) => {
  const { text } = scan;
  if (isOneByOne(text, at) || isShort(text, at) || isInside(text, at)) return at;
  if (isDate(text, at)) return at + 10;
  RUN.lastIndex = at;
  const run = RUN.exec(text)?.[0] ?? '';
  if (run === '' || run.length > 7) {
    const token = tokenOf(scan, at);
    if (token > at || run === '') return token;
  }
  const end =
    ipv4(scan, at, run) || ssn(scan, at, run) || card(scan, at, run) || phone(scan, at, run);
  // What follows may be a card; shorter groups were judged with this one.
  return end || at + (NEXT.exec(run)?.index ?? run.length - 1);
};

function tokenOf(scan: Scan, at: number): number {
  const sign = scan.text.charCodeAt(runEnd(scan.text, at, DIGIT, 18));
  if (sign === 58) return match(scan, at, at, TELEGRAM, 'telegram_token');
  return sign === 124 ? match(scan, at, at, FACEBOOK, 'facebook_token') : at;
}

const NEXT = /(?<=\D)\d{3}/;

/** Behind `12-`, `ab.` and the like a digit goes on with what began before it. */
function isInside(text: string, at: number): boolean {
  const sign = text.charCodeAt(at - 1);
  return sign >= 45 && sign <= 47 && isAt(text, at - 2, ALNUM | UNDERSCORE);
}

/** Too few digits for anything but an IPv4 address, and no dots for that: most numbers are. */
function isShort(text: string, at: number): boolean {
  let digits = 0;
  let dots = 0;
  for (let place = at; place < at + 24; place += 1) {
    const code = text.charCodeAt(place);
    if (code >= 48 && code <= 57) digits += 1;
    else if (code === 46) dots += 1;
    else if (code !== 32 && code !== 45 && code !== 40 && code !== 41 && code !== 160) break;
  }
  return digits < 7 && dots < 3;
}

/** `1 2 3 4`: digits that are counted, not a number. */
function isOneByOne(text: string, at: number): boolean {
  return isApart(text, at + 1) && isApart(text, at + 3) && isApart(text, at + 5);
}

function isApart(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 32 || code === 45;
}

/** `2026-11-24`, which begins most numbers of a trace that have so many digits. */
function isDate(text: string, at: number): boolean {
  if (text.charCodeAt(at + 4) !== 45 || text.charCodeAt(at + 7) !== 45) return false;
  return /^(?:19|20)\d\d-[01]\d-[0-3]\d(?!\d)/.test(text.slice(at, at + 11));
}

/** This machine, no machine, every machine; and `1.2.3.4`, which numbers a section or a version. */
const NOBODY = /^(?:127\.|0\.0\.0\.0|255\.255\.255\.255|.{7}$)/;

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|(?=$|[^\d.]))){4}/;

function ipv4(scan: Scan, at: number, run: string): number {
  const address = run.includes('.') ? (IPV4.exec(run)?.[0] ?? '') : '';
  if (address.split('.').length !== 4) return 0;
  const end = at + address.length;
  if (NOBODY.test(address) || /v(?:er(?:sion)?)?[. ]{0,2}$/i.test(before(scan.text, at, 9)))
    return end;
  return scan.found(at, end, 'ip');
}

const SSN_CONTEXT = /\bssn\b|social.?security|\bitin\b/i;

/** Area, group and serial numbers that the Social Security Administration never gives are none. */
function ssn(scan: Scan, at: number, run: string): number {
  if (run.length < 9 || run.length > 11) return 0;
  if (!/^\d{3}([- ]?)\d\d\1\d{4}$/.test(run) || /^(?:000|666)|^...\D?00|0000$/.test(run)) return 0;
  const isShaped = run.charAt(3) === '-' && !run.startsWith('9');
  if (!isShaped && !speaks(scan, at, 40, SSN_CONTEXT)) return 0;
  return scan.found(at, at + run.length, 'ssn');
}

/** ISO/IEC 7812 issuers: Visa, Mastercard, American Express, Discover, Diners, JCB, UnionPay, Maestro, Mir, RuPay. */
const ISSUER =
  /^(?:4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|220[0-4]\d{12,15}|3[47]\d{13}|3(?:0[0-5]|095|[689]\d)\d{11,16}|35(?:2[89]|[3-8]\d)\d{12,15}|(?:2131|1800)\d{11}|(?:5[06-9]|6\d)\d{10,17}|8[12]\d{14})$/;
/** What lets a number pass that belongs to no issuer known here. */
const CARD_CONTEXT =
  /(?:^|[^a-z])(?:card|credit|debit|visa|master ?card|amex|ccnum|cc|pan)(?:[^a-z]|$)/i;
/** Cards are written in one piece, in fours, or as 4-6-5 and 4-6-4; what stands behind the fourth four may be a date. */
const CARDS = [
  /^(?:\d{12,19}|\d{4}([- \xa0])(?:\d{6}\1\d{4,5}|(?:\d{4}\1){2}\d{1,4}))(?!\d)/,
  /^\d{4}([- \xa0])(?:\d{4}\1){3}\d{1,3}(?!\d)/,
];

function card(scan: Scan, at: number, run: string): number {
  if (run.length < 12) return 0;
  for (const shape of CARDS) {
    const found = shape.exec(run)?.[0] ?? '';
    if (found === '' || !passesLuhn(found)) continue;
    if (ISSUER.test(found.replace(/\D/g, '')) || speaks(scan, at, 32, CARD_CONTEXT))
      return scan.found(at, at + found.length, 'card');
  }
  return 0;
}

/** E.164 allows 15 digits; fewer than seven are an extension or a count. */
const PHONE = /^\d(?:\D{0,3}\d){6,14}(?!\d)/;
/** A longer run without a `+` is a list of numbers. */
const MAX_RUN = 26;

function phone(scan: Scan, at: number, run: string): number {
  const { text } = scan;
  if (run.length > MAX_RUN && text.charAt(at - 1) !== '+') return 0;
  const found = NORTH_AMERICAN.exec(run)?.[0] ?? PHONE.exec(run)?.[0];
  if (found === undefined) return 0;
  // A telephone number begins at its `+` or bracket.
  const start = at - (/[+(]{1,2}$/.exec(before(text, at, 2))?.[0].length ?? 0);
  const behind = at + found.length;
  const end = behind + (/^x\d{1,5}/.exec(text.slice(behind, behind + 6))?.[0].length ?? 0);
  return isPhone(scan, found, start, end) ? scan.found(start, end, 'phone') : 0;
}
