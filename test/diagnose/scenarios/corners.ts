/**
 * Written and labelled when the rules were done, by what a person would say of each run, so
 * that they are judged by more than what they were made for.
 */
import { Runner, withCustomSpan } from '@openai/agents';
import { z } from 'zod';
import type { RunOutcome, Scenario } from '../scenario.ts';
import {
  agentOf,
  asks,
  asksAll,
  failsFirst,
  halfIsSlow,
  handsTo,
  inTurn,
  pause,
  pick,
  says,
  team,
  toolOf,
  TOOLS,
  vary,
} from './kit.ts';

function fail(): never {
  throw new SyntaxError('not today');
}

const asTool = (agent: ReturnType<typeof agentOf>) =>
  agent.asTool({ toolName: 'helper', toolDescription: 'x' });

const tools = [
  ...vary('a tool takes longer than it is allowed', 4, (n) => ({
    fires: n % 2 ? ['tool_failed'] : [],
    tempts: ['slow_span', 'tool_result_missing', 'trace_truncated', 'tool_failed'],
    answers: [asks(pick(TOOLS, n)), says('Sorry.')],
    act: ({ run }) => {
      // What the SDK makes a result of is a result, like any that reads like an error.
      const timeoutBehavior = n % 2 ? 'raise_exception' : 'error_as_result';
      const late = () => pause(400).then(() => 'late');
      return run(agentOf([toolOf(pick(TOOLS, n), late, { timeoutMs: 40, timeoutBehavior })]));
    },
  })),
  ...vary('a tool of an agent that is a tool fails', 4, (n) => ({
    fires: ['tool_failed'],
    tempts: ['tool_result_missing', 'handoff_not_taken'],
    answers: [asks('helper', { input: 'x' }), asks(pick(TOOLS, n)), says('inner'), says('outer')],
    act: ({ run }) => run(agentOf([asTool(agentOf([toolOf(pick(TOOLS, n), fail)]))])),
  })),
  ...vary('one of three calls side by side fails and is tried again', 4, (n) => ({
    fires: ['tool_failed'],
    recovered: ['tool_failed'],
    tempts: ['repeated_call', 'tool_result_missing'],
    answers: [
      asksAll(['warm_up', { id: 'A' }], [pick(TOOLS, n), { id: 'B' }], ['warm_up', { id: 'C' }]),
      asks(pick(TOOLS, n), { id: 'B' }),
      says(),
    ],
    act: ({ run }) => run(agentOf([toolOf('warm_up'), toolOf(pick(TOOLS, n), failsFirst(1))])),
  })),
  ...vary('a tool fails and another one does instead', 4, (n) => ({
    fires: ['tool_failed'],
    tempts: ['repeated_call'],
    answers: [asks(pick(TOOLS, n)), asks('fallback'), says()],
    act: ({ run }) => run(agentOf([toolOf(pick(TOOLS, n), fail), toolOf('fallback')])),
  })),
  ...vary('output that breaks off is whole at the next call', 4, (n) => ({
    fires: ['tool_output_malformed'],
    recovered: ['tool_output_malformed'],
    tempts: ['repeated_call', 'tool_failed'],
    answers: [asks(pick(TOOLS, n)), asks(pick(TOOLS, n)), says()],
    act: ({ run }) =>
      run(agentOf([toolOf(pick(TOOLS, n), inTurn('{"rows": [{"id": 1}, {', '{"rows": []}'))])),
  })),
  ...vary('the model says something beside its call', 4, (n) => ({
    fires: [],
    tempts: ['tool_result_missing', 'approval_pending', 'output_cut_by_length'],
    answers: [{ text: 'Let me see…', ...asks(pick(TOOLS, n)) }, says()],
    act: ({ run }) => run(agentOf([toolOf(pick(TOOLS, n))])),
  })),
  ...vary('a tool gives nothing', 4, (n) => ({
    fires: [],
    tempts: ['tool_result_missing', 'tool_output_malformed', 'repeated_call'],
    answers: [asks(pick(TOOLS, n), { id: 'A' }), asks(pick(TOOLS, n), { id: 'B' }), says()],
    act: ({ run }) => run(agentOf([toolOf(pick(TOOLS, n), () => (n % 2 ? '' : undefined))])),
  })),
];

