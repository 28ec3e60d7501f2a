/**
 * The small check that every name, id and metadata value passes: does it look
 * like a credential or like personal data? It is a tripwire for the commonest
 * accidents, cheap enough for every request; the full detectors are another room.
 */

/** Published token prefixes, each with what has to follow before it counts. */
const TOKEN =
  /(?:^|[^A-Za-z0-9])(?:sk-|[spr]k_(?:live|test)_|gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|hf_|npm_|pypi-|shp(?:at|ss|ca)_|dop_v1_|SG\.|ya29\.|whsec_|xapp-)[A-Za-z0-9_.-]{10,}|(?:^|[^A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}|(?:^|[^A-Za-z0-9])AIza[A-Za-z0-9_-]{30,}|(?:^|[^A-Za-z0-9])eyJ[A-Za-z0-9_-]{8,512}\.[A-Za-z0-9_-]{8,}|-----BEGIN|(?:^|\s)(?:Bearer|Basic)\s/;

/**
 * Account and card numbers. Only a run that stands by itself counts, since hex
 * ids and UUIDs are full of digits; and from 14 on, since ids hold millisecond
 * timestamps of 13.
 */
const LONG_DIGIT_RUN =
  /(?<![A-Za-z0-9])(?:\d{14,}|\d{4}([ -])\d{4}\1\d{4}\1\d{1,7})(?![A-Za-z0-9])/;

/** Whether a value looks like a credential, an account number or an address. Linear in the input. */
export function looksSensitive(value: string): boolean {
  return value.includes('@') || LONG_DIGIT_RUN.test(value) || TOKEN.test(value);
}
