/**
 * Telephone numbers. `+` and a country's digits, or the North American shape,
 * stand for themselves; other digits need a word near them that speaks of telephones.
 */
import { speaks } from './finding.ts';
import type { Scan } from './finding.ts';

const CONTEXT =
  /(?:^|[^a-z])(?:(?:tele)?phones?|tel|mobile|mob|cell(?:phone|ular)?|fax|call(?:ed|ing|back)?|dial(?:ed|ing)?|sms|text(?:s|ed|ing)?|whats ?app|viber|contacts?|reach (?:me|us|him|her|them)|ring|desk|office|home|hotline|helpline|landline|messages?|answering|registered|(?:my|his|her|their|your|the) number|number is|handy|telefono?|teléfono|téléphone|m[oó]vil|celular|rufnummer|telefoon|ph|msisdn|pager|voicemail)(?:[^a-z]|$)/i;
const BEFORE = 42;
const AFTER = 14;

/** Dates have the digits of a telephone number too. */
const DATE =
  /^(?:19|20)\d\d[-. ](?:0[1-9]|1[0-2])[-. ]|^[0-3]?\d[-.][01]?\d[-.](?:19|20)\d\d(?!\d)/;
/** (212) 555-0143, 212-555-0143, 1-212-555-0143: areas and exchanges begin with 2 to 9. */
export const NORTH_AMERICAN: RegExp = /^(?:1[-. ])?[2-9]\d\d(?:\) ?|[-.])[2-9]\d\d[-. ]\d{4}(?!\d)/;
/** Time stamps, decimals, and digits one by one. */
const OTHER = /^1[4-9]\d{8}(?:\d{3})?$|^\d{1,2}\.\d+$|\D\d\D\d(?!\d)/;

const MIN_DIGITS = 7;

/** Whether digits with their separators, which stand at a place of a text, are a telephone number. */
export function isPhone(scan: Scan, number: string, start: number, end: number): boolean {
  const { text } = scan;
  const count = number.replace(/\D/g, '').length;
  if (count < MIN_DIGITS || DATE.test(number)) return false;
  if (text.charAt(start) === '+') return count > MIN_DIGITS && !number.startsWith('0');
  if (NORTH_AMERICAN.test(number)) return true;
  if (OTHER.test(number)) return false;
  // The number stands between what is before and behind it, and is no word.
  return speaks(scan, end + AFTER, BEFORE + AFTER + end - start, CONTEXT);
}
