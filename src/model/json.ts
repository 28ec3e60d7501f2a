import { MAX_JSON_DEPTH, MAX_JSON_NODES } from './limits.ts';

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
