import type { SpanRecord } from './records.ts';

/** A span with those below it, in the order of the list that it came in. */
export interface SpanNode {
  readonly span: SpanRecord;
  readonly children: SpanNode[];
  parent: SpanNode | undefined;
}

/**
 * The spans as trees, in time linear in their number. A span whose parent is not among
 * them, or is below it, is a root, so that none is hidden: stored parents may be anything.
 */
export function buildTree(spans: readonly SpanRecord[]): SpanNode[] {
  const nodes = new Map<string, SpanNode>();
  for (const span of spans) nodes.set(span.id, { span, children: [], parent: undefined });
  const roots: SpanNode[] = [];
  for (const node of nodes.values()) {
    const parent = node.span.parent_id === null ? undefined : nodes.get(node.span.parent_id);
    if (!parent || parent === node) {
      roots.push(node);
      continue;
    }
    node.parent = parent;
    parent.children.push(node);
  }
  const reached = new Set<SpanNode>();
  for (const root of roots) reach(root, reached);
  const circles = circlesAmong(nodes.values(), reached);
  for (const node of nodes.values()) {
    // A circle hangs from nowhere: it is cut before the first of it that comes, and all that hangs from it stays.
    if (reached.has(node) || !circles.has(node)) continue;
    node.parent?.children.splice(node.parent.children.indexOf(node), 1);
    node.parent = undefined;
    roots.push(node);
    reach(node, reached);
  }
  return roots;
}

/** Those of what no root reaches that are above themselves. Each is passed once. */
function circlesAmong(
  nodes: Iterable<SpanNode>,
  reached: ReadonlySet<SpanNode>,
): ReadonlySet<SpanNode> {
  const circles = new Set<SpanNode>();
  const passed = new Set<SpanNode>();
  for (const node of nodes) {
    if (reached.has(node)) continue;
    const way = new Set<SpanNode>();
    let at: SpanNode | undefined = node;
    for (; at && !passed.has(at); at = at.parent) {
      passed.add(at);
      way.add(at);
    }
    // Where the way comes back to itself, the rest of it is a circle.
    for (; at && way.has(at) && !circles.has(at); at = at.parent) circles.add(at);
  }
  return circles;
}

function reach(root: SpanNode, reached: Set<SpanNode>): void {
  for (const node of walk([root])) reached.add(node);
}

/** Every node, parents before their children, siblings in order. */
export function* walk(roots: readonly SpanNode[]): Generator<SpanNode> {
  const stack = roots.toReversed();
  for (let node = stack.pop(); node; node = stack.pop()) {
    yield node;
    for (let index = node.children.length - 1; index >= 0; index -= 1) {
      stack.push(node.children[index] as SpanNode);
    }
  }
}
