import type { ResponseUsage } from 'openai/resources/responses/responses';
import type { Decision } from './decide.ts';
import type { ModelRequest } from './request.ts';

/** About what English costs in OpenAI's tokenizers. */
const CHARACTERS_PER_TOKEN = 4;
/** Prompt caches work in blocks. */
const CACHE_BLOCK_TOKENS = 16;
const REASONING_TOKENS_PER_TOOL = 8;

const tokens = (value: unknown): number =>
  Math.ceil(
    (typeof value === 'string' ? value : JSON.stringify(value)).length / CHARACTERS_PER_TOKEN,
  );

/** What a later call of the same run has in common with the one before: all but the last exchange. */
function cachedTokens(request: ModelRequest, prefix: number): number {
  if (request.items.length < 3) return 0;
  const shared = prefix + tokens(request.items.slice(0, -2));
  return Math.floor(shared / CACHE_BLOCK_TOKENS) * CACHE_BLOCK_TOKENS;
}

/** Counts a request and its answer as a provider would: the same request, the same figures. */
export function usageOf(request: ModelRequest, decision: Decision): ResponseUsage {
  const prefix = tokens(request.instructions) + tokens(request.tools);
  const input = prefix + tokens(request.items);
  const reasoning = request.tools.length * REASONING_TOKENS_PER_TOOL;
  const output = tokens(decision.kind === 'text' ? decision.text : decision.arguments) + reasoning;
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cachedTokens(request, prefix), cache_write_tokens: 0 },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + output,
  };
}
