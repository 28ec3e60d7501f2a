import type { ModelUsage, StoredTrace, UsageTotals } from '../model/store.ts';
import type { SpanRecord } from '../model/records.ts';
import type { Price } from './options.ts';

export type Prices = ReadonlyMap<string, Required<Price>>;

/** What tokens cost; tokens of a model without a price are left out, and said to be. */
export interface Cost {
  amount: number;
  /** Tokens, input and output together, that have no price. */
  unpriced: number;
}

const A_MILLION = 1_000_000;

/** Who asks for `gpt-5` is answered by `gpt-5-2025-08-07`. */
const RELEASED_ON = /-\d{4}-\d\d-\d\d$/;

/** By the model's own name first, as several models may run under one alias. */
export function costOf(usage: ModelUsage, alias: string | undefined, prices: Prices): Cost {
  const { inputTokens, cachedInputTokens, outputTokens, reasoningTokens } = usage;
  const price =
    prices.get(usage.model) ??
    prices.get(usage.model.replace(RELEASED_ON, '')) ??
    (alias === undefined ? undefined : prices.get(alias));
  if (!price) return { amount: 0, unpriced: inputTokens + outputTokens };
  const cached = Math.min(cachedInputTokens, inputTokens);
  const reasoning = Math.min(reasoningTokens, outputTokens);
  const amount =
    (inputTokens - cached) * price.input +
    cached * price.cachedInput +
    (outputTokens - reasoning) * price.output +
    reasoning * price.reasoning;
  return { amount: amount / A_MILLION, unpriced: 0 };
}

/** Of a row of usage, which has an empty alias where none was said. */
export function costOfUsage(row: UsageTotals, prices: Prices): Cost {
  return costOf(row, row.modelAlias === '' ? undefined : row.modelAlias, prices);
}

export function sumOf(costs: readonly Cost[]): Cost {
  return costs.reduce(
    (sum, { amount, unpriced }) => ({
      amount: sum.amount + amount,
      unpriced: sum.unpriced + unpriced,
    }),
    { amount: 0, unpriced: 0 },
  );
}

/** Undefined where there are no prices, or the trace has tokens and none of them has one. */
export function costOfTrace(trace: StoredTrace, prices: Prices): Cost | undefined {
  return costOfTraces([trace], prices);
}

/** The same of several together, of which some may have no price at all. */
export function costOfTraces(traces: readonly StoredTrace[], prices: Prices): Cost | undefined {
  if (prices.size === 0) return undefined;
  const cost = sumOf(traces.map((trace) => pricedPartOf(trace, prices)));
  return cost.amount === 0 && cost.unpriced > 0 ? undefined : cost;
}

function pricedPartOf(trace: StoredTrace, prices: Prices): Cost {
  const alias = trace.metadata['model_alias'];
  const cost = sumOf(trace.models.map((usage) => costOf(usage, alias, prices)));
  // A trace of an older version of the store has tokens, and does not say whose.
  const known = trace.models.reduce(
    (sum, usage) => sum + usage.inputTokens + usage.outputTokens,
    0,
  );
  const unpriced = cost.unpriced + Math.max(0, trace.inputTokens + trace.outputTokens - known);
  return { amount: cost.amount, unpriced };
}

export function costOfSpan(
  { facts }: SpanRecord,
  alias: string | undefined,
  prices: Prices,
): Cost | undefined {
  const { usage, model = '' } = facts;
  if (!usage || prices.size === 0) return undefined;
  const cost = costOf(
    {
      model,
      inputTokens: usage.input_tokens ?? 0,
      cachedInputTokens: usage.cached_input_tokens ?? 0,
      outputTokens: usage.output_tokens ?? 0,
      reasoningTokens: usage.reasoning_tokens ?? 0,
    },
    alias,
    prices,
  );
  return cost.unpriced > 0 ? undefined : cost;
}
