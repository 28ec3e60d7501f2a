export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** An object with a key, a list of objects, lists or texts, or what `String(value)` makes of an object: prose does not begin so. */
const BEGINS_AS_JSON = /^\s*(\[\s*["[{]|{\s*"|\[object )/;

/**
 * Whether a text that begins like JSON is JSON, or lines of it. Undefined for other texts, of
 * which nothing can be told.
 *
 * @example
 * ```ts
 * wholeJson('{"id": 1}'); // true
 * wholeJson('{"id": 1, "na'); // false
 * wholeJson('[INFO] 3 rows'); // undefined
 * ```
 */
export function wholeJson(text: unknown): boolean | undefined {
  return typeof text === 'string' && BEGINS_AS_JSON.test(text)
    ? isJson(text) || text.trim().split(/\n+/).every(isJson)
    : undefined;
}
