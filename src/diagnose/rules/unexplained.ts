import { described, listed, shown } from '../words.ts';
import type { Finding } from '../finding.ts';
import type { Rule } from '../rule.ts';
import type { Step } from '../step.ts';

/** A run fails over an answer that its length cut, though that is but a warning where it does not. */
function explains({ rule, severity, recovered }: Finding): boolean {
  return (severity === 'failure' || rule === 'output_cut_by_length') && !recovered;
}

/** Of a failure that is passed on, the step that it began in. */
function isInnermost({ children }: Step): boolean {
  return !children.some(({ failed }) => failed);
}

function withClass(step: Step): string {
  const errorClass = shown(step.facts.errorClass, '');
  return `${described(step)}${errorClass === '' ? '' : ` with ${errorClass}`}`;
}

export const unexplainedFailure: Rule = {
  name: 'unexplained_failure',
  severity: 'failure',
  claims: 'The request failed, and no other finding is of a failure that it did not get over.',
  cannot:
    'It cannot say what failed where no span did: the handler may have thrown, or have answered with an error, for a reason of its own.',
  find({ steps, trace }, _options, found) {
    if (trace.status !== 'error' || found.some(explains)) return [];
    const evidence = steps.filter((step) => step.failed && isInnermost(step));
    const what = listed(evidence.map(withClass));
    const title =
      what === ''
        ? 'The request failed, and none of its spans did.'
        : `The request failed, and so did ${what}.`;
    return [{ title, evidence }];
  },
};
