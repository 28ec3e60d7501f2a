import type { DiagnoseOptions } from '../../../src/diagnose/options.ts';
import type { Answer } from '../../support/script.ts';
import type { Scenario } from '../scenario.ts';
import {
  agentOf,
  asks,
  halfIsSlow,
  handsTo,
  pause,
  pick,
  says,
  team,
  toolOf,
  TOOLS,
  vary,
} from './kit.ts';

/** A tool that always has news, so that it can be called on and on. */
const pages = (name: string) => toolOf(name, (id) => `what is on ${id}`);

/** So many calls with other arguments each. */
function browses(name: string, count: number): Answer[] {
  return Array.from({ length: count }, (_, page) => asks(name, { id: `page ${page}` }));
}

const turns = [
  ...vary('the turns run out', 8, (n) => ({
    fires: ['max_turns'],
    tempts: ['unexplained_failure'],
    answers: browses(pick(TOOLS, n), 2 + (n % 3)),
    act: ({ run }) => run(agentOf([pages(pick(TOOLS, n))]), undefined, { maxTurns: 2 + (n % 3) }),
  })),
  ...vary('the turns run out and the application has an answer', 4, (n) => ({
    fires: ['max_turns'],
    recovered: ['max_turns'],
    answers: browses(pick(TOOLS, n), 2),
    act: ({ run }) =>
      run(agentOf([pages(pick(TOOLS, n))]), undefined, {
        maxTurns: 2,
        errorHandlers: { maxTurns: () => ({ finalOutput: 'That is all I found.' }) },
      }),
  })),
  ...vary('the last turn that is allowed is the last that is needed', 4, (n) => ({
    fires: [],
    tempts: ['max_turns'],
    answers: [...browses(pick(TOOLS, n), 1 + (n % 2)), says()],
    act: ({ run }) => run(agentOf([pages(pick(TOOLS, n))]), undefined, { maxTurns: 2 + (n % 2) }),
  })),
  ...vary('a tool of its own accord speaks of turns', 2, (n) => ({
    fires: ['tool_failed'],
    tempts: ['max_turns'],
    answers: [asks(pick(TOOLS, n)), says('Sorry.')],
    act: ({ run }) =>
      run(
        agentOf([
          toolOf(pick(TOOLS, n), () => {
            throw new Error('Max turns (3) exceeded');
          }),
        ]),
      ),
  })),
];

/** Calls of a tool and an answer, each having read so many tokens. */
function reads(inputs: readonly number[], name = 'browse'): Answer[] {
  return inputs.map((input, at) => ({
    ...(at === inputs.length - 1 ? says() : asks(name, { id: `page ${at}` })),
    usage: { input, cached: 0, output: 50, reasoning: 0 },
  }));
}

const GROWING: readonly (readonly number[])[] = [
  [1_000, 5_000, 9_000, 13_000, 17_000],
  [800, 2_000, 4_500, 9_000, 18_000, 36_000],
  [3_000, 9_000, 15_000, 21_000, 27_000, 33_000, 39_000],
  [500, 4_000, 4_000, 12_000, 20_000, 28_000],
];

const CALM: readonly (readonly number[])[] = [
  [2_000, 10_000, 10_050, 10_100, 10_150, 10_200, 10_250],
  [2_000, 9_000, 16_000, 3_000, 10_000, 4_000],
  [100, 400, 700, 1_000, 1_300, 1_600],
  [20_000, 21_000, 22_000, 23_000, 24_000, 25_000],
  [1_000, 30_000, 60_000],
  [30_000, 20_000, 15_000, 12_000, 11_000],
];

