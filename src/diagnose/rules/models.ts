import { isCut, isRefused } from '../answers.ts';
import { modelAnsweredLater } from '../recovery.ts';
import type { Rule, Sighting } from '../rule.ts';
import type { Step } from '../step.ts';
import { groupBy } from '../view.ts';
import type { TraceView } from '../view.ts';
import { agentName, counted, listed, shown, times } from '../words.ts';

/** The calls of models that a rule is of, agent by agent. */
function byAgent(
  view: TraceView,
  steps: readonly Step[],
  titleOf: (steps: readonly Step[], agent: string) => string,
): Sighting[] {
  return [...groupBy(steps, ({ agent }) => agent?.name ?? '').values()].map((evidence) => {
    const last = evidence.at(-1) as Step;
    return {
      title: titleOf(evidence, agentName(last)),
      evidence,
      recovered: modelAnsweredLater(view, last),
    };
  });
}

function modelsOf(steps: readonly Step[]): string {
  return listed(steps.map(({ facts }) => shown(facts.model, ''))) || 'the model';
}

/** A guardrail that stops a run stops its model's call as well. */
function wasStopped({ facts, parent }: Step): boolean {
  return [facts.errorKind, parent?.facts.errorKind].includes('guardrail_tripped');
}

export const modelFailed: Rule = {
  name: 'model_failed',
  severity: 'failure',
  claims: 'A call of a model ended in an error: it was refused, broke off, or could not be read.',
  cannot:
    'It cannot say whether the provider, the network or the request was at fault, nor how often the client had tried before it gave up.',
  find(view) {
    const failed = view.models.filter(
      (step) => step.failed && !isCut(step) && !isRefused(step) && !wasStopped(step),
    );
    return byAgent(view, failed, (steps, agent) => {
      const calls = counted(steps.length, 'call');
      const classes = listed(steps.flatMap(({ facts }) => shown(facts.errorClass, '') || []));
      return `${calls} of ${modelsOf(steps)} by ${agent} failed${classes ? ` with ${classes}` : ''}.`;
    });
  },
};

export const modelRefused: Rule = {
  name: 'model_refused',
  severity: 'failure',
  claims: 'The provider marked an answer as a refusal, or as withheld by its filter.',
  cannot:
    'It cannot say whether the refusal was right. A model that declines in plain words is not marked, and is not found.',
  find: (view) =>
    byAgent(view, view.models.filter(isRefused), (steps, agent) => {
      const isFiltered = steps.every(({ facts }) => !facts.refusal);
      const what = isFiltered ? "was withheld by the provider's filter" : 'was a refusal';
      return `The answer of ${modelsOf(steps)} to ${agent} ${what}${steps.length > 1 ? ` ${times(steps.length)}` : ''}.`;
    }),
};

export const outputCutByLength: Rule = {
  name: 'output_cut_by_length',
  severity: 'warning',
  claims: 'The provider ended an answer at its limit of tokens.',
  cannot:
    'It cannot say what is missing, nor whether it mattered. Clients that do not pass the reason on hide it.',
  find: (view) =>
    byAgent(view, view.models.filter(isCut), (steps, agent) => {
      const tokens = steps.at(-1)?.facts.outputTokens;
      const at = tokens === undefined ? '' : ` at ${counted(tokens, 'token')}`;
      return `The answer of ${modelsOf(steps)} to ${agent} was cut by its length${at}${steps.length > 1 ? ` (${times(steps.length)})` : ''}.`;
    }),
};
