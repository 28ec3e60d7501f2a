import { handoff } from '@openai/agents';
import type { Scenario } from '../scenario.ts';
import {
  agentOf,
  AGENTS,
  asks,
  asksAll,
  handsTo,
  pick,
  says,
  team,
  toolOf,
  TOOLS,
  vary,
} from './kit.ts';

const thrown = (): never => {
  throw new RangeError('no');
};

const loops = [
  ...vary('two agents send each other back and forth', 6, (n) => ({
    fires: ['handoff_loop'],
    answers: [
      ...Array.from({ length: 4 + (n % 3) }, (_, at) => handsTo(at % 2 ? 'Triage' : 'Billing')),
      says(),
    ],
    act: ({ run }) => run(team(['Triage', 'Billing'])),
  })),
  ...vary('three agents send each other round', 2, () => ({
    fires: ['handoff_loop'],
    answers: ['B', 'C', 'A', 'B', 'C'].map(handsTo).concat(says()),
    act: ({ run }) => run(team(['A', 'B', 'C'])),
  })),
  ...vary('two agents hand over until the turns run out', 2, () => ({
    fires: ['handoff_loop', 'handoff_not_taken', 'max_turns'],
    answers: ['B', 'A', 'B', 'A', 'B'].map(handsTo),
    act: ({ run }) => run(team(['A', 'B']), undefined, { maxTurns: 5 }),
  })),
  ...vary('two agents hand over and read the same again each time', 2, (n) => ({
    fires: ['handoff_loop'],
    answers: [
      handsTo('B'),
      asks(pick(TOOLS, n)),
      handsTo('A'),
      handsTo('B'),
      asks(pick(TOOLS, n)),
      handsTo('A'),
      handsTo('B'),
      says(),
    ],
    act: ({ run }) => run(team(['A', 'B'], [toolOf(pick(TOOLS, n))])),
  })),
];

const progress = [
  ...vary('an agent asks another and gets the conversation back', 4, (n) => ({
    fires: [],
    tempts: ['handoff_loop', 'handoff_not_taken'],
    answers: [handsTo('B'), ...(n % 2 ? [asks('warm_up')] : []), handsTo('A'), says()],
    act: ({ run }) => run(team(['A', 'B'], [toolOf('warm_up')])),
  })),
  ...vary('two agents take turns and each does something new', 4, (n) => ({
    fires: [],
    tempts: ['handoff_loop', 'repeated_call'],
    answers: [
      handsTo('B'),
      asks(pick(TOOLS, n), { id: 'first' }),
      handsTo('A'),
      asks(pick(TOOLS, n), { id: 'second' }),
      handsTo('B'),
      asks(pick(TOOLS, n), { id: 'third' }),
      ...(n % 2 ? [handsTo('A')] : []),
      says(),
    ],
    act: ({ run }) => run(team(['A', 'B'], [toolOf(pick(TOOLS, n))])),
  })),
  ...vary('a chain of agents', 4, (n) => ({
    fires: [],
    tempts: ['handoff_loop', 'handoff_not_taken'],
    answers: AGENTS.slice(1, 2 + (n % 3))
      .map(handsTo)
      .concat(says()),
    act: ({ run }) => run(team(AGENTS)),
  })),
];

const untaken = [
  ...vary('the turns run out at a handoff', 4, (n) => ({
    fires: ['handoff_not_taken', 'max_turns'],
    answers: [handsTo(pick(AGENTS, n))],
    act: ({ run }) =>
      run(agentOf([], { handoffs: [agentOf([], { name: pick(AGENTS, n) })] }), undefined, {
        maxTurns: 1,
      }),
  })),
  ...vary('a handoff throws', 4, (n) => ({
    fires: ['handoff_not_taken'],
    answers: [handsTo(pick(AGENTS, n))],
    act: ({ run }) => {
      const target = agentOf([], { name: pick(AGENTS, n) });
      return run(agentOf([], { handoffs: [handoff(target, { onHandoff: thrown })] }));
    },
  })),
  ...vary('the filter of a handoff throws', 4, (n) => ({
    fires: ['handoff_not_taken'],
    answers: [...(n % 2 ? [asks('warm_up')] : []), handsTo(pick(AGENTS, n))],
    act: ({ run }) => {
      const target = agentOf([], { name: pick(AGENTS, n) });
      const handoffs = [handoff(target, { inputFilter: thrown })];
      return run(agentOf([toolOf('warm_up')], { handoffs }));
    },
  })),
  ...vary('two handoffs are asked for at once', 4, (n) => ({
    fires: ['handoff_not_taken'],
    tempts: ['tool_result_missing', 'approval_pending'],
    answers: [
      asksAll(...[1, 2].map((at): [string, object] => [`transfer_to_${'XYZ'[at]}`, {}])),
      ...(n % 2 ? [asks('warm_up')] : []),
      says(),
    ],
    act: ({ run }) => {
      const handoffs = ['X', 'Y', 'Z'].map((name) => agentOf([toolOf('warm_up')], { name }));
      return run(agentOf([], { handoffs }));
    },
  })),
  ...vary('the target of a handoff has no model that answers', 4, (n) => ({
    fires: ['model_failed'],
    tempts: ['handoff_not_taken'],
    answers: [handsTo(pick(AGENTS, n)), { error: { status: 503 } }],
    act: ({ run }) => run(agentOf([], { handoffs: [agentOf([], { name: pick(AGENTS, n) })] })),
  })),
];

export const handoffScenarios: readonly Scenario[] = [...loops, ...progress, ...untaken];
