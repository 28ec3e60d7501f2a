import { isAfter } from '../recovery.ts';
import type { Rule } from '../rule.ts';
import type { Step } from '../step.ts';
import { groupBy } from '../view.ts';
import { listed, shown, times } from '../words.ts';

export const outcomeFailed: Rule = {
  name: 'outcome_failed',
  severity: 'failure',
  claims: 'A check of the application, recorded with `trace.outcome()`, did not pass.',
  cannot: 'It cannot say more than the check does, nor which step made it fail.',
  find({ steps }) {
    const outcomes = steps.filter(({ kind, facts }) => kind === 'outcome' && facts.outcome);
    return [...groupBy(outcomes, ({ facts }) => facts.outcome?.name ?? '').values()].flatMap(
      (checks) => {
        const evidence = checks.filter(({ facts }) => facts.outcome?.passed === false);
        const last = evidence.at(-1);
        if (!last) return [];
        const codes = listed(evidence.flatMap((step) => shown(step.facts.outcome?.code, '') || []));
        const title = `Check ${nameOf(last)} failed ${times(evidence.length)}${codes ? ` (${codes})` : ''}.`;
        const recovered = checks.some(
          (step) => step.facts.outcome?.passed === true && isAfter(step, last),
        );
        return [{ title, evidence, recovered }];
      },
    );
  },
};

function nameOf({ facts }: Step): string {
  return shown(facts.outcome?.name, '(unnamed)');
}