const contexts = [
  ...vary('each call reads more than the one before', 8, (n) => ({
    fires: ['context_growing'],
    answers: reads(pick(GROWING, n)),
    act: ({ run }) => run(agentOf([pages('browse')])),
  })),
  ...vary('calls read much without growing on', 6, (n) => ({
    fires: [],
    tempts: ['context_growing', 'tokens_unusual'],
    answers: reads(pick(CALM, n)),
    act: ({ run }) => run(agentOf([pages('browse')])),
  })),
  ...vary('runs in one trace grow one after the other', 2, () => ({
    fires: [],
    tempts: ['context_growing'],
    answers: [1_000, 4_000, 8_000, 12_000, 16_000, 20_000].flatMap((input) => reads([input])),
    act: async ({ run }) => {
      for (let at = 0; at < 6; at += 1) await run(agentOf([], { name: `Step ${at}` }));
    },
  })),
  ...vary('agents hand a growing conversation on', 2, () => ({
    fires: [],
    tempts: ['context_growing'],
    answers: ['B', 'C', 'D']
      .map(handsTo)
      .concat(says())
      .map((answer, at) => ({
        ...answer,
        usage: { input: 1_000 * 3 ** at },
      })),
    act: ({ run }) => run(team(['A', 'B', 'C', 'D'])),
  })),
];

const totals = [
  ...vary('a trace takes many times the usual tokens', 8, (n) => ({
    fires: ['tokens_unusual'],
    answers: [
      { ...asks('browse'), usage: { input: 4_000 * (1 + n), output: 100 } },
      { ...says(), usage: { input: 4_000 * (1 + n), output: 900 } },
    ],
    act: ({ run }) => run(agentOf([pages('browse')])),
    diagnose: { usual: { tokens: 1_500 } },
  })),
  ...vary('a trace takes somewhat more than the usual tokens', 4, (n) => ({
    fires: [],
    tempts: ['tokens_unusual'],
    answers: [
      { ...asks('browse'), usage: { input: 1_000, output: 100 } },
      { ...says(), usage: { input: 1_100, output: 100 + n * 100 } },
    ],
    act: ({ run }) => run(agentOf([pages('browse')])),
    diagnose: { usual: { tokens: 1_500 } },
  })),
  ...vary('a trace is far under the usual tokens, or small in all', 4, (n) => ({
    fires: [],
    tempts: ['tokens_unusual'],
    answers: [{ ...says(), usage: { input: 120, output: 30 } }],
    act: ({ run }) => run(agentOf()),
    diagnose: { usual: { tokens: n % 2 ? 20_000 : 10 } },
  })),
];

const SLOW_MS = 1_200;
/** What was made to take so long is over it, however busy the machine is. */
const longIsSlow: DiagnoseOptions = { slowMs: SLOW_MS - 100 };

const slow = [
  ...vary('a tool is slow', 4, (n) => ({
    fires: ['slow_span'],
    answers: [asks(pick(TOOLS, n)), says()],
    act: ({ run }) =>
      run(agentOf([toolOf(pick(TOOLS, n), () => pause(SLOW_MS).then(() => 'late'))])),
    diagnose: longIsSlow,
  })),
  ...vary('the model is slow', 4, () => ({
    fires: ['slow_span'],
    answers: [asks('warm_up'), { ...says(), delayMs: SLOW_MS }],
    act: ({ run }) => run(agentOf([toolOf('warm_up')])),
    diagnose: longIsSlow,
  })),
  ...vary('a long run of quick steps', 4, (n) => ({
    fires: [],
    tempts: ['slow_span', 'trace_truncated'],
    answers: [...browses(pick(TOOLS, n), 6), says()],
    act: ({ run }) =>
      run(agentOf([toolOf(pick(TOOLS, n), (id) => pause(180).then(() => `what is on ${id}`))])),
    diagnose: halfIsSlow,
  })),
  ...vary('an agent that is a tool takes long, and none of its steps does', 4, () => ({
    fires: [],
    tempts: ['slow_span'],
    answers: [
      asks('helper', { input: 'x' }),
      ...browses('browse', 6),
      says('inner'),
      says('outer'),
    ],
    act: ({ run }) => {
      const helper = agentOf([toolOf('browse', (id) => pause(180).then(() => `on ${id}`))]);
      return run(agentOf([helper.asTool({ toolName: 'helper', toolDescription: 'x' })]));
    },
    diagnose: halfIsSlow,
  })),
];

export const limitScenarios: readonly Scenario[] = [...turns, ...contexts, ...totals, ...slow];
