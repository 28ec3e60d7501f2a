/** Payment cards: the issuer's range, the length, the check digit. */
import { passesLuhn } from './checksums.ts';
import type { Digits } from './digits.ts';

/** ISO/IEC 7812 issuers: Visa, Mastercard, American Express, Discover, Diners, JCB, UnionPay, Maestro, Mir, RuPay. */
const ISSUER =
  /^(?:4(?:\d{12}|\d{15}|\d{18})$|5[1-5]\d{14}$|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}$|220[0-4]\d{12,15}$|3[47]\d{13}$|(?:6011|64[4-9]\d|65\d\d)\d{12,15}$|3(?:0[0-5]|095|[689]\d)\d{11,16}$|35(?:2[89]|[3-8]\d)\d{12,15}$|(?:2131|1800)\d{11}$|62\d{14,17}$|(?:50|5[6-9]|6\d)\d{10,17}$|8[12]\d{14}$)/;

/** What lets a number pass that belongs to no issuer known here. */
const CONTEXT = /(?:^|[^a-z])(?:card|credit|debit|visa|master ?card|amex|ccnum|cc|pan)(?:[^a-z]|$)/i;
const BEFORE = 32;

const MIN_DIGITS = 12;
const MAX_DIGITS = 19;

/** Where a card number ends that begins with the first group, or 0. */
export function cardEnd({ text, start, ends, sizes }: Digits, key: string): number {
  let count = 0;
  for (let group = 0; group < sizes.length; group += 1) {
    count += sizes[group] ?? 0;
    if (count > MAX_DIGITS) return 0;
    const end = ends[group] ?? start;
    if (count < MIN_DIGITS || !isGrouped(sizes, group)) continue;
    const number = text.slice(start, end);
    const digits = number.replace(/[ \u00a0-]/g, '');
    if (digits.length !== count || !passesLuhn(digits)) continue;
    if (ISSUER.test(digits) || speaksOfCards(text, start, key)) return end;
  }
  return 0;
}

function speaksOfCards(text: string, start: number, key: string): boolean {
  return CONTEXT.test(key) || CONTEXT.test(text.slice(Math.max(0, start - BEFORE), start));
}

/** Cards are written in one piece, in fours, or as 4-6-5 and 4-6-4. */
function isGrouped(sizes: readonly number[], last: number): boolean {
  if (last === 0) return true;
  const shape = sizes.slice(0, last + 1);
  if (shape.join('-') === '4-6-5' || shape.join('-') === '4-6-4') return true;
  return shape.every((size, group) => (group < last ? size === 4 : size <= 4));
}
