import type { Tool } from '@openai/agents';
import type { Scenario } from '../scenario.ts';
import { agentOf, asks, asksAll, failsFirst, pick, says, toolOf, TOOLS, vary } from './kit.ts';

function fail(): never {
  throw new TypeError('no such thing');
}

/** Works before the tool that matters, so that it is not always the first. */
function warmUp(n: number): ReturnType<typeof asks>[] {
  return n % 3 === 0 ? [asks('warm_up')] : [];
}

const warm = (): Tool => toolOf('warm_up');

const failures = [
  ...vary('a tool throws and the model makes do', 8, (n) => ({
    fires: ['tool_failed'],
    answers: [...warmUp(n), asks(pick(TOOLS, n)), says('Sorry.')],
    act: ({ run }) => run(agentOf([warm(), toolOf(pick(TOOLS, n), fail)])),
  })),
  ...vary('a tool throws and ends the run', 4, (n) => ({
    fires: ['tool_failed'],
    answers: [asksAll([pick(TOOLS, n), { id: 'A' }], ['warm_up', { id: 'B' }])],
    act: ({ run }) => run(agentOf([warm(), toolOf(pick(TOOLS, n), fail, { errorFunction: null })])),
  })),
  ...vary('a tool throws and is tried again with success', 8, (n) => ({
    fires: ['tool_failed'],
    recovered: ['tool_failed'],
    tempts: ['repeated_call'],
    answers: [...warmUp(n), asks(pick(TOOLS, n)), asks(pick(TOOLS, n)), says()],
    act: ({ run }) => run(agentOf([warm(), toolOf(pick(TOOLS, n), failsFirst(1))])),
  })),
  ...vary('a tool gets arguments that do not fit its schema', 4, (n) => ({
    fires: ['tool_failed'],
    tempts: ['tool_arguments_malformed'],
    answers: [asks(pick(TOOLS, n), { order: n }), says('Sorry.')],
    act: ({ run }) => run(agentOf([toolOf(pick(TOOLS, n))])),
  })),
];

const ERROR_LIKE = [
  'Error: order not found',
  '{"error":"not_found","status":404}',
  'Traceback (most recent call last): KeyError',
  'FAILED: 3 checks did not pass',
  '{"ok":false,"message":"An error occurred while running the tool."}',
  'null',
  'Exception in thread "main"',
  '500 Internal Server Error',
];

const errorTexts = vary('a tool answers with what reads like an error', 8, (n) => ({
  fires: [],
  tempts: ['tool_failed', 'tool_output_malformed', 'approval_rejected'],
  answers: [asks(pick(TOOLS, n)), says('It is not there.')],
  act: ({ run }) => run(agentOf([toolOf(pick(TOOLS, n), () => ERROR_LIKE[n])])),
}));

const BROKEN_ARGUMENTS = ['{"id": "A-1"', '{id: A-1}', "{'id': 'A-1'}", '{"id": "A-1",}', 'A-1'];
const ODD_ARGUMENTS = [
  '{}',
  '{{"id":}}',
  '🦊 “curly”',
  'a"b\\c',
  '[1,2',
  '</script>',
  '\n\t',
  'null',
];

const malformedArguments = [
  ...vary('the model writes arguments that are no JSON', 8, (n) => ({
    fires: ['tool_arguments_malformed'],
    tempts: ['tool_failed'],
    answers: [...warmUp(n), asks(pick(TOOLS, n), pick(BROKEN_ARGUMENTS, n)), says('Sorry.')],
    act: ({ run }) => run(agentOf([warm(), toolOf(pick(TOOLS, n))])),
  })),
  ...vary('the model corrects its malformed arguments', 4, (n) => ({
    fires: ['tool_arguments_malformed'],
    recovered: ['tool_arguments_malformed'],
    tempts: ['tool_failed', 'repeated_call'],
    answers: [
      asks(pick(TOOLS, n), pick(BROKEN_ARGUMENTS, n + 1)),
      asks(pick(TOOLS, n)),
      says('There.'),
    ],
    act: ({ run }) => run(agentOf([toolOf(pick(TOOLS, n))])),
  })),
  ...vary('the model writes odd arguments that are JSON', 8, (n) => ({
    fires: [],
    tempts: ['tool_arguments_malformed'],
    answers: [asks(pick(TOOLS, n), { id: ODD_ARGUMENTS[n] }), says()],
    act: ({ run }) => run(agentOf([toolOf(pick(TOOLS, n), () => 'fine')])),
  })),
];

