import { WAYS } from '../scenario.ts';
import type { Scenario } from '../scenario.ts';
import { agentOf, asks, pick, says, toolOf, TOOLS, vary } from './kit.ts';

const STATUSES = [500, 429, 401, 503, 400] as const;
const STREAMED = WAYS.filter(({ stream }) => stream);

const failures = [
  ...vary('the model answers with an HTTP error', 8, (n) => ({
    fires: ['model_failed'],
    tempts: ['unexplained_failure'],
    answers: [
      ...(n % 2 ? [asks('warm_up')] : []),
      { error: { status: pick(STATUSES, n), message: 'Not now.' } },
    ],
    act: ({ run }) => run(agentOf([toolOf('warm_up')])),
  })),
  ...vary(
    'the stream of the model breaks off',
    4,
    (n) => ({
      fires: ['model_failed'],
      answers: [{ text: 'never to be read to its end', breakAfter: 3 + (n % 2) }],
      act: ({ run }) => run(agentOf()),
    }),
    STREAMED,
  ),
  ...vary('the application runs the agent again after a model error', 4, (n) => ({
    fires: ['model_failed'],
    recovered: ['model_failed'],
    answers: [{ error: { status: pick(STATUSES, n) } }, says()],
    act: ({ run }) => run(agentOf()).catch(() => run(agentOf())),
  })),
];

const refusals = [
  ...vary('the model refuses', 8, (n) => ({
    fires: ['model_refused'],
    tempts: ['model_failed', 'guardrail_blocked'],
    answers: [...(n % 2 ? [asks('warm_up')] : []), { refusal: 'I cannot help with that.' }],
    act: ({ run }) => run(agentOf([toolOf('warm_up')])),
  })),
  ...vary("the provider's filter stops the model", 4, () => ({
    fires: ['model_refused'],
    tempts: ['output_cut_by_length', 'model_failed'],
    answers: [{ incomplete: 'content_filter', text: 'half' }],
    act: ({ run }) => run(agentOf()),
  })),
  ...vary('the model declines in plain words', 8, (n) => ({
    fires: [],
    tempts: ['model_refused', 'model_failed', 'output_cut_by_length', 'guardrail_blocked'],
    answers: [
      ...(n % 2 ? [asks('warm_up')] : []),
      says(pick(["I'm sorry, I can't help with that…", 'I refuse.', 'Error 500: refused'], n)),
    ],
    act: ({ run }) => run(agentOf([toolOf('warm_up')])),
  })),
];

const cuts = [
  ...vary('the answer is cut by its length', 12, (n) => ({
    fires: ['output_cut_by_length'],
    tempts: ['model_failed', 'model_refused'],
    answers: [
      ...(n % 2 ? [asks('warm_up')] : []),
      { incomplete: 'max_output_tokens', text: 'half of what' },
    ],
    act: ({ run }) => run(agentOf([toolOf('warm_up')])),
  })),
  ...vary('a long answer that ends by itself', 8, (n) => ({
    fires: [],
    tempts: ['output_cut_by_length', 'context_growing', 'tokens_unusual'],
    answers: [
      asks(pick(TOOLS, n)),
      {
        text: 'and so on, '.repeat(500),
        usage: { output: pick([4_096, 8_192, 16_384], n) },
        chunks: 2,
      },
    ],
    act: ({ run }) => run(agentOf([toolOf(pick(TOOLS, n))])),
  })),
];

export const modelScenarios: readonly Scenario[] = [...failures, ...refusals, ...cuts];