const repeats = [
  ...vary('two calls take turns and bring nothing new', 4, (n) => ({
    fires: ['repeated_call'],
    answers: [0, 1, 2].flatMap(() => [asks('search'), asks(pick(TOOLS, n))]).concat(says()),
    act: ({ run }) => run(agentOf([toolOf('search'), toolOf(pick(TOOLS, n))])),
  })),
  ...vary('a poll that never brings news', 4, (n) => ({
    fires: ['repeated_call'],
    answers: Array.from({ length: 3 + (n % 2) }, () => asks('get_status')).concat(says('Later.')),
    act: ({ run }) => run(agentOf([toolOf('get_status', () => '{"state":"pending"}')])),
  })),
  ...vary('every run of a conversation reads the same', 4, (n) => ({
    fires: [],
    tempts: ['repeated_call', 'context_growing'],
    answers: [0, 1, 2].flatMap(() => [asks(pick(TOOLS, n)), says()]),
    act: async ({ run }) => {
      const agent = agentOf([toolOf(pick(TOOLS, n))]);
      for (const input of ['one', 'two', 'three']) await run(agent, input);
    },
  })),
  ...vary('the time is asked for again and again', 4, () => ({
    fires: [],
    tempts: ['repeated_call'],
    answers: [...Array.from({ length: 4 }, () => asks('get_time')), says()],
    act: ({ run }) => {
      let seconds = 0;
      return run(agentOf([toolOf('get_time', () => `12:00:0${seconds++}`)]));
    },
  })),
  ...vary('runs side by side call the same tool alike', 4, (n) => ({
    fires: [],
    tempts: ['repeated_call', 'tool_result_missing', 'approval_pending'],
    answers: [
      asks(pick(TOOLS, n)),
      asks(pick(TOOLS, n)),
      asks(pick(TOOLS, n)),
      says(),
      says(),
      says(),
    ],
    act: ({ run }) => {
      const agents = ['One', 'Two', 'Three'].map((name) =>
        agentOf([toolOf(pick(TOOLS, n), (id) => pause(60).then(() => `${id} is fine`))], { name }),
      );
      return Promise.all(agents.map((agent) => run(agent)));
    },
  })),
];

const handoffs = [
  ...vary('every run of a conversation begins at the same desk', 4, () => ({
    fires: [],
    tempts: ['handoff_loop', 'handoff_not_taken'],
    answers: [0, 1, 2].flatMap(() => [handsTo('Billing'), says()]),
    act: async ({ run }) => {
      const desk = team(['Triage', 'Billing']);
      for (const input of ['one', 'two', 'three']) await run(desk, input);
    },
  })),
  ...vary('the target of a handoff is stopped by its guardrail', 4, (n) => ({
    fires: ['guardrail_blocked'],
    tempts: ['handoff_not_taken', 'handoff_loop'],
    answers: [...(n % 2 ? [asks('warm_up')] : []), handsTo('Billing'), says('Take two.')],
    act: ({ run }) => {
      const execute = async () => ({ tripwireTriggered: true, outputInfo: {} });
      const billing = agentOf([], {
        name: 'Billing',
        outputGuardrails: [{ name: 'dose', execute }],
      });
      return run(agentOf([toolOf('warm_up')], { handoffs: [billing] }));
    },
  })),
  ...vary('a call and a handoff are asked for at once', 4, (n) => ({
    fires: [],
    tempts: ['tool_result_missing', 'handoff_not_taken', 'approval_pending'],
    answers: [asksAll([pick(TOOLS, n), { id: 'A' }], ['transfer_to_Billing', {}]), says()],
    act: ({ run }) => {
      const handoffList = [agentOf([], { name: 'Billing' })];
      return run(agentOf([toolOf(pick(TOOLS, n))], { handoffs: handoffList }));
    },
  })),
  ...vary('an agent goes back to the first desk for each of three orders', 4, () => ({
    fires: [],
    tempts: ['handoff_loop', 'repeated_call', 'max_turns'],
    answers: ['A', 'B', 'C']
      .flatMap((id) => [handsTo('Billing'), asks('lookup_order', { id }), handsTo('Triage')])
      .concat(says()),
    act: ({ run }) =>
      run(team(['Triage', 'Billing'], [toolOf('lookup_order')]), undefined, { maxTurns: 20 }),
  })),
];