const BROKEN_OUTPUTS = [
  '{"order":{"id":"A-1","lines":[{"sku":"x"',
  '[object Object]',
  '[{"id":1},{"id":2},{"id"',
  '{"total": 12.50, "currency": "EUR"',
  '{"a":1,}',
  '["one", "two", "thr',
  '{"body":"cut in the middle of a str',
  '{"id":"A-1"} Traceback (most recent call last)',
  '{\n  "rows": [\n    {"n": NaN}\n  ]\n}',
];

const ODD_OUTPUTS = [
  '[INFO] 3 rows were found',
  '{"a":1}\n{"a":2}\n{"a":3}',
  '[the manual](https://manual.test/a) says so',
  '{}',
  '[]',
  '{name} is the placeholder of the template',
  '[1] first result\n[2] second result',
  '  {"a": [1, 2, {"b": null}]}  ',
  '<html><body>{"a":</body></html>',
  '{ margin: 0; color: red }',
];

const outputs = [
  ...vary('a tool gives JSON that breaks off', BROKEN_OUTPUTS.length, (n) => ({
    fires: ['tool_output_malformed'],
    answers: [...warmUp(n), asks(pick(TOOLS, n)), says()],
    act: ({ run }) => run(agentOf([warm(), toolOf(pick(TOOLS, n), () => BROKEN_OUTPUTS[n])])),
  })),
  ...vary('a tool gives text that only begins like JSON', ODD_OUTPUTS.length, (n) => ({
    fires: [],
    tempts: ['tool_output_malformed'],
    answers: [asks(pick(TOOLS, n)), says()],
    act: ({ run }) => run(agentOf([toolOf(pick(TOOLS, n), () => ODD_OUTPUTS[n])])),
  })),
  ...vary('a tool gives a whole object', 2, (n) => ({
    fires: [],
    tempts: ['tool_output_malformed'],
    answers: [asks(pick(TOOLS, n)), says()],
    act: ({ run }) =>
      run(agentOf([toolOf(pick(TOOLS, n), (id) => ({ id, lines: [{ sku: 'x' }] }))])),
  })),
];

const missing = [
  ...vary('the model asks for a tool that is not there', 8, (n) => ({
    fires: ['tool_result_missing'],
    tempts: ['approval_pending', 'handoff_not_taken'],
    answers: [...warmUp(n), asks(pick(['delete_order', 'transfer_to_Nobody', 'x', 'web'], n))],
    act: ({ run }) => run(agentOf([warm()])),
  })),
  ...vary('the model asks for a tool that is there and one that is not', 2, () => ({
    fires: ['tool_result_missing'],
    answers: [asksAll(['warm_up', { id: 'A' }], ['nothing', { id: 'B' }])],
    act: ({ run }) => run(agentOf([warm()])),
  })),
  ...vary('tools are called side by side', 4, (n) => ({
    fires: [],
    tempts: ['tool_result_missing', 'repeated_call', 'approval_pending'],
    answers: [
      asksAll(...TOOLS.slice(0, 2 + (n % 2)).map((name): [string, object] => [name, { id: 'A' }])),
      asksAll([TOOLS[0], { id: 'A' }], [TOOLS[0], { id: 'B' }], [TOOLS[0], { id: 'C' }]),
      says(),
    ],
    act: ({ run }) => {
      let calls = 0;
      return run(agentOf(TOOLS.map((name) => toolOf(name, (id) => `${id} ${calls++}`))));
    },
  })),
  ...vary('an agent is a tool of another', 4, (n) => ({
    fires: [],
    tempts: ['tool_result_missing', 'handoff_not_taken', 'repeated_call', 'slow_span'],
    answers: [
      asks('helper', { input: 'help' }),
      ...(n % 2 ? [asks('warm_up', { id: 'in' })] : []),
      says('inner'),
      says('outer'),
    ],
    act: ({ run }) => {
      const helper = agentOf([warm()], { name: 'Helper' });
      return run(agentOf([helper.asTool({ toolName: 'helper', toolDescription: 'x' })]));
    },
  })),
  ...vary('an agent stops at its first tool', 4, (n) => ({
    fires: [],
    tempts: ['tool_result_missing', 'approval_pending', 'max_turns'],
    answers: [asks(pick(TOOLS, n))],
    act: ({ run }) =>
      run(agentOf([toolOf(pick(TOOLS, n))], { toolUseBehavior: 'stop_on_first_tool' })),
  })),
  ...vary('an agent finishes without its tools', 4, (n) => ({
    fires: [],
    tempts: ['tool_result_missing', 'no_agent_ran', 'model_refused', 'handoff_not_taken'],
    answers: [says('No tool is needed for that.')],
    act: ({ run }) => run(agentOf([toolOf(pick(TOOLS, n))])),
  })),
];

export const toolScenarios: readonly Scenario[] = [
  ...failures,
  ...errorTexts,
  ...malformedArguments,
  ...outputs,
  ...missing,
];
