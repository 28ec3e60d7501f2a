import { ranLater } from '../recovery.ts';
import { succeeded } from '../answers.ts';
import type { Rule } from '../rule.ts';
import type { Step } from '../step.ts';
import { groupBy, scopeOf } from '../view.ts';
import { counted, shown } from '../words.ts';

/** What other frameworks call it when an agent has had all its turns, steps or rounds. */
const OUT_OF_TURNS =
  /^(?:GraphRecursion|(?:Agent)?Max(?:imum)?(?:Turn|Step|Iteration|Round)s?)\w*$/;

function isOutOfTurns({ kind, failed, facts }: Step): boolean {
  if (kind === 'function') return false;
  return facts.errorKind === 'max_turns' || (failed && OUT_OF_TURNS.test(facts.errorClass ?? ''));
}

function limitOf(steps: readonly Step[]): string {
  const limit = steps.find(({ facts }) => facts.maxTurns !== undefined)?.facts.maxTurns;
  return limit === undefined ? 'its limit of turns' : `its limit of ${counted(limit, 'turn')}`;
}

export const maxTurns: Rule = {
  name: 'max_turns',
  severity: 'failure',
  claims: 'A run was ended because it had used all the turns that it was allowed.',
  cannot: 'It cannot say whether more turns would have led anywhere.',
  find(view) {
    const hits = view.steps.filter(isOutOfTurns);
    // The run and its agent both say so.
    const runs = groupBy(hits, scopeOf);
    return [...runs.values()].map((evidence) => {
      const last = evidence.at(-1) as Step;
      const agent = evidence.find(({ kind }) => kind === 'agent') ?? last;
      const around = last.outermost ?? last;
      const wentOn = !isOutOfTurns(around) && around !== last;
      const title = `${shown(agent.agent?.name, 'The run')} reached ${limitOf(evidence)}.`;
      const recovered = (wentOn && succeeded(around)) || ranLater(view, around);
      return { title, evidence, recovered };
    });
  },
};
