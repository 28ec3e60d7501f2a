import { outermost, ranLater } from '../recovery.ts';
import { succeeded } from '../answers.ts';
import type { Rule } from '../rule.ts';
import type { Step } from '../step.ts';
import { groupBy } from '../view.ts';
import { counted, subject } from '../words.ts';

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
    const hits = view.steps.filter(({ facts }) => facts.errorKind === 'max_turns');
    // The run and its agent both say so.
    const runs = groupBy(hits, ({ task, within }) => task?.id ?? within?.id ?? '');
    return [...runs.values()].map((evidence) => {
      const last = evidence.at(-1) as Step;
      const agent = evidence.find(({ kind }) => kind === 'agent') ?? last;
      const around = outermost(last);
      const wentOn = around.facts.errorKind !== 'max_turns' && around !== last;
      const title = `${subject(agent)} reached ${limitOf(evidence)}.`;
      const recovered = (wentOn && succeeded(around)) || ranLater(view, around);
      return { title, evidence, recovered };
    });
  },
};
