import type { SpanNode } from '../model/tree.ts';

/** Rows that a page renders at once: more make a browser slow, fewer hide what is there. */
const MAX_ROWS = 400;

/** Rows of one span's children that are rendered at once. */
const ROWS_A_STEP = 200;

/** How many of its siblings come before the selected span, where not all of them do. */
const ROWS_BEFORE_SELECTED = 10;

/** One span's row in the waterfall. */
export interface SpanRow {
  node: SpanNode;
  /** 1 for what has nothing above it. */
  level: number;
  /** Whether the rows of its children follow; undefined where it has none. */
  isOpen: boolean | undefined;
}

/** Stands for siblings that have no row yet. */
export interface MoreRow {
  parent: SpanNode | undefined;
  level: number;
  /** The first of them, and the one after the last. */
  first: number;
  last: number;
}

export type Row = SpanRow | MoreRow;

/**
 * The rows that a page begins with: spans are opened level by level while there is room,
 * and the way to the selected one in any case.
 */
export function outline(roots: readonly SpanNode[], selected: string | undefined): Row[] {
  const way = wayTo(roots, selected);
  const open = new Set(way);
  let room = MAX_ROWS - roots.length;
  for (let level = [...roots]; level.length > 0 && room > 0;) {
    const next: SpanNode[] = [];
    for (const node of level) {
      if (node.children.length === 0 || node.children.length > room) continue;
      room -= node.children.length;
      open.add(node);
      next.push(...node.children);
    }
    level = next;
  }
  return openRows(roots, open, way);
}

function openRows(
  roots: readonly SpanNode[],
  open: ReadonlySet<SpanNode>,
  way: ReadonlySet<SpanNode>,
): Row[] {
  const rows: Row[] = [];
  const stack: Row[] = siblings(roots, undefined, 1, way).toReversed();
  for (let row = stack.pop(); row; row = stack.pop()) {
    rows.push(row);
    if (!('node' in row) || row.isOpen === undefined || !open.has(row.node)) continue;
    row.isOpen = true;
    stack.push(...siblings(row.node.children, row.node, row.level + 1, way).toReversed());
  }
  return rows;
}

/** All of a few siblings, or a window of many: from the first, or around the one that leads to the selected. */
function siblings(
  nodes: readonly SpanNode[],
  parent: SpanNode | undefined,
  level: number,
  way: ReadonlySet<SpanNode>,
): Row[] {
  const wanted = nodes.length > ROWS_A_STEP ? nodes.findIndex((node) => way.has(node)) : -1;
  const first = Math.max(0, wanted - ROWS_BEFORE_SELECTED);
  const rest = rowsBetween(nodes, parent, level, first, nodes.length);
  return first === 0 ? rest : [{ parent, level, first: 0, last: first }, ...rest];
}

/** Closed rows of siblings, as many as a step has, and one that stands for those after them. */
export function rowsBetween(
  nodes: readonly SpanNode[],
  parent: SpanNode | undefined,
  level: number,
  first: number,
  last: number,
): Row[] {
  const end = Math.min(last, nodes.length, first + ROWS_A_STEP);
  const rows = nodes
    .slice(first, end)
    .map((node): Row => ({ node, level, isOpen: node.children.length > 0 ? false : undefined }));
  const stop = Math.min(last, nodes.length);
  return end < stop ? [...rows, { parent, level, first: end, last: stop }] : rows;
}

/** The selected span and those above it. */
function wayTo(roots: readonly SpanNode[], id: string | undefined): ReadonlySet<SpanNode> {
  const way = new Set<SpanNode>();
  const stack = id === undefined ? [] : [...roots];
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (node.span.id === id) {
      for (let at: SpanNode | undefined = node; at; at = at.parent) way.add(at);
      break;
    }
    for (const child of node.children) stack.push(child);
  }
  return way;
}
