/** An object with a key, a list of objects, lists or texts: prose does not begin so. */
const BEGINS_AS_JSON = /^\s*(?:\{\s*"|\[\s*[[{"]|\[object \w+\]\s*$)/;

/** A span that ends is read at once, so longer texts are left unread. */
const MAX_READ_CHARACTERS = 64_000;

/**
 * Whether a text that begins like JSON is JSON, or lines of it. Undefined for other texts and for
 * those of more than 64,000 characters, of which nothing is told.
 *
 * @example
 * ```ts
 * wholeJson('{"id": 1}'); // true
 * wholeJson('{"id": 1, "na'); // false
 * wholeJson('[INFO] 3 rows'); // undefined
 * ```
 */
export function wholeJson(text: unknown): boolean | undefined {
  if (typeof text !== 'string' || text.length > MAX_READ_CHARACTERS) return undefined;
  if (!BEGINS_AS_JSON.test(text)) return undefined;
  return parses(text) || isLines(text);
}

function isLines(text: string): boolean {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.length > 1 && lines.every(parses);
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
