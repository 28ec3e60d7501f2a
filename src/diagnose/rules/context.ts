import type { Rule, Sighting } from '../rule.ts';
import type { Step } from '../step.ts';
import { actorOf, groupBy } from '../view.ts';
import type { TraceView } from '../view.ts';
import { agentName, grouped } from '../words.ts';

/** Fewer calls show no trend. */
const MIN_CALLS = 5;
const MIN_GROWTH = 4;
/** Below this, in tokens, a context may grow as it likes. */
const MIN_TOKENS = 10_000;
/** A call that reads so much less than the one before begins anew: the conversation was trimmed. */
const TRIMMED = 0.9;
/** At the end it must still grow by this share of its mean growth. */
const STILL_GROWING = 0.5;

interface Reading {
  step: Step;
  tokens: number;
}

/** The calls since the conversation was last trimmed. */
function sinceTrimmed(readings: readonly Reading[]): readonly Reading[] {
  const at = readings.findLastIndex(
    ({ tokens }, index) => index > 0 && tokens < TRIMMED * (readings[index - 1]?.tokens ?? 0),
  );
  return at > 0 ? readings.slice(at) : readings;
}

function grows(readings: readonly Reading[]): boolean {
  const [first, before, last] = [readings[0], readings.at(-3), readings.at(-1)];
  if (!first || !before || !last || readings.length < MIN_CALLS) return false;
  if (last.tokens < MIN_TOKENS || last.tokens < MIN_GROWTH * first.tokens) return false;
  const mean = (last.tokens - first.tokens) / (readings.length - 1);
  return (last.tokens - before.tokens) / 2 >= STILL_GROWING * mean;
}

function growing({ models }: TraceView): Sighting[] {
  const byAgent = groupBy(models, actorOf);
  return [...byAgent.values()].flatMap((steps) => {
    const readings = sinceTrimmed(
      steps.flatMap((step) =>
        step.facts.inputTokens ? [{ step, tokens: step.facts.inputTokens }] : [],
      ),
    );
    const [first, last] = [readings[0], readings.at(-1)];
    if (!first || !last || !grows(readings)) return [];
    const title = `What ${agentName(first.step)} gave the model to read grew from ${grouped(first.tokens)} to ${grouped(last.tokens)} tokens over ${readings.length} calls, and was still growing at the last.`;
    return [{ title, evidence: readings.map(({ step }) => step) }];
  });
}

export const contextGrowing: Rule = {
  name: 'context_growing',
  severity: 'warning',
  claims:
    'The input of one agent grew to four times and more over at least five calls, to 10,000 tokens or more, without being trimmed or levelling off.',
  cannot: 'It cannot say what fills it, nor that it would not have stopped at the next call.',
  find: growing,
};
