import { hmacHex } from '../model/hmac.ts';
import { FINGERPRINT_HEX_DIGITS } from '../model/limits.ts';

/** Makes the keyed fingerprint of a value's JSON. */
export type Fingerprint = (json: string) => Promise<string>;

/**
 * Equal values get equal fingerprints under the same key, so that repeats and
 * loops can be seen without the values. JSON is compared as data: a model that
 * writes the same arguments in another order repeats itself all the same.
 */
export function fingerprintWith(key: CryptoKey): Fingerprint {
  return (json) => hmacHex(key, canonical(json), FINGERPRINT_HEX_DIGITS);
}

/** Past this the order of keys is not worth its cost. */
const MAX_CANONICAL_CHARACTERS = 64_000;

/** Tool arguments and outputs are JSON inside a string, so a string that is JSON is read as well. */
function canonical(json: string): string {
  // Most content is plain text, and to find that out by parsing costs as much as the hash.
  if (json.length > MAX_CANONICAL_CHARACTERS || !/^\s*["[{]/.test(json)) return json;
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'string' ? canonical(value) : JSON.stringify(value, inOrder);
  } catch {
    // No JSON, or nested too deep to walk: the text as it stands is still a sound basis.
    return json;
  }
}

function inOrder(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
