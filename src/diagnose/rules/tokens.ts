import type { Rule } from '../rule.ts';
import type { TraceView } from '../view.ts';
import { grouped } from '../words.ts';

const MIN_RATIO = 3;
/** Below this, in tokens, a multiple means nothing. */
const MIN_MORE = 1_000;

function totalOf({ steps, trace }: TraceView): number {
  const counted = steps
    .filter(({ facts }) => facts.countsUsage)
    .reduce((sum, { facts }) => sum + (facts.inputTokens ?? 0) + (facts.outputTokens ?? 0), 0);
  // The trace's own totals include spans that are not here.
  const told = [trace.inputTokens, trace.outputTokens].reduce(
    (sum, tokens) => sum + (tokens > 0 ? tokens : 0),
    0,
  );
  return Math.max(counted, told);
}

export const tokensUnusual: Rule = {
  name: 'tokens_unusual',
  severity: 'warning',
  claims:
    'The trace took at least three times the tokens that its workflow usually takes, and at least 1,000 more.',
  cannot:
    'It cannot say that they were wasted, nor which step is to blame. It needs to be told what is usual.',
  find(view, { usual }) {
    const tokens = usual?.tokens ?? 0;
    const total = totalOf(view);
    if (!(tokens > 0) || total < MIN_RATIO * tokens || total - tokens < MIN_MORE) return [];
    const title = `The trace took ${grouped(total)} tokens, ${(total / tokens).toFixed(1)} times the usual ${grouped(tokens)}.`;
    return [{ title, evidence: [] }];
  },
};
