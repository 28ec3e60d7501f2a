/** A secret of at least 16 characters, or a `CryptoKey` for HMAC with the `sign` usage. */
export type HmacKey = string | CryptoKey;

const MIN_KEY_CHARACTERS = 16;
const encoder = new TextEncoder();

/** What a key has to be, for messages. */
export const HMAC_KEY_RULE: string = `must be a secret of at least ${MIN_KEY_CHARACTERS} characters or an HMAC CryptoKey that may sign`;

export function isHmacKey(key: unknown): key is HmacKey {
  if (typeof key === 'string') return key.length >= MIN_KEY_CHARACTERS;
  return key instanceof CryptoKey && key.algorithm.name === 'HMAC' && key.usages.includes('sign');
}

export async function importHmacKey(key: HmacKey): Promise<CryptoKey> {
  if (typeof key !== 'string') return key;
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  return crypto.subtle.importKey('raw', encoder.encode(key), algorithm, false, ['sign']);
}

/** HMAC-SHA-256 of a text, as the first `hexDigits` hex digits. */
export async function hmacHex(key: CryptoKey, text: string, hexDigits: number): Promise<string> {
  const signature = await crypto.subtle.sign('HMAC', key, encoder.encode(text));
  return toHex(new Uint8Array(signature)).slice(0, hexDigits);
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
