/** A stored trace as a tree in at most 80 columns: what ran, how long, which tokens, what failed. */
import type { SpanRecord } from '../../src/model/records.ts';
import type { StoredTraceWithSpans } from '../../src/model/store.ts';
import type { Output } from './output.ts';

const LABEL_COLUMNS = 38;
const DURATION_COLUMNS = 9;
const TOKENS_COLUMNS = 12;
const WIDTH = 80;

interface Node {
  span: SpanRecord;
  children: Node[];
}

type Nodes = ReadonlyMap<string, Node>;

const parentOf = (node: Node, nodes: Nodes): Node | undefined =>
  node.span.parent_id === null ? undefined : nodes.get(node.span.parent_id);

/** Whether a node's ancestors lead back to it. */
function isOwnAncestor(node: Node, nodes: Nodes): boolean {
  const seen = new Set<Node>();
  for (let at = parentOf(node, nodes); at && !seen.has(at); at = parentOf(at, nodes)) {
    if (at === node) return true;
    seen.add(at);
  }
  return false;
}

/** A span whose parent is not stored, or is below it, hangs from the root, so that none is hidden. */
function buildTree(spans: readonly SpanRecord[]): Node[] {
  const nodes: Nodes = new Map(spans.map((span) => [span.id, { span, children: [] }]));
  const roots: Node[] = [];
  for (const node of nodes.values()) {
    const parent = isOwnAncestor(node, nodes) ? undefined : parentOf(node, nodes);
    (parent?.children ?? roots).push(node);
  }
  return roots;
}

const printable = (text: string): string => text.replace(/\p{C}/gu, '?');

function cut(text: string, columns: number): string {
  const characters = Array.from(text);
  return characters.length > columns ? `${characters.slice(0, columns - 1).join('')}…` : text;
}

function labelOf({ facts }: SpanRecord): string {
  if (facts.kind === 'handoff')
    return `handoff ${facts.handoff_from ?? '?'} → ${facts.handoff_to ?? '?'}`;
  if (facts.outcome)
    return `outcome ${facts.outcome.name} ${facts.outcome.passed ? 'passed' : 'failed'}`;
  if (facts.kind === 'turn' && facts.turn !== undefined) return `turn ${facts.turn}`;
  return [facts.kind, facts.name ?? facts.model ?? ''].join(' ').trim();
}

export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return '';
  return ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function durationOf({ started_at, ended_at }: SpanRecord): string {
  if (started_at === null || ended_at === null) return 'open';
  return formatDuration(Date.parse(ended_at) - Date.parse(started_at));
}

/** Only where they count: a turn and a task repeat what is below them. */
function tokensOf({ facts }: SpanRecord): string {
  if (!facts.usage || !facts.counts_usage) return '';
  return `${facts.usage.input_tokens ?? '?'} → ${facts.usage.output_tokens ?? '?'}`;
}

function noteOf({ facts, error }: SpanRecord): string {
  if (facts.guardrail_triggered) return 'tripped';
  if (facts.error_kind ?? error) return facts.error_kind ?? 'error';
  return facts.truncated ? 'truncated' : '';
}

function spanLine(prefix: string, span: SpanRecord, output: Output): string {
  const label = cut(prefix + printable(labelOf(span)), LABEL_COLUMNS).padEnd(LABEL_COLUMNS);
  const duration = durationOf(span).padStart(DURATION_COLUMNS);
  const tokens = tokensOf(span).padStart(TOKENS_COLUMNS);
  const plain = `${label}${duration}${tokens}`;
  const note = cut(noteOf(span), WIDTH - plain.length - 4);
  return note === '' ? plain.trimEnd() : `${plain}  ${output.paint('red', `✗ ${note}`)}`;
}

function drawNodes(nodes: readonly Node[], indent: string, output: Output): void {
  nodes.forEach((node, index) => {
    const last = index === nodes.length - 1;
    output.line(spanLine(`${indent}${last ? '└─ ' : '├─ '}`, node.span, output));
    drawNodes(node.children, `${indent}${last ? '   ' : '│  '}`, output);
  });
}

export const counted = (count: number, what: string): string =>
  `${count} ${what}${count === 1 ? '' : 's'}`;

export function printTree(title: string, trace: StoredTraceWithSpans, output: Output): void {
  const colour = trace.status === 'ok' ? 'green' : 'red';
  const facts = [
    formatDuration(trace.endedAt - trace.startedAt),
    counted(trace.spanCount, 'span'),
    `${trace.inputTokens} → ${trace.outputTokens} tokens`,
    ...(trace.errorCount > 0 ? [counted(trace.errorCount, 'error')] : []),
    ...(trace.missing > 0 ? [`${counted(trace.missing, 'span')} missing`] : []),
  ];
  output.line(
    `${output.paint('bold', title)}  ${output.paint(colour, trace.status)}  ${facts.join(', ')}`,
  );
  const group = trace.groupId === null ? '' : `  group ${trace.groupId}`;
  output.line(output.paint('dim', cut(`${trace.traceId}${printable(group)}`, WIDTH)));
  drawNodes(buildTree(trace.spans), '', output);
  output.line();
}
