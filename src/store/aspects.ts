import type { Chunk } from '../model/envelope.ts';
import type { SpanRecord, Usage } from '../model/records.ts';
import { byCodePoint } from './order.ts';
import { storable } from './storable.ts';

/** What a list of traces is filtered by and priced with, read from a chunk's spans. Null where there is none. */
export interface ChunkAspects {
  tools: string[] | null;
  error_kinds: string[] | null;
  models: ModelTokens[] | null;
}

/** Model, then tokens: input, of them cached, output, of them reasoning. */
type ModelTokens = [string, number, number, number, number];

/** As many as the migration keeps of a trace. */
const MAX_NAMES = 64;

/** Far above any true count, and low enough that sums of it stay exact integers in SQLite. */
const MAX_TOKENS = 1_000_000_000_000;

export function aspectsOf({ spans }: Chunk): ChunkAspects {
  const called = spans.filter(({ facts }) => facts.kind === 'function');
  return {
    tools: names(called.map(({ facts }) => facts.name)),
    error_kinds: names(spans.map(({ facts }) => facts.error_kind)),
    models: tokensByModel(spans),
  };
}

function names(found: readonly unknown[]): string[] | null {
  const distinct = new Set(found.filter((name) => typeof name === 'string').map(storable));
  if (distinct.size === 0) return null;
  return [...distinct].toSorted(byCodePoint).slice(0, MAX_NAMES);
}

function tokensByModel(spans: readonly SpanRecord[]): ModelTokens[] | null {
  const sums = new Map<string, ModelTokens>();
  for (const { facts } of spans) {
    if (facts.counts_usage !== true || !facts.usage) continue;
    const model = typeof facts.model === 'string' ? storable(facts.model) : '';
    const [, input, cached, output, reasoning] = sums.get(model) ?? [model, 0, 0, 0, 0];
    const { usage } = facts;
    sums.set(model, [
      model,
      added(input, usage, 'input_tokens'),
      added(cached, usage, 'cached_input_tokens'),
      added(output, usage, 'output_tokens'),
      added(reasoning, usage, 'reasoning_tokens'),
    ]);
  }
  if (sums.size === 0) return null;
  return [...sums.values()].toSorted(([a], [b]) => byCodePoint(a, b)).slice(0, MAX_NAMES);
}

function added(sum: number, usage: Usage, key: keyof Usage): number {
  const value: unknown = usage[key];
  const counted = typeof value === 'number' && value > 0 ? Math.trunc(value) : 0;
  return Math.min(sum + counted, MAX_TOKENS);
}
