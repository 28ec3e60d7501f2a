import type { Chunk } from './envelope.ts';
import type { Usage } from './records.ts';

/** What a chunk adds to its trace's totals. */
export interface ChunkSummary {
  span_count: number;
  error_count: number;
  input_tokens: number;
  output_tokens: number;
}

/** Far above any true count, and low enough that sums of it stay exact integers in SQLite. */
const MAX_TOKENS = 1_000_000_000_000;

/** Counts a chunk's spans, the failed ones, and tokens where `facts.counts_usage` says that they enter totals. */
export function summarize(chunk: Chunk): ChunkSummary {
  const summary = {
    span_count: chunk.spans.length,
    error_count: 0,
    input_tokens: 0,
    output_tokens: 0,
  };
  for (const span of chunk.spans) {
    if (span.error !== null) summary.error_count += 1;
    if (span.facts.counts_usage !== true || !span.facts.usage) continue;
    summary.input_tokens = capped(summary.input_tokens + tokens(span.facts.usage, 'input_tokens'));
    summary.output_tokens = capped(
      summary.output_tokens + tokens(span.facts.usage, 'output_tokens'),
    );
  }
  return summary;
}

function tokens(usage: Usage, key: 'input_tokens' | 'output_tokens'): number {
  const value = usage[key];
  return typeof value === 'number' && value > 0 ? Math.trunc(capped(value)) : 0;
}

function capped(value: number): number {
  return Math.min(value, MAX_TOKENS);
}
