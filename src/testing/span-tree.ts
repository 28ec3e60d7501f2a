/** Spans as lines of text: `kind name`, indented under their parents. */
import type { SpanRecord } from '../model/records.ts';
import { diffLines, showDiff } from './diff.ts';

/** `function lookup_order`, or only the kind where the span has no name. */
export function labelOf({ facts }: SpanRecord): string {
  // A name that a test's own policy let through is anybody's text, and this one ends up in a terminal.
  const name = facts.name?.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '·');
  return name === undefined ? facts.kind : `${facts.kind} ${name}`;
}

/** `function` means any function, `function lookup_order` that one; indentation has to agree. */
function means(expected: string, received: string): boolean {
  if (expected === received) return true;
  return !expected.trim().includes(' ') && received.startsWith(`${expected} `);
}

/**
 * The spans as an indented tree, two blanks a level. Siblings are in order of
 * start; those of one millisecond, as the clock stands still between I/O, in the order of their ends.
 */
function treeLines(spans: readonly SpanRecord[]): string[] {
  const ids = new Set(spans.map(({ id }) => id));
  const children = new Map<string | null, SpanRecord[]>();
  for (const span of spans) {
    const parent = span.parent_id !== null && ids.has(span.parent_id) ? span.parent_id : null;
    const siblings = children.get(parent) ?? [];
    siblings.push(span);
    children.set(parent, siblings);
  }
  const lines: string[] = [];
  const visit = (parent: string | null, depth: number): void => {
    const siblings = children.get(parent) ?? [];
    children.delete(parent);
    for (const span of siblings.toSorted(byStart)) {
      lines.push('  '.repeat(depth) + labelOf(span));
      visit(span.id, depth + 1);
    }
  };
  visit(null, 0);
  // Parents in a circle hang from nowhere; they are not to vanish.
  for (const parent of children.keys()) visit(parent, 0);
  return lines;
}

function byStart(a: SpanRecord, b: SpanRecord): number {
  return (a.started_at ?? '').localeCompare(b.started_at ?? '');
}

export interface Comparison {
  pass: boolean;
  /** The difference, for a reader. */
  shown: string;
}

/** @param tree lines as `treeLines` writes them, with any common indentation, blank lines aside. */
export function compareTree(tree: string, spans: readonly SpanRecord[]): Comparison {
  const lines = diffLines(dedent(tree), treeLines(spans), means);
  return { pass: lines.every(({ sign }) => sign === ' '), shown: showDiff(lines) };
}

function dedent(text: string): string[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const indents = lines.map((line) => line.length - line.trimStart().length);
  const base = Math.min(...indents);
  // A level is whatever the second line adds, so that a tree of four blanks or tabs reads as well.
  const step = Math.min(
    ...indents.map((indent) => indent - base).filter((more) => more > 0),
    Infinity,
  );
  return lines.map((line, index) => {
    const depth = step === Infinity ? 0 : ((indents[index] ?? 0) - base) / step;
    return '  '.repeat(Math.round(depth)) + line.trim();
  });
}

/** Compares without order: each expected label takes one span, names before kinds. */
export function compareSpans(labels: readonly string[], spans: readonly SpanRecord[]): Comparison {
  const left = spans.map(labelOf);
  const missing: string[] = [];
  const matched: string[] = [];
  // Labels with names first, so that `function` does not take what only `function lookup_order` can have.
  for (const label of labels.toSorted((a, b) => b.split(' ').length - a.split(' ').length)) {
    const index = left.findIndex((received) => means(label, received));
    if (index === -1) missing.push(label);
    else matched.push(...left.splice(index, 1));
  }
  const lines = [
    ...missing.map((text) => ({ sign: '-' as const, text })),
    ...left.map((text) => ({ sign: '+' as const, text })),
    ...matched.map((text) => ({ sign: ' ' as const, text })),
  ].toSorted((a, b) => a.text.localeCompare(b.text) || a.sign.localeCompare(b.sign));
  return { pass: missing.length === 0 && left.length === 0, shown: showDiff(lines) };
}
