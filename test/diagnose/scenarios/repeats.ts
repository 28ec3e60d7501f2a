import type { Scenario } from '../scenario.ts';
import { agentOf, asks, handsTo, inTurn, pick, says, team, toolOf, TOOLS, vary } from './kit.ts';

/** The same arguments in another order of keys. */
const INPUTS = ['{"id":"A-1","unit":"c"}', '{ "unit": "c", "id": "A-1" }'] as const;

const repeats = [
  ...vary('a call is repeated and answered alike', 4, (n) => ({
    fires: ['repeated_call'],
    answers: [asks(pick(TOOLS, n), INPUTS[0]), asks(pick(TOOLS, n), INPUTS[1]), says()],
    act: ({ run }) => run(agentOf([toolOf(pick(TOOLS, n))])),
  })),
  ...vary('a call is repeated many times', 6, (n) => ({
    fires: ['repeated_call'],
    answers: [
      asks('warm_up', { id: 'first' }),
      ...Array.from({ length: 3 + (n % 3) }, () => asks(pick(TOOLS, n), { id: `B-${n}` })),
      says(),
    ],
    act: ({ run }) =>
      run(agentOf([toolOf('warm_up'), toolOf(pick(TOOLS, n), (id) => ({ id, status: 'open' }))])),
  })),
  ...vary('a call is repeated until the turns run out', 2, (n) => ({
    fires: ['repeated_call', 'max_turns'],
    answers: Array.from({ length: 4 }, () => asks(pick(TOOLS, n))),
    act: ({ run }) => run(agentOf([toolOf(pick(TOOLS, n))]), undefined, { maxTurns: 4 }),
  })),
  ...vary('a call fails again and again', 2, (n) => ({
    fires: ['repeated_call', 'tool_failed'],
    answers: [...Array.from({ length: 4 }, () => asks(pick(TOOLS, n))), says('Sorry.')],
    act: ({ run }) =>
      run(
        agentOf([
          toolOf(pick(TOOLS, n), () => {
            throw new Error('down');
          }),
        ]),
      ),
  })),
];

const progress = [
  ...vary('a status is polled until it changes', 4, (n) => ({
    fires: [],
    tempts: ['repeated_call'],
    answers: [...Array.from({ length: 3 + (n % 2) }, () => asks('get_status')), says()],
    act: ({ run }) =>
      run(agentOf([toolOf('get_status', inTurn('pending', 'pending', 'running', 'done'))])),
  })),
  ...vary('a long poll ends with news', 2, () => ({
    fires: [],
    tempts: ['repeated_call'],
    answers: [...Array.from({ length: 4 }, () => asks('get_status')), says()],
    act: ({ run }) =>
      run(agentOf([toolOf('get_status', inTurn('pending', 'pending', 'pending', 'done'))])),
  })),
  ...vary('a record is read again after it was changed', 4, (n) => ({
    fires: [],
    tempts: ['repeated_call'],
    answers: [
      asks('read_record'),
      asks('write_record', { id: 'new' }),
      asks('read_record'),
      says(),
    ],
    act: ({ run }) =>
      run(
        agentOf([
          // One application answers alike after the change, another differently.
          toolOf('read_record', n % 2 ? inTurn('old', 'new') : () => 'a record'),
          toolOf('write_record'),
        ]),
      ),
  })),
  ...vary('two agents read the same record', 4, (n) => ({
    fires: [],
    tempts: ['repeated_call', 'handoff_loop'],
    answers: [asks(pick(TOOLS, n)), handsTo('Billing'), asks(pick(TOOLS, n)), says()],
    act: ({ run }) => run(team(['Triage', 'Billing'], [toolOf(pick(TOOLS, n))])),
  })),
  ...vary('one tool is called with other arguments each time', 4, (n) => ({
    fires: [],
    tempts: ['repeated_call', 'max_turns'],
    answers: [1, 2, 3, 4]
      .map((page) => asks(pick(TOOLS, n), { id: `page ${page}` }))
      .concat(says()),
    act: ({ run }) => run(agentOf([toolOf(pick(TOOLS, n), () => 'a page')])),
  })),
];

export const repeatScenarios: readonly Scenario[] = [...repeats, ...progress];
