/** International bank account numbers: country, length, check digits. */
import { ALNUM, DIGIT, isAt } from './chars.ts';
import { passesMod97 } from './checksums.ts';
import type { Handler } from './finding.ts';

/** Lengths, each with its countries, from SWIFT's IBAN registry. */
const REGISTRY =
  '15NO16BE18DKFIFKFOGLNLSD19MKSI20ATBAEEKZLTLUMNXK21CHHRLILV22BGBHCRDEGBGEIEMERSVA23AEGIILIQOMSOTL24ADCZESMDPKROSASESKTNVG25LYPTST26ISTR27BIDJFRGRITMCMRSM28ALAZBYCYDOGTHNHULBNIPLSV29BREGPSQAUA30JOKWMUYE31MTSC32LC33RU';

const MAX_BLANKS = 10;

/** At the first digit behind the two letters of a country. */
export const iban: Handler = (scan, at) => {
  const { text } = scan;
  if (!isAt(text, at + 1, DIGIT)) return at;
  const start = at - 2;
  const length = LENGTHS.get(text.slice(start, at)) ?? 0;
  let compact = '';
  let end = start;
  while (compact.length < length && end - start < length + MAX_BLANKS) {
    if (isAt(text, end, ALNUM)) compact += text.charAt(end);
    else if (!' -\u00a0'.includes(text.charAt(end)) || end >= text.length) return at;
    end += 1;
  }
  const isAccount = compact.length === length && !isAt(text, end, ALNUM) && passesMod97(compact);
  return isAccount ? scan.found(start, end, 'iban') : at;
};

/** How long the account numbers of each country are, by its letters in both cases. */
const LENGTHS: ReadonlyMap<string, number> = /* @__PURE__ */ new Map(
  (REGISTRY.match(/\d+\D+/g) ?? []).flatMap((group) =>
    (group.match(/[A-Z]{2}/g) ?? []).flatMap((country): [string, number][] => [
      [country, Number.parseInt(group, 10)],
      [country.toLowerCase(), Number.parseInt(group, 10)],
    ]),
  ),
);

/** What account numbers begin with. */
export const COUNTRIES: readonly string[] = /* @__PURE__ */ [...LENGTHS.keys()];
