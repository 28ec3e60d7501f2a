/** What stands for a finding. */

/**
 * - `mask`: the class, `[email]`
 * - `partial`: the class and the last four characters, `[card:*4242]`; a mask where that would be a third or more
 * - `hash`: the class and an HMAC, `[email:#5f2b7a90c1d3e4f6]`, equal for equal texts under one key, for joins
 * - `remove`: `[removed]`, not even the class
 */
export type Action = 'mask' | 'partial' | 'hash' | 'remove';

/** Gives the HMAC of a text as hex digits, or undefined while it is not known yet. */
export type Digest = (text: string) => string | undefined;

const PARTIAL_CHARACTERS = 4;
const MIN_PARTIAL = 12;

/** A mask, as every action writes it. */
export function standIn(action: Action, name: string, text: string, digest: Digest): string {
  if (action === 'remove') return '[removed]';
  if (action === 'hash') {
    const hex = digest(text);
    if (hex !== undefined) return `[${name}:#${hex}]`;
  }
  const letters = action === 'partial' && text.length >= MIN_PARTIAL ? lastOf(text) : '';
  return letters.length === PARTIAL_CHARACTERS ? `[${name}:*${letters}]` : `[${name}]`;
}

function lastOf(text: string): string {
  return text
    .slice(-2 * PARTIAL_CHARACTERS)
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(-PARTIAL_CHARACTERS);
}
