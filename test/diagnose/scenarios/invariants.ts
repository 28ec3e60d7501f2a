import type { Invariant } from '../../../src/diagnose/options.ts';
import type { Scenario } from '../scenario.ts';
import { agentOf, asks, handsTo, says, team, toolOf, vary } from './kit.ts';

const authorised: Invariant = {
  name: 'refund_needs_authorisation',
  when: { tool: 'refund_order' },
  requires: { before: { tool: 'authorise' } },
};

const once: Invariant = {
  name: 'one_refund',
  when: { tool: 'refund_order' },
  requires: { atMost: 1 },
};

const confirmed: Invariant = {
  name: 'refund_is_checked',
  when: { tool: 'refund_order' },
  requires: { after: { outcome: 'refund_within_limit' } },
};

const separate: Invariant = {
  name: 'billing_does_not_refund',
  when: { handoffTo: 'Billing' },
  requires: { never: { tool: 'refund_order' } },
};

const counted: Invariant = {
  name: 'few_tools',
  check: ({ spans }) => spans.filter(({ facts }) => facts.kind === 'function').length <= 1,
};

const tools = () =>
  ['authorise', 'refund_order', 'look'].map((name) => toolOf(name, (id) => `${name} ${id}`));

const acts =
  (fail = false): Scenario['act'] =>
  ({ run }) =>
    run(
      agentOf([
        ...tools().filter(({ name }) => !(fail && name === 'authorise')),
        ...(fail
          ? [
              toolOf('authorise', () => {
                throw new Error('nobody there');
              }),
            ]
          : []),
      ]),
    );

const broken = [
  ...vary('a refund without authorisation', 4, (n) => ({
    fires: ['invariant'],
    answers: [...(n % 2 ? [asks('look')] : []), asks('refund_order'), says()],
    act: acts(),
    diagnose: { invariants: [authorised] },
  })),
  ...vary('a refund before its authorisation', 2, () => ({
    fires: ['invariant'],
    answers: [asks('refund_order'), asks('authorise'), says()],
    act: acts(),
    diagnose: { invariants: [once, authorised] },
  })),
  ...vary('a refund after an authorisation that failed', 2, () => ({
    fires: ['invariant', 'tool_failed'],
    answers: [asks('authorise'), asks('refund_order'), says()],
    act: acts(true),
    diagnose: { invariants: [authorised] },
  })),
  ...vary('two refunds', 2, () => ({
    fires: ['invariant'],
    answers: [asks('refund_order', { id: 'A' }), asks('refund_order', { id: 'B' }), says()],
    act: acts(),
    diagnose: { invariants: [once] },
  })),
  ...vary('a refund that nobody checked', 2, () => ({
    fires: ['invariant'],
    answers: [asks('refund_order'), says()],
    act: acts(),
    diagnose: { invariants: [confirmed] },
  })),
  ...vary('a refund by the agent that must not', 2, () => ({
    fires: ['invariant'],
    answers: [handsTo('Billing'), asks('refund_order'), says()],
    act: ({ run }) => run(team(['Triage', 'Billing'], tools())),
    diagnose: { invariants: [separate] },
  })),
  ...vary('more tools than a function allows', 2, () => ({
    fires: ['invariant'],
    answers: [asks('look'), asks('authorise'), says()],
    act: acts(),
    diagnose: { invariants: [counted] },
  })),
];

const kept = [
  ...vary('a refund with authorisation', 4, (n) => ({
    fires: [],
    tempts: ['invariant'],
    answers: [asks('authorise'), ...(n % 2 ? [asks('look')] : []), asks('refund_order'), says()],
    act: acts(),
    diagnose: { invariants: [authorised, once] },
  })),
  ...vary('an authorisation without a refund', 2, () => ({
    fires: [],
    tempts: ['invariant'],
    answers: [asks('authorise'), says()],
    act: acts(),
    diagnose: { invariants: [authorised, once, confirmed, separate, counted] },
  })),
  ...vary('a refund that was checked', 2, () => ({
    fires: [],
    tempts: ['invariant'],
    answers: [asks('refund_order'), says()],
    act: async (stage) => {
      await acts()(stage);
      stage.trace.outcome('refund_within_limit', true);
    },
    diagnose: { invariants: [confirmed, counted] },
  })),
  ...vary('billing without a refund', 2, () => ({
    fires: [],
    tempts: ['invariant'],
    answers: [handsTo('Billing'), asks('look'), says()],
    act: ({ run }) => run(team(['Triage', 'Billing'], tools())),
    diagnose: { invariants: [separate] },
  })),
];

export const invariantScenarios: readonly Scenario[] = [...broken, ...kept];
