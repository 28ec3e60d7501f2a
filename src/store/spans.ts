import type { SpanRecord } from '../model/records.ts';
import { parseJson } from './json.ts';

/** A span with where it was stored, as spans of one millisecond keep the order in which they ended. */
interface Placed {
  span: SpanRecord;
  chunk: string;
  index: number;
}

/** Puts the spans of a trace's chunks together. What cannot be read is left out and counted. */
export class SpanCollector {
  /** Chunks and spans that are not what a store writes. */
  unreadable = 0;
  readonly #byId = new Map<string, Placed>();

  /** @param stored the chunk's `spans` column */
  add(chunk: string, stored: unknown): void {
    const items = typeof stored === 'string' ? parseJson(stored) : undefined;
    if (!Array.isArray(items)) {
      this.unreadable += 1;
      return;
    }
    for (const [index, item] of items.entries()) this.#addSpan(item, chunk, index);
  }

  #addSpan(item: unknown, chunk: string, index: number): void {
    if (!isSpan(item)) {
      this.unreadable += 1;
      return;
    }
    const known = this.#byId.get(item.id);
    if (!known || isFuller(item, known.span)) this.#byId.set(item.id, { span: item, chunk, index });
  }

  /** In order of start; of equal starts parents first, then as they were stored. */
  spans(): SpanRecord[] {
    const placed = [...this.#byId.values()];
    const depths = this.#depths();
    const depth = ({ span }: Placed): number => depths.get(span.id) ?? 0;
    placed.sort(
      (a, b) =>
        startOf(a.span) - startOf(b.span) ||
        depth(a) - depth(b) ||
        byChunk(a.chunk, b.chunk) ||
        a.index - b.index,
    );
    return placed.map(({ span }) => span);
  }

  /** How many ancestors of each are known: those in a circle are each other's, so they have none. */
  #depths(): Map<string, number> {
    const depths = new Map<string, number>();
    for (const id of this.#byId.keys()) {
      const above = new Set<string>();
      let next: string | null = id;
      while (next !== null && !depths.has(next) && !above.has(next)) {
        above.add(next);
        next = this.#byId.get(next)?.span.parent_id ?? null;
      }
      const end = next;
      let depth = end === null ? 0 : (depths.get(end) ?? 0);
      let isInCircle = end !== null && above.has(end);
      for (const ancestor of [...above].toReversed()) {
        if (!isInCircle) depth += 1;
        depths.set(ancestor, depth);
        if (ancestor === end) isInCircle = false;
      }
    }
    return depths;
  }
}

/** A record of a span that has ended says more than one made while it was open. */
function isFuller(a: SpanRecord, b: SpanRecord): boolean {
  return a.facts.truncated !== true && b.facts.truncated === true;
}

function startOf(span: SpanRecord): number {
  const start = Date.parse(span.started_at ?? '');
  return Number.isNaN(start) ? Number.MAX_SAFE_INTEGER : start;
}

/** Chunk ids end in their number, so the longer of two that begin alike is the later. */
function byChunk(a: string, b: string): number {
  if (a === b) return 0;
  return a.length - b.length || (a < b ? -1 : 1);
}

function isSpan(value: unknown): value is SpanRecord {
  if (!isObject(value)) return false;
  const { id, trace_id, span_data, facts, error = null } = value;
  return (
    typeof id === 'string' &&
    typeof trace_id === 'string' &&
    isObject(span_data) &&
    typeof span_data['type'] === 'string' &&
    isObject(facts) &&
    typeof facts['kind'] === 'string' &&
    (error === null || (isObject(error) && typeof error['message'] === 'string'))
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
