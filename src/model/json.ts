import type { Json } from './records.ts';
import { MAX_JSON_DEPTH, MAX_JSON_NODES } from './limits.ts';

/**
 * Whether a JSON text may be nested deeper than so many levels: brackets in its strings count as
 * well, so that it may be said of one that is not.
 */
export function mayNestDeeper(json: string, levels: number): boolean {
  if (json.length < 2 * levels) return false;
  let depth = 0;
  for (let at = 0; at < json.length; at += 1) {
    // `[` and `{`, `]` and `}`.
    const code = json.charCodeAt(at) & ~0x20;
    if (code === 0x5b) depth += 1;
    else if (code === 0x5d) depth -= 1;
    if (depth > levels) return true;
  }
  return false;
}

/** Whether a value is nested deeper than so many levels; told level by level, as no stack is so deep. */
export function nestsDeeper(value: Json, levels: number): boolean {
  let level: Json[] = [value];
  for (let depth = 0; depth <= levels; depth += 1) {
    level = level.flatMap((item) =>
      typeof item === 'object' && item !== null ? Object.values(item) : [],
    );
    if (level.length === 0) return false;
  }
  return true;
}

/**
 * Whether a value can be written as JSON that every reader on the way can read:
 * no cycle, no BigInt, nested no deeper than `maxDepth`. Undefined properties
 * are allowed, as JSON leaves them out.
 */
export function isPlainJson(value: unknown, maxDepth: number = MAX_JSON_DEPTH): boolean {
  // A cycle is caught by the depth, a value that refers to itself many times by the count.
  let nodes = 0;
  const visit = (node: unknown, depth: number): boolean => {
    nodes += 1;
    if (typeof node === 'bigint' || typeof node === 'function' || typeof node === 'symbol')
      return false;
    if (typeof node !== 'object' || node === null) return true;
    if (depth >= maxDepth || nodes > MAX_JSON_NODES) return false;
    const items: unknown[] = Array.isArray(node) ? node : Object.values(node);
    return items.every((item) => visit(item, depth + 1));
  };
  return visit(value, 0);
}
