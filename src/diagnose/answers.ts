/** How a call came to its end. */
import type { Step } from './step.ts';

/** It ended, and without an error. */
export function succeeded({ failed, open }: Step): boolean {
  return !failed && !open;
}

/** Providers' words for an answer that reached its limit of tokens. */
const CUT: ReadonlySet<string> = new Set([
  'length',
  'max_tokens',
  'max_output_tokens',
  'model_length',
]);

/** Providers' words for an answer that was withheld. */
const FILTERED: ReadonlySet<string> = new Set([
  'content_filter',
  'content_filtered',
  'refusal',
  'safety',
  'guardrail_intervened',
]);

export function isCut({ facts }: Step): boolean {
  return CUT.has(facts.finishReason ?? '');
}

export function isRefused({ facts }: Step): boolean {
  return facts.refusal || FILTERED.has(facts.finishReason ?? '');
}

/** An answer that is neither cut nor refused. */
export function isWholeAnswer(step: Step): boolean {
  return succeeded(step) && !isCut(step) && !isRefused(step);
}