const models = [
  ...vary('the answer does not fit the type that is asked for', 4, () => ({
    fires: ['unexplained_failure'],
    tempts: ['model_failed', 'model_refused', 'tool_output_malformed', 'output_cut_by_length'],
    answers: [says('not JSON at all')],
    act: ({ run }) => run(agentOf([], { outputType: z.object({ total: z.number() }) })),
  })),
  ...vary('the first of two agents has no model that answers', 4, () => ({
    fires: ['model_failed'],
    tempts: ['handoff_not_taken', 'no_agent_ran'],
    answers: [{ error: { status: 429 } }, says()],
    act: async ({ run }) => {
      await run(agentOf([], { name: 'Primary' })).catch(() => undefined);
      return run(agentOf([], { name: 'Fallback' }));
    },
  })),
  ...vary('an answer is cut and asked for again', 4, () => ({
    fires: ['output_cut_by_length'],
    recovered: ['output_cut_by_length'],
    answers: [{ incomplete: 'max_output_tokens', text: 'half of' }, says('the whole')],
    act: async ({ run }) => {
      await run(agentOf()).catch(() => undefined);
      return run(agentOf());
    },
  })),
  ...vary('the model streams slowly and steadily', 4, (_, { stream }) => ({
    fires: stream ? ['slow_span'] : [],
    tempts: ['slow_span', 'model_failed'],
    answers: [
      { ...says('one two three four five six seven'), chunks: 7, chunkDelayMs: 160 },
      says(),
    ],
    act: async ({ run }) => {
      await run(agentOf());
      if (stream) return;
      // Not streamed it is there at once, and the trace is long by what is between its runs.
      await pause(1_100);
      await run(agentOf());
    },
    diagnose: stream ? { slowMs: 900 } : halfIsSlow,
  })),
  ...vary('the trace holds no content at all', 4, (n) => ({
    fires: n % 2 ? ['tool_failed'] : [],
    tempts: ['repeated_call', 'tool_arguments_malformed', 'tool_result_missing'],
    answers: [1, 2, 3].map((page) => asks(pick(TOOLS, n), { id: `${page}` })).concat(says()),
    act: ({ provider }) => {
      const quiet = new Runner({ modelProvider: provider, traceIncludeSensitiveData: false });
      const execute = n % 2 ? fail : (id: string) => `what is on ${id}`;
      return quiet.run(agentOf([toolOf(pick(TOOLS, n), execute)]), 'x');
    },
  })),
];

