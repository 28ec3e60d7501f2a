/** What can be said of content that may be here, may be cut, or may be a fingerprint only. */
import type { Json } from '../model/records.ts';
import { fieldsOf } from './step.ts';

/** Past this the order of keys is not worth its cost; the policy's fingerprints stop there as well. */
const MAX_CANONICAL_CHARACTERS = 64_000;

/** JSON of an empty text. Where the SDK withholds content it leaves one. */
const EMPTY_BYTES = 2;

/**
 * A key that equal values share, under each policy: of the value itself, or of the fingerprint
 * that stands for it. Undefined where nothing is known of the value.
 */
export function contentKey(value: Json | undefined): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const { $dropped, $cut, bytes, fingerprint } = fieldsOf(value);
  if ($dropped !== undefined) {
    const isKnown = typeof fingerprint === 'string' && typeof bytes === 'number';
    // The bytes are of the value as it was written, which spaces and the order of keys change.
    return isKnown && bytes > EMPTY_BYTES ? fingerprint : undefined;
  }
  if (typeof $cut === 'string') return `${$cut} ${String(bytes)}`;
  return typeof value === 'string' ? canonicalText(value) : stringified(value);
}

function canonicalText(text: string): string {
  if (text.length > MAX_CANONICAL_CHARACTERS || !/^\s*["[{]/.test(text)) return text;
  const parsed = parsedJson(text);
  return parsed === undefined ? text : (stringified(parsed) ?? text);
}

function stringified(value: Json): string | undefined {
  try {
    return inOrder(value);
  } catch {
    // Nested deeper than the stack; two such values are not compared.
    return undefined;
  }
}

/** JSON whose keys are in one order. A replacer of `JSON.stringify` would copy each object first. */
function inOrder(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(inOrder).join()}]`;
  const keys = Object.keys(value).toSorted();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${inOrder(value[key] as Json)}`).join()}}`;
}

function parsedJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
