import { succeeded } from '../answers.ts';
import { isAfter } from '../recovery.ts';
import type { Rule, Sighting } from '../rule.ts';
import type { Step } from '../step.ts';
import type { TraceView } from '../view.ts';
import { listed, times, toolName } from '../words.ts';
import { badlyAskedIn, hasBadArguments } from './tools.ts';

function malformed(view: TraceView): Sighting[] {
  const badlyAsked = badlyAskedIn(view);
  return view.levels.flatMap((level) => {
    const answers = level.filter(
      ({ kind, facts }) =>
        (kind === 'response' || kind === 'generation') && facts.argumentsValid === false,
    );
    const calls = level.filter(
      (step) => step.kind === 'function' && hasBadArguments(step, badlyAsked),
    );
    const evidence = [...answers, ...calls].toSorted((a, b) => a.order - b.order);
    const last = evidence.at(-1);
    if (!last) return [];
    const names = new Set(calls.map(({ name }) => name));
    const recovered = level.some(
      (step) =>
        step.kind === 'function' &&
        succeeded(step) &&
        isAfter(step, last) &&
        (names.size === 0 || names.has(step.name)),
    );
    return [{ title: titleOf(answers, calls), evidence, recovered }];
  });
}

function titleOf(answers: readonly Step[], calls: readonly Step[]): string {
  const often = times(Math.max(answers.length, calls.length));
  const tools = calls.length > 0 ? ` for ${listed(calls.map(toolName))}` : '';
  return `The model wrote arguments that could not be read${tools}, ${often}.`;
}

export const toolArgumentsMalformed: Rule = {
  name: 'tool_arguments_malformed',
  severity: 'failure',
  claims: 'Arguments that a model wrote for a tool are no JSON, or the SDK refused to read them.',
  cannot:
    'It cannot say whether arguments that are JSON are the right ones, or fit what the tool declares: a tool that refuses them has failed.',
  find: malformed,
};