const people = [
  ...vary('an agent that is a tool waits for a person', 4, () => ({
    fires: ['approval_pending'],
    tempts: ['tool_result_missing', 'tool_failed'],
    answers: [asks('helper', { input: 'x' }), asks('refund_order')],
    act: ({ run }) => {
      const refund = toolOf('refund_order', undefined, { needsApproval: true });
      return run(agentOf([asTool(agentOf([refund], { name: 'Helper' }))]));
    },
  })),
  ...vary('of two calls one is allowed and one refused', 4, () => ({
    fires: ['approval_rejected'],
    tempts: ['approval_pending', 'tool_failed', 'tool_result_missing'],
    answers: [asksAll(['refund_order', { id: 'A' }], ['refund_order', { id: 'B' }]), says()],
    act: async ({ run }) => {
      const agent = agentOf([toolOf('refund_order', undefined, { needsApproval: true })]);
      const { interruptions, state }: RunOutcome = await run(agent);
      for (const [at, item] of interruptions.entries())
        if (at === 0) state.approve(item);
        else state.reject(item);
      return run(agent, state);
    },
  })),
  ...vary('a run waits beside another that goes on', 4, () => ({
    fires: ['approval_pending'],
    tempts: ['tool_result_missing'],
    answers: [asks('refund_order'), says(), asks('warm_up'), says()],
    act: async ({ run }) => {
      await run(agentOf([toolOf('refund_order', undefined, { needsApproval: true })]));
      await run(agentOf([], { name: 'Other' }));
    },
  })),
  ...vary('a guardrail of a tool answers in its place', 4, (n) => ({
    fires: [],
    tempts: ['guardrail_blocked', 'approval_rejected', 'tool_failed'],
    answers: [asks(pick(TOOLS, n)), says()],
    act: ({ run }) => {
      const behavior = { type: 'rejectContent', message: 'Blocked: not for this customer.' };
      const inputGuardrails = [{ name: 'scope', run: async () => ({ behavior }) }];
      return run(agentOf([toolOf(pick(TOOLS, n), undefined, { inputGuardrails })]));
    },
  })),
  ...vary('a guardrail of a tool stops the run', 4, (n) => ({
    fires: ['guardrail_blocked'],
    tempts: ['tool_failed', 'approval_rejected'],
    answers: [asks(pick(TOOLS, n)), says()],
    act: ({ run }) => {
      const inputGuardrails = [
        { name: 'scope', run: async () => ({ behavior: { type: 'throwException' } }) },
      ];
      return run(agentOf([toolOf(pick(TOOLS, n), undefined, { inputGuardrails })]));
    },
  })),
];

const runs = [
  ...vary('an agent that is a tool runs out of turns', 4, () => ({
    fires: ['max_turns', 'tool_failed'],
    recovered: ['max_turns'],
    answers: [
      asks('helper', { input: 'x' }),
      asks('browse', { id: '1' }),
      asks('browse', { id: '2' }),
      says('outer'),
    ],
    act: ({ run }) => {
      const helper = agentOf([toolOf('browse')], { name: 'Helper' });
      const options = { toolName: 'helper', toolDescription: 'x', runOptions: { maxTurns: 2 } };
      return run(agentOf([helper.asTool(options)]));
    },
  })),
  ...vary('the application gives more turns after they ran out', 4, () => ({
    fires: ['max_turns'],
    recovered: ['max_turns'],
    answers: [asks('browse', { id: '1' }), asks('browse', { id: '2' }), says()],
    act: async ({ run }) => {
      const agent = agentOf([toolOf('browse')]);
      await run(agent, 'x', { maxTurns: 1 }).catch(() => undefined);
      return run(agent, 'x', { maxTurns: 5 });
    },
  })),
  ...vary('work of the application is slow around an agent that is not', 4, () => ({
    fires: ['slow_span'],
    answers: [says()],
    act: ({ run }) =>
      withCustomSpan(
        async () => {
          await pause(1_100);
          return run(agentOf());
        },
        { data: { name: 'prepare' } },
      ),
    diagnose: { slowMs: 1_000 },
  })),
  ...vary('an agent waits long between two quick runs', 4, () => ({
    fires: [],
    tempts: ['slow_span', 'trace_truncated', 'approval_pending'],
    answers: [says('1'), says('2')],
    act: async ({ run }) => {
      await run(agentOf());
      await pause(1_100);
      return run(agentOf());
    },
    diagnose: halfIsSlow,
  })),
];

export const cornerScenarios: readonly Scenario[] = [
  ...tools,
  ...repeats,
  ...handoffs,
  ...models,
  ...people,
  ...runs,
];
