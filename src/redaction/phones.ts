/**
 * Telephone numbers. `+` and a country's digits, or the North American shape,
 * stand for themselves; other digits need a word near them that speaks of telephones.
 */
import { DIGIT, isAt, runEnd } from './chars.ts';
import type { Digits } from './digits.ts';

/** E.164 allows 15 digits; fewer than seven are an extension or a count. */
const MIN_DIGITS = 7;
const MAX_DIGITS = 15;
const MAX_GROUPS = 7;

const CONTEXT =
  /(?:^|[^a-z])(?:(?:tele)?phones?|tel|mobile|mob|cell(?:phone|ular)?|fax|call(?:ed|ing|back)?|dial(?:ed|ing)?|sms|texts?|text(?:ed|ing)|text (?:me|us)|whats ?app|viber|telegram|contacts?|reach (?:me|us|him|her|them)|ring|desk|office|home|hotline|helpline|landline|messages?|answering|registered|(?:my|his|her|their|your|the) number|number is|handy|telefon|telefono|teléfono|téléphone|móvil|movil|celular|portable|rufnummer|telefoon|ph|msisdn|pager|voicemail)(?:[^a-z]|$)/i;
const BEFORE = 42;
const AFTER = 14;

/** Dates, times and versions have the digits of a telephone number too. */
const DATE = /^(?:19|20)\d\d[-./ ](?:0[1-9]|1[0-2])[-./ ]|^[0-3]?\d[-./][01]?\d[-./](?:19|20)\d\d(?!\d)/;

/** Where a telephone number ends that begins with the first group, or 0. */
export function phoneEnd({ text, start, ends, sizes }: Digits, key: string): number {
  const groups = Math.min(sizes.length, MAX_GROUPS);
  let count = 0;
  let used = 0;
  while (used < groups && count + (sizes[used] ?? 0) <= MAX_DIGITS) {
    count += sizes[used] ?? 0;
    used += 1;
  }
  const end = withExtension(text, ends[used - 1] ?? start);
  const number = text.slice(start, end);
  if (count < MIN_DIGITS || DATE.test(number)) return 0;
  if (text.charAt(start - 1) === '+' || text.slice(start - 2, start) === '+(') {
    return count >= 8 && sizes[0] !== 0 && number.charAt(0) !== '0' ? end : 0;
  }
  if (isNorthAmerican(number)) return end;
  return isPlausible(number, sizes.slice(0, used)) && speaksOfPhones(text, start, end, key) ? end : 0;
}

/** (212) 555-0143, 212-555-0143, 1-212-555-0143: areas and exchanges begin with 2 to 9. */
function isNorthAmerican(number: string): boolean {
  return /^(?:1[-. ])?[2-9]\d\d(?:\) ?|[-.])[2-9]\d\d[-. ]\d{4}(?:x\d{1,5})?$/.test(number);
}

/** A time stamp and a number in thousands are no telephone numbers. */
function isPlausible(number: string, sizes: readonly number[]): boolean {
  if (sizes.length === 1) return !/^1[4-9]\d{8}$|^1[4-9]\d{11}$/.test(number);
  return sizes.every((size, group) => size > 1 || group === 0) && !/^\d{1,2}\.\d+$/.test(number);
}

function speaksOfPhones(text: string, start: number, end: number, key: string): boolean {
  if (key !== '' && CONTEXT.test(key.replace(/([a-z])([A-Z])/g, '$1 $2'))) return true;
  const near = `${text.slice(Math.max(0, start - BEFORE), start)} # ${text.slice(end, end + AFTER)}`;
  return CONTEXT.test(near);
}

function withExtension(text: string, end: number): number {
  if (text.charAt(end) !== 'x' || !isAt(text, end + 1, DIGIT)) return end;
  return runEnd(text, end + 1, DIGIT, 6);
}
