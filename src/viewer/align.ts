import type { SpanNode } from '../model/tree.ts';
import { walk } from '../model/tree.ts';
import { labelOf } from './span-words.ts';

/** A step of one trace beside the step of another that it corresponds to. */
export interface Pair {
  left?: AlignedSpan;
  right?: AlignedSpan;
}

export interface AlignedSpan {
  node: SpanNode;
  level: number;
}

/** Steps of each trace that are compared: the table of common parts grows with their product. */
const MAX_STEPS = 1_000;

/**
 * Aligns the spans of two traces by what they are: the longest common sequence of kind,
 * name and depth. What only one of them has stands alone.
 *
 * @returns the pairs in order, and whether all steps were compared
 */
export function align(
  left: readonly SpanNode[],
  right: readonly SpanNode[],
): { pairs: Pair[]; complete: boolean } {
  const [a, b] = [stepsOf(left), stepsOf(right)];
  const complete = a.length <= MAX_STEPS && b.length <= MAX_STEPS;
  return { pairs: pairUp(a.slice(0, MAX_STEPS), b.slice(0, MAX_STEPS)), complete };
}

interface Step extends AlignedSpan {
  key: string;
}

function stepsOf(roots: readonly SpanNode[]): Step[] {
  const levels = new Map<SpanNode, number>();
  return [...walk(roots)].map((node) => {
    const level = (node.parent ? (levels.get(node.parent) ?? 0) : 0) + 1;
    levels.set(node, level);
    return { node, level, key: `${level} ${node.span.facts.kind} ${labelOf(node.span)}` };
  });
}

function pairUp(a: readonly Step[], b: readonly Step[]): Pair[] {
  const width = b.length + 1;
  // What is common to the rest from here on, filled from the end.
  const common = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const at = i * width + j;
      common[at] =
        a[i]?.key === b[j]?.key
          ? (common[at + width + 1] ?? 0) + 1
          : Math.max(common[at + width] ?? 0, common[at + 1] ?? 0);
    }
  }
  const pairs: Pair[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]];
    if (left && right && left.key === right.key) {
      pairs.push({ left, right });
      i += 1;
      j += 1;
      continue;
    }
    const below = common[(i + 1) * width + j] ?? 0;
    const beside = common[i * width + j + 1] ?? 0;
    if (left && (!right || below >= beside)) {
      pairs.push({ left });
      i += 1;
    } else {
      pairs.push(right ? { right } : {});
      j += 1;
    }
  }
  return pairs;
}
