/** Addresses of people and machines: e-mail, IPv6, MAC. */
import { ALNUM, DOT, HEX, HYPHEN, LETTER, UNDERSCORE, isAt, isIn, runEnd, runStart } from './chars.ts';
import type { Handler } from './finding.ts';

const COLON = 58;

const LOCAL: number = ALNUM | DOT | HYPHEN | UNDERSCORE;
/** RFC 5321: 64 characters before the `@`, 255 behind it. */
const MAX_LOCAL = 64;
const MAX_DOMAIN = 255;

/** At `@`, and at `%40`, which is `@` in a URL. */
export const email: Handler = (scan, at) => {
  const { text } = scan;
  const from = text.charCodeAt(at) === 37 ? at + 3 : at + 1;
  if (!isWordAt(text, from)) return at;
  const start = localStart(text, at);
  if (start === at) return at;
  const end = domainEnd(text, from);
  if (end === from) return at;
  // `git@github.com:owner/name` is a place, not a person.
  if (text.slice(start, at) === 'git' && text.charCodeAt(end) === COLON) return at;
  scan.found(start, end, 'email');
  return end;
};

function isWordAt(text: string, at: number): boolean {
  return isAt(text, at, ALNUM) || text.charCodeAt(at) >= 192;
}

function localStart(text: string, at: number): number {
  const limit = Math.max(0, at - MAX_LOCAL);
  let start = at;
  while (start > limit) {
    const code = text.charCodeAt(start - 1);
    const isLatin = code >= 192 && code < 592;
    if (code !== 43 && !isIn(code, LOCAL) && !isLatin) break;
    start -= 1;
  }
  while (start < at && !isWordAt(text, start) && !isAt(text, start, UNDERSCORE)) start += 1;
  return start;
}

function domainEnd(text: string, from: number): number {
  let end = runEnd(text, from, ALNUM | DOT | HYPHEN, MAX_DOMAIN);
  while (end < from + MAX_DOMAIN && text.charCodeAt(end) >= 192) {
    end = runEnd(text, end + 1, ALNUM | DOT | HYPHEN, MAX_DOMAIN);
  }
  while (end > from && !isWordAt(text, end - 1)) end -= 1;
  const domain = text.slice(from, end);
  const dot = from + domain.lastIndexOf('.');
  if (dot <= from || end - dot < 3 || domain.includes('..')) return from;
  return isAt(text, dot + 1, LETTER) || text.charCodeAt(dot + 1) >= 192 ? end : from;
}

const MAC = /^[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}$/;
const MAC_LENGTH = 17;

/** At the first separator of six pairs of hex digits. */
export const mac: Handler = (scan, at) => {
  const { text } = scan;
  const start = at - 2;
  if (text.charCodeAt(at + 3) !== text.charCodeAt(at) || start < 0) return at;
  if (isAt(text, start - 1, ALNUM | HYPHEN) || text.charCodeAt(start - 1) === COLON) return at;
  const end = start + MAC_LENGTH;
  if (isAt(text, end, ALNUM | HYPHEN) || text.charCodeAt(end) === COLON) return at;
  if (!MAC.test(text.slice(start, end))) return at;
  scan.found(start, end, 'mac');
  return end;
};

/** Eight groups, or fewer around `::`, which may end as an IPv4 address does. */
const IPV6 =
  /(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|(?:[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}){0,6})?::(?:[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}){0,6}(?:\.\d{1,3}){0,3})?/y;

/** At the first colon of an IPv6 address. */
export const ipv6: Handler = (scan, at) => {
  const { text } = scan;
  const start = runStart(text, at, HEX, 4);
  if (isAt(text, start - 1, ALNUM | UNDERSCORE | HYPHEN | DOT)) return at;
  if (text.charCodeAt(start - 1) === COLON) return at;
  IPV6.lastIndex = start;
  if (!IPV6.test(text)) return at;
  const end = IPV6.lastIndex;
  if (isAt(text, end, ALNUM | UNDERSCORE) || text.charCodeAt(end) === COLON) return at;
  if (!isSomebody(text.slice(start, end))) return at;
  scan.found(start, end, 'ip');
  return end;
};

/** `::1` and `::` are everybody's, and `a::b` is a name in a program. */
function isSomebody(address: string): boolean {
  if (!address.includes('::')) return true;
  const groups = address.split(':').filter((group) => group !== '').length;
  return groups >= 2 && groups < 8 && /\d/.test(address);
}
