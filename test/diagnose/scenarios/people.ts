import type { RunOutcome, Scenario, Stage } from '../scenario.ts';
import { agentOf, asks, asksAll, pause, pick, says, toolOf, TOOLS, vary } from './kit.ts';

const refund = (more: object = {}) =>
  toolOf('refund_order', (id) => `refunded ${id}`, { needsApproval: true, ...more });

/** Runs on after a person has decided over what the run waits for. */
async function resumed(
  { run }: Stage,
  agent: ReturnType<typeof agentOf>,
  decide: (outcome: RunOutcome) => void,
): Promise<RunOutcome> {
  const outcome = await run(agent);
  decide(outcome);
  return run(agent, outcome.state);
}

const approveAll = ({ interruptions, state }: RunOutcome): void => {
  for (const item of interruptions) state.approve(item);
};

const rejectAll = ({ interruptions, state }: RunOutcome): void => {
  for (const item of interruptions) state.reject(item);
};

const approvals = [
  ...vary('a call waits for a person', 4, (n) => ({
    fires: ['approval_pending'],
    tempts: ['tool_result_missing', 'trace_incomplete'],
    answers: [...(n % 2 ? [asks('warm_up')] : []), asks('refund_order')],
    act: ({ run }) => run(agentOf([refund(), toolOf('warm_up')])),
  })),
  ...vary('one of two calls waits for a person', 4, () => ({
    fires: ['approval_pending'],
    tempts: ['tool_result_missing'],
    answers: [asksAll(['warm_up', { id: 'A' }], ['refund_order', { id: 'B' }])],
    act: ({ run }) => run(agentOf([refund(), toolOf('warm_up')])),
  })),
  ...vary('one of two calls was allowed and the other waits', 2, () => ({
    fires: ['approval_pending'],
    answers: [asksAll(['refund_order', { id: 'A' }], ['refund_order', { id: 'B' }])],
    act: (stage) =>
      resumed(stage, agentOf([refund()]), ({ interruptions, state }) => {
        if (interruptions[0]) state.approve(interruptions[0]);
      }),
  })),
  ...vary('a call is allowed and the run goes on', 8, (n) => ({
    fires: [],
    tempts: ['approval_pending', 'tool_result_missing', 'approval_rejected', 'trace_incomplete'],
    answers: [...(n % 2 ? [asks('warm_up')] : []), asks('refund_order'), says()],
    act: (stage) => resumed(stage, agentOf([refund(), toolOf('warm_up')]), approveAll),
  })),
  ...vary('a call is refused by a person', 8, (n) => ({
    fires: ['approval_rejected'],
    tempts: ['tool_failed', 'approval_pending', 'model_refused'],
    answers: [...(n % 2 ? [asks('warm_up')] : []), asks('refund_order'), says('As you wish.')],
    act: (stage) => resumed(stage, agentOf([refund(), toolOf('warm_up')]), rejectAll),
  })),
  ...vary('a call that needs no person this time', 4, () => ({
    fires: [],
    tempts: ['approval_pending', 'approval_rejected'],
    answers: [asks('refund_order'), says()],
    act: ({ run }) => run(agentOf([refund({ needsApproval: async () => false })])),
  })),
  ...vary('a tool throws that it was not approved', 2, (n) => ({
    fires: ['tool_failed'],
    tempts: ['approval_rejected'],
    answers: [asks(pick(TOOLS, n)), says('Sorry.')],
    act: ({ run }) =>
      run(
        agentOf([
          toolOf(pick(TOOLS, n), () => {
            throw new Error('Tool execution was not approved.');
          }),
        ]),
      ),
  })),
];

const guardrail = (name: string, tripwireTriggered: boolean, ms = 0) => ({
  name,
  execute: async () => {
    await pause(ms);
    return { tripwireTriggered, outputInfo: { blocked: tripwireTriggered } };
  },
});

const failing = {
  name: 'offline_check',
  execute: async () => {
    throw new Error('blocked by the firewall');
  },
};

const NAMES = ['no_medical_advice', 'pii', 'Jailbreak check', 'tripwire'] as const;

const guardrails = [
  ...vary('a guardrail stops the input', 4, (n) => ({
    fires: ['guardrail_blocked'],
    tempts: ['model_refused', 'no_agent_ran', 'approval_rejected', 'unexplained_failure'],
    answers: [says()],
    act: ({ run }) => run(agentOf([], { inputGuardrails: [guardrail(pick(NAMES, n), true)] })),
  })),
  ...vary('a guardrail stops the output', 4, (n) => ({
    fires: ['guardrail_blocked'],
    tempts: ['model_refused', 'model_failed'],
    answers: [...(n % 2 ? [asks('warm_up')] : []), says('Take two of these.')],
    act: ({ run }) =>
      run(agentOf([toolOf('warm_up')], { outputGuardrails: [guardrail(pick(NAMES, n), true)] })),
  })),
  ...vary('the second of two guardrails stops the run while a tool was asked for', 4, (n) => ({
    fires: ['guardrail_blocked'],
    tempts: ['tool_result_missing', 'approval_pending'],
    answers: [
      { ...asks('warm_up'), delayMs: 20 },
      { ...says(), delayMs: 200 },
    ],
    act: ({ run }) =>
      run(
        agentOf([toolOf('warm_up', () => pause(20).then(() => 'warm'))], {
          inputGuardrails: [guardrail('passes', false), guardrail(pick(NAMES, n), true, 60)],
        }),
      ),
  })),
  ...vary('guardrails let all pass', 4, (n) => ({
    fires: [],
    tempts: ['guardrail_blocked'],
    answers: [asks('warm_up'), says()],
    act: ({ run }) =>
      run(
        agentOf([toolOf('warm_up')], {
          inputGuardrails: [guardrail(pick(NAMES, n), false)],
          outputGuardrails: [guardrail(`${pick(NAMES, n)} out`, false)],
        }),
      ),
  })),
  ...vary('a guardrail throws', 4, () => ({
    fires: ['unexplained_failure'],
    tempts: ['guardrail_blocked', 'model_failed', 'tool_failed'],
    answers: [says()],
    act: ({ run }) => run(agentOf([], { inputGuardrails: [failing] })),
  })),
  ...vary('the application gets over a guardrail that cannot check', 4, () => ({
    fires: [],
    tempts: ['unexplained_failure', 'guardrail_blocked'],
    answers: [says(), says()],
    act: async ({ run }) => {
      await run(agentOf([], { inputGuardrails: [failing] })).catch(() => undefined);
      return run(agentOf());
    },
  })),
];

export const peopleScenarios: readonly Scenario[] = [...approvals, ...guardrails];
