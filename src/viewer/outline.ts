import { walk } from '../model/tree.ts';
import type { SpanNode } from '../model/tree.ts';

/** Rows that a page renders at once: more make a browser slow, fewer hide what is there. */
const MAX_ROWS = 400;

/** Rows that are rendered on the way to the selected span, beyond those that are open anyway. */
const MAX_ROWS_OF_WAY = 1_000;

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

/** Stands for spans that are each below the other, where the way to the selected one is long. */
export interface GapRow {
  level: number;
  /** How many of the way are left out. */
  between: number;
  /** The first of them. */
  from: SpanNode;
}

export type Row = SpanRow | MoreRow | GapRow;

/**
 * The rows that a page begins with: spans are opened level by level while there is room,
 * and the way to the selected one in any case, if need be with a gap in it.
 */
export function outline(roots: readonly SpanNode[], selected: string | undefined): Row[] {
  const way = wayTo(roots, selected);
  const open = openedFrom(roots);
  const gap = openWay(way, open);
  return openRows(roots, { open, gap, way: new Set(way) });
}

interface Shape {
  open: ReadonlySet<SpanNode>;
  way: ReadonlySet<SpanNode>;
  gap: Gap | undefined;
}

/** What is left out of a way: all between two spans, of which the lower is shown below the upper. */
interface Gap {
  above: SpanNode;
  below: SpanRow;
  row: GapRow;
}

function openedFrom(roots: readonly SpanNode[]): Set<SpanNode> {
  const open = new Set<SpanNode>();
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
  return open;
}

/** Opens the way from its end, as far as there is room, and says what that leaves out. */
function openWay(way: readonly SpanNode[], open: Set<SpanNode>): Gap | undefined {
  const top = way.findIndex((node) => !open.has(node));
  if (top === -1) return undefined;
  let room = MAX_ROWS_OF_WAY;
  let at = way.length;
  while (at > top && room > 0) {
    at -= 1;
    const node = way[at] as SpanNode;
    open.add(node);
    room -= Math.min(node.children.length, ROWS_A_STEP);
  }
  const [above, from, below] = [way[top], way[top + 1], way[at]];
  if (at === top || !above || !from || !below) return undefined;
  if (from === below) {
    open.add(above);
    return undefined;
  }
  const row = { level: top + 2, between: at - top - 1, from };
  return { above, row, below: rowOf(below, at + 1) };
}

function openRows(roots: readonly SpanNode[], { open, gap, way }: Shape): Row[] {
  const rows: Row[] = [];
  const stack: Row[] = siblings(roots, undefined, 1, way).toReversed();
  for (let row = stack.pop(); row; row = stack.pop()) {
    rows.push(row);
    if (!('node' in row) || row.isOpen === undefined) continue;
    row.isOpen = open.has(row.node) || row.node === gap?.above;
    if (row.node === gap?.above) stack.push(gap.below, gap.row);
    else if (row.isOpen)
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
  const rows = nodes.slice(first, end).map((node): Row => rowOf(node, level));
  const stop = Math.min(last, nodes.length);
  return end < stop ? [...rows, { parent, level, first: end, last: stop }] : rows;
}

function rowOf(node: SpanNode, level: number): SpanRow {
  return { node, level, isOpen: node.children.length > 0 ? false : undefined };
}

/** From one of the roots to the selected span, which is the last. */
function wayTo(roots: readonly SpanNode[], id: string | undefined): SpanNode[] {
  const way: SpanNode[] = [];
  if (id === undefined) return way;
  const tops = new Set(roots);
  for (const node of walk(roots)) {
    if (node.span.id !== id) continue;
    // What is drawn may be a part of a tree, whose root has a parent.
    for (let at: SpanNode | undefined = node; at; at = tops.has(at) ? undefined : at.parent)
      way.push(at);
    break;
  }
  return way.toReversed();
}
