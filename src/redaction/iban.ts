/** International bank account numbers: country, length, check digits. */
import { ALNUM, isAt } from './chars.ts';
import { passesMod97 } from './checksums.ts';
import type { Handler } from './finding.ts';

/** Country and length, from SWIFT's IBAN registry. */
const REGISTRY =
  'AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30';

const MAX_BLANKS = 10;

/** At two letters and a digit. */
export const iban: Handler = (scan, start) => {
  const { text } = scan;
  const length = lengthOf(text.slice(start, start + 2).toUpperCase());
  let compact = '';
  let end = start;
  while (compact.length < length && end - start < length + MAX_BLANKS) {
    if (isAt(text, end, ALNUM)) compact += text.charAt(end);
    else if (!' -\u00a0'.includes(text.charAt(end)) || end >= text.length) return start;
    end += 1;
  }
  const isAccount = compact.length === length && !isAt(text, end, ALNUM) && passesMod97(compact);
  return isAccount ? scan.found(start, end, 'iban') : start;
};

/** Each country with each first digit, in both cases: what an account number may begin with. */
export const ACCOUNTS: readonly string[] = /* @__PURE__ */ accounts();

function accounts(): string[] {
  return (REGISTRY.match(/[A-Z]{2}/g) ?? []).flatMap((country) =>
    Array.from('0123456789').flatMap((digit) => [country + digit, country.toLowerCase() + digit]),
  );
}

function lengthOf(country: string): number {
  for (let place = 0; place < REGISTRY.length; place += 4) {
    if (REGISTRY.startsWith(country, place)) return Number(REGISTRY.slice(place + 2, place + 4));
  }
  return 0;
}
