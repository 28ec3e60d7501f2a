import { toHex } from '../model/hmac.ts';

/** Fresh randomness, as hex. */
export function randomHex(bytes: number): string {
  return toHex(crypto.getRandomValues(new Uint8Array(bytes)));
}
