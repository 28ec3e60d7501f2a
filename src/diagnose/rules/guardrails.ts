import { ranLater } from '../recovery.ts';
import type { Rule } from '../rule.ts';
import type { Step } from '../step.ts';
import { agentName, listed, shown, toolName } from '../words.ts';
import { isStoppedByGuardrail } from './tools.ts';

function nameOf(step: Step): string {
  return step.kind === 'function'
    ? `a guardrail of tool ${toolName(step)}`
    : `guardrail ${shown(step.name, '(unnamed)')}`;
}

export const guardrailBlocked: Rule = {
  name: 'guardrail_blocked',
  severity: 'failure',
  claims: 'A guardrail was asked, and said to stop.',
  cannot:
    'It cannot say whether the guardrail was right, nor what it saw. A guardrail that let something pass may have been wrong as well.',
  find(view) {
    const evidence = view.steps.filter(
      (step) =>
        (step.kind === 'guardrail' && step.facts.guardrailTriggered) ||
        (step.kind === 'function' && isStoppedByGuardrail(step)),
    );
    const last = evidence.at(-1);
    if (!last) return [];
    const names = listed(evidence.map(nameOf));
    const title = `${names[0]?.toUpperCase()}${names.slice(1)} stopped ${agentName(last)}.`;
    return [{ title, evidence, recovered: ranLater(view, last) }];
  },
};
