/**
 * What happens inside one agent run, as data: the fixture Workers act it out
 * with the real SDK, the oracle predicts from it which spans there must be.
 */
import type { Answer } from '../support/script.ts';

export interface ToolPlan {
  name: string;
  /**
   * - `answers`: returns text, of `bytes` bytes where that is given
   * - `throws`: the SDK tells the model of the error
   * - `fails-run`: the error ends the run
   * - `hangs`: never returns
   * - `asks`: runs another agent as a tool
   */
  does: 'answers' | 'throws' | 'fails-run' | 'hangs' | 'asks';
  agent?: AgentPlan;
  bytes?: number;
}

type Verdict = 'passes' | 'trips';

export interface AgentPlan {
  name: string;
  tools?: ToolPlan[];
  /** The model hands over by calling `transfer_to_<name>`. */
  handoffs?: AgentPlan[];
  inputGuardrail?: Verdict;
  outputGuardrail?: Verdict;
}

export interface Plot {
  agent: AgentPlan;
  /** The model's answers in order, whichever agent asks. */
  answers: Answer[];
  maxTurns?: number;
  /** Chat Completions instead of Responses. */
  chat?: boolean;
  /** A span of the application's own around the run. */
  within?: string;
}

/** The plot with every name marked as one request's: what is found elsewhere says where it came from. */
export function sign(plot: Plot, marker: string): Plot {
  const signed = (name: string): string => `${name}_${marker}`;
  const agent = (plan: AgentPlan): AgentPlan => ({
    ...plan,
    name: signed(plan.name),
    tools: plan.tools?.map((tool) => ({
      ...tool,
      name: signed(tool.name),
      ...(tool.agent && { agent: agent(tool.agent) }),
    })),
    handoffs: plan.handoffs?.map(agent),
  });
  return {
    ...plot,
    agent: agent(plot.agent),
    answers: plot.answers.map((answer) =>
      'toolCalls' in answer && answer.toolCalls
        ? {
            ...answer,
            toolCalls: answer.toolCalls.map((each) => ({ ...each, name: signed(each.name) })),
          }
        : answer,
    ),
    ...(plot.within && { within: signed(plot.within) }),
  };
}

const call = (name: string, args: Record<string, unknown> = {}): Answer => ({
  toolCalls: [{ name, arguments: args }],
});
const answer: Answer = { text: 'Your order is on its way.' };
const lookup: ToolPlan = { name: 'lookup', does: 'answers' };
const withLookup: AgentPlan = { name: 'support', tools: [lookup] };

const PLOTS = {
  answer: { agent: { name: 'support' }, answers: [answer] },
  tool: { agent: withLookup, answers: [call('lookup'), answer] },
  /** Its last answer takes a while, so that a client can leave in the middle of it. */
  'slow answer': {
    agent: withLookup,
    answers: [call('lookup'), { ...answer, chunks: 8, chunkDelayMs: 20 }],
  },
  'late answer': { agent: withLookup, answers: [call('lookup'), { ...answer, delayMs: 150 }] },
  'two tools': {
    agent: { name: 'support', tools: [lookup, { name: 'stock', does: 'answers' }] },
    answers: [
      {
        toolCalls: [
          { name: 'lookup', arguments: {} },
          { name: 'stock', arguments: {} },
        ],
      },
      answer,
    ],
  },
  'large tool': {
    agent: { name: 'support', tools: [{ ...lookup, bytes: 300_000 }] },
    answers: [call('lookup'), answer],
  },
  'many turns': {
    agent: withLookup,
    answers: [...Array.from({ length: 12 }, () => call('lookup')), answer],
    maxTurns: 20,
  },
  'tool error': {
    agent: { name: 'support', tools: [{ name: 'lookup', does: 'throws' }] },
    answers: [call('lookup'), answer],
  },
  'fatal tool': {
    agent: { name: 'support', tools: [{ name: 'lookup', does: 'fails-run' }] },
    answers: [call('lookup')],
  },
  'hanging tool': {
    agent: { name: 'support', tools: [{ name: 'lookup', does: 'hangs' }] },
    answers: [call('lookup')],
  },
  'agent as tool': {
    agent: {
      name: 'support',
      tools: [{ name: 'ask', does: 'asks', agent: { name: 'expert', tools: [lookup] } }],
    },
    answers: [call('ask', { input: 'Where is it?' }), call('lookup'), answer, answer],
  },
  handoff: {
    agent: { name: 'triage', handoffs: [{ name: 'billing', tools: [lookup] }] },
    answers: [call('transfer_to_billing'), call('lookup'), answer],
  },
  'input guardrail': { agent: { name: 'support', inputGuardrail: 'trips' }, answers: [answer] },
  'output guardrail': { agent: { name: 'support', outputGuardrail: 'trips' }, answers: [answer] },
  'guardrails pass': {
    agent: { name: 'support', inputGuardrail: 'passes', outputGuardrail: 'passes' },
    answers: [answer],
  },
  'max turns': {
    agent: withLookup,
    answers: [call('lookup'), call('lookup'), call('lookup')],
    maxTurns: 2,
  },
  'model fails': { agent: withLookup, answers: [call('lookup'), { error: { status: 500 } }] },
  /** Only a stream can break off in the middle. */
  'model breaks off': {
    agent: withLookup,
    answers: [call('lookup'), { text: 'Your order is', breakAfter: 5 }],
  },
  'model resets': { agent: withLookup, answers: [call('lookup'), { reset: true }] },
  'model hangs': { agent: withLookup, answers: [call('lookup'), { hang: true }] },
  'model falls silent': {
    agent: withLookup,
    answers: [call('lookup'), { ...answer, chunks: 8, hangAfter: 7 }],
  },
  refusal: { agent: { name: 'support' }, answers: [{ refusal: 'I cannot help with that.' }] },
  chat: { agent: withLookup, answers: [call('lookup'), answer], chat: true },
  custom: { agent: withLookup, answers: [call('lookup'), answer], within: 'checkout' },
} satisfies Record<string, Plot>;

export type PlotName = keyof typeof PLOTS;

export const plots: Record<PlotName, Plot> = PLOTS;
