/**
 * Cuts a JSON value to a number of bytes in one pass. What comes first stays,
 * types stay, so that a destination that checks them accepts the rest, and every
 * place where something was left out says so.
 */
import { byteLength, clipToJsonBytes, jsonBytes } from '../model/bytes.ts';
import type { Json } from '../model/records.ts';

/** Closes a string that was cut. */
const STRING_MARK = '… [cut]';
/** The key, or the string item, that says what a container lost. */
const CONTAINER_MARK = '$cut';
/** Room for a mark and the closing brackets; every container keeps it free. */
const MARK_BYTES = 48;
/** Deeper than any real record, far from the end of the stack. */
const MAX_DEPTH = 200;

/**
 * @param maxBytes UTF-8 bytes that the result's JSON may take, at least 64.
 * @returns the value itself where it fits.
 */
export function cutJson(value: Json, maxBytes: number): Json {
  const json = JSON.stringify(value);
  if (byteLength(json) <= maxBytes) return value;
  // What is walked is what would be sent: undefined fields and the like are gone.
  return take(JSON.parse(json) as Json, { left: maxBytes }, 0);
}

interface Budget {
  left: number;
}

function take(value: Json, budget: Budget, depth: number): Json {
  if (typeof value === 'string') return takeString(value, budget);
  if (value === null || typeof value !== 'object') {
    budget.left -= byteLength(JSON.stringify(value));
    return value;
  }
  budget.left -= MARK_BYTES;
  if (Array.isArray(value)) return takeArray(value, budget, depth + 1);
  return takeObject(value, budget, depth + 1);
}

function takeArray(items: Json[], budget: Budget, depth: number): Json[] {
  const taken: Json[] = [];
  for (const item of items) {
    if (!hasRoom(item, budget, depth)) break;
    budget.left -= 1;
    taken.push(take(item, budget, depth));
  }
  if (taken.length === items.length) return taken;
  const mark = `${items.length - taken.length} of ${items.length} items`;
  // Lists of names hold strings only, and are checked for it.
  taken.push(
    typeof items[0] === 'string' ? `${CONTAINER_MARK}: ${mark}` : { [CONTAINER_MARK]: mark },
  );
  return taken;
}

function takeObject(value: { [key: string]: Json }, budget: Budget, depth: number): Json {
  const taken: [string, Json][] = [];
  const entries = Object.entries(value);
  for (const [key, item] of entries) {
    const keyBytes = jsonBytes(key) + 2;
    if (keyBytes > budget.left) break;
    budget.left -= keyBytes;
    if (!hasRoom(item, budget, depth)) break;
    taken.push([key, take(item, budget, depth)]);
  }
  if (taken.length < entries.length) {
    taken.push([CONTAINER_MARK, `${entries.length - taken.length} of ${entries.length} fields`]);
  }
  return Object.fromEntries(taken);
}

/** Whether the least that can be left of a value still fits. */
function hasRoom(item: Json, budget: Budget, depth: number): boolean {
  const isContainer = item !== null && typeof item === 'object';
  return isContainer ? depth < MAX_DEPTH && budget.left > 2 * MARK_BYTES : budget.left > MARK_BYTES;
}

function takeString(text: string, budget: Budget): string {
  const bytes = jsonBytes(text);
  if (bytes <= budget.left) {
    budget.left -= bytes;
    return text;
  }
  const kept = clipToJsonBytes(text, budget.left - byteLength(STRING_MARK));
  budget.left = 0;
  return kept + STRING_MARK;
}
