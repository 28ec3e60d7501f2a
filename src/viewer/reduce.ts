import type { SpanRecord } from '../model/records.ts';
import { buildTree, walk } from '../model/tree.ts';
import type { SpanNode } from '../model/tree.ts';
import { labelOf } from './span-words.ts';

/** What of a trace is drawn, as its address says. */
export interface View {
  /** Text that a span's kind, name, model or error must have. */
  match?: string;
  /** Only this span and what is below it. */
  from?: string;
  /** The span whose details are shown. */
  selected?: string;
  /** Of the axis, in units: `zoom=250-500`. */
  zoom?: [from: number, to: number];
}

const MAX_CHARACTERS = 300;

export function readView(params: URLSearchParams): View {
  const text = (name: string): string | undefined => {
    const value = params.get(name)?.trim();
    return value ? value.slice(0, MAX_CHARACTERS) : undefined;
  };
  const [, from = '', to = ''] = /^(\d{1,4})-(\d{1,4})$/.exec(params.get('zoom') ?? '') ?? [];
  const zoom: View['zoom'] =
    to !== '' && Number(from) < Number(to) && Number(to) <= 1_000
      ? [Number(from), Number(to)]
      : undefined;
  return { match: text('match'), from: text('from'), selected: text('span'), zoom };
}

/** The view as a query string, with some of it changed. */
export function viewSearch(view: View, patch: Partial<View> = {}): string {
  const { match, from, selected, zoom } = { ...view, ...patch };
  const params = new URLSearchParams();
  if (match !== undefined) params.set('match', match);
  if (from !== undefined) params.set('from', from);
  if (zoom !== undefined) params.set('zoom', zoom.join('-'));
  if (selected !== undefined) params.set('span', selected);
  const search = params.toString();
  return search === '' ? '' : `?${search}`;
}

/** The trees of a trace, reduced to what the view asks for, and how many spans matched. */
export function reduced(
  spans: readonly SpanRecord[],
  view: View,
): { roots: SpanNode[]; matched: number } {
  const roots = buildTree(spans);
  const below =
    view.from === undefined ? roots : [...walk(roots)].filter(({ span }) => span.id === view.from);
  if (view.match === undefined) return { roots: below, matched: 0 };
  const wanted = view.match.toLowerCase();
  const kept = new Set<SpanNode>();
  let matched = 0;
  for (const node of walk(below)) {
    if (!doesMatch(node.span, wanted)) continue;
    matched += 1;
    // What leads to a match stays, so that one sees where it is.
    for (let at: SpanNode | undefined = node; at && !kept.has(at); at = at.parent) kept.add(at);
  }
  for (const node of kept) keep(node.children, kept);
  return { roots: below.filter((node) => kept.has(node)), matched };
}

/** In place and one by one: a call takes no 100,000 arguments. */
function keep(nodes: SpanNode[], kept: ReadonlySet<SpanNode>): void {
  let length = 0;
  for (const node of nodes) {
    if (!kept.has(node)) continue;
    nodes[length] = node;
    length += 1;
  }
  nodes.length = length;
}

function doesMatch(span: SpanRecord, wanted: string): boolean {
  const { facts, error } = span;
  const failed =
    error === null ? [] : ['error', error.message, facts.error_kind, facts.error_class];
  return [
    labelOf(span),
    facts.kind,
    facts.name,
    facts.model,
    facts.finish_reason,
    span.id,
    ...failed,
  ].some((text) => typeof text === 'string' && text.toLowerCase().includes(wanted));
}
