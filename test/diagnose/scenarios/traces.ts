import { withCustomSpan, withFunctionSpan, withSpeechSpan } from '@openai/agents';
import type { Tool } from '@openai/agents';
import type { Scenario } from '../scenario.ts';
import { agentOf, asks, pause, pick, says, toolOf, TOOLS, vary } from './kit.ts';

/** Longer than a test; who asked has hung up by then. */
const ENDLESS_MS = 30_000;
const short = { flush: { deadlineMs: 250 } };
const work = (name: string, act: () => Promise<unknown> = async () => undefined) =>
  withCustomSpan(act, { data: { name } });

/** Leaves work behind that nobody waits for, once it has begun. */
async function leave(running: Promise<unknown>, begun: Promise<unknown>): Promise<void> {
  running.catch(() => undefined);
  await begun;
}

/** A tool that works until the trace has been written. */
function lastingTool(name: string, written: AbortSignal): { begun: Promise<void>; lasting: Tool } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const lasting = toolOf(name, async () => {
    resolve();
    await new Promise((end) => written.addEventListener('abort', end));
    return 'late';
  });
  return { begun: promise, lasting };
}

const truncated = [
  ...vary('the deadline comes while a tool works', 4, (n) => ({
    fires: ['trace_truncated', 'tool_result_missing'],
    tempts: ['approval_pending', 'slow_span', 'trace_incomplete'],
    answers: [asks(pick(TOOLS, n)), says()],
    act: ({ run, written }) => {
      const { begun, lasting } = lastingTool(pick(TOOLS, n), written);
      return leave(run(agentOf([lasting])), begun);
    },
    tracing: short,
  })),
  ...vary('the deadline comes while the model thinks', 4, (n) => ({
    fires: ['trace_truncated'],
    tempts: ['tool_result_missing', 'model_failed', 'trace_incomplete'],
    answers: [...(n % 2 ? [asks('warm_up')] : []), { ...says(), delayMs: ENDLESS_MS }],
    act: ({ run, written: signal }) =>
      leave(run(agentOf([toolOf('warm_up')]), 'x', { signal }), pause(60)),
    tracing: short,
  })),
  ...vary('work goes on behind the response and ends in time', 4, () => ({
    fires: [],
    tempts: ['trace_truncated', 'trace_incomplete', 'slow_span'],
    answers: [asks('warm_up'), { ...says(), delayMs: 100 }],
    act: async ({ run, trace }) => trace.waitUntil(run(agentOf([toolOf('warm_up')]))),
  })),
  ...vary('a trace is written in steps', 8, (n) => ({
    fires: [],
    tempts: ['trace_incomplete', 'trace_truncated', 'repeated_call'],
    answers: [asks(pick(TOOLS, n)), asks('warm_up'), says()],
    act: ({ run }) => run(agentOf([toolOf(pick(TOOLS, n)), toolOf('warm_up')])),
    tracing: { flush: { maxSpans: 1 + (n % 3) } },
  })),
];

const plain = { answers: [asks('warm_up'), says()] };
const runPlain: Scenario['act'] = ({ run }) => run(agentOf([toolOf('warm_up')]));

const incomplete = [
  ...vary('spans did not arrive', 2, (n) => ({
    ...plain,
    fires: ['trace_incomplete'],
    act: runPlain,
    stored: ({ captured }) => ({ captured: (captured ?? 0) + 1 + n, missing: 1 + n }),
  })),
  ...vary('stored pieces cannot be read', 2, (n) => ({
    ...plain,
    fires: ['trace_incomplete'],
    act: runPlain,
    stored: () => ({ unreadable: 1 + n }),
  })),
  ...vary('the last word has still to come', 2, () => ({
    ...plain,
    fires: ['trace_incomplete'],
    tempts: ['trace_truncated'],
    act: runPlain,
    stored: () => ({ status: 'incomplete' }),
  })),
  ...vary('spans stayed behind', 2, (n) => ({
    ...plain,
    fires: ['trace_incomplete'],
    act: runPlain,
    stored: ({ captured }) => ({
      captured: (captured ?? 0) + 2,
      dropped: { [n ? 'buffer_full' : 'policy_failed']: 2 },
    }),
  })),
  ...vary('the spans of the tools did not arrive', 4, (n) => ({
    ...plain,
    fires: ['trace_incomplete'],
    tempts: ['tool_result_missing', 'approval_pending', 'handoff_not_taken'],
    act: runPlain,
    stored: ({ spans }) => {
      const left = spans.filter(({ facts }) => facts.kind !== 'function');
      return n % 2
        ? { spans: left, missing: 1 }
        : { spans: left, missing: 0, dropped: { buffer_full: 1 } };
    },
  })),
  ...vary('a trace that stands for many', 4, (n) => ({
    ...plain,
    fires: [],
    tempts: ['trace_incomplete'],
    act: runPlain,
    stored: () => ({ sampleWeight: pick([10, 2.5], n), ...(n > 1 && { captured: null }) }),
  })),
];

const ran = [
  ...vary('nothing ran at all', 2, () => ({
    fires: ['no_agent_ran'],
    answers: [],
    act: async () => undefined,
    tracing: { exportEmpty: true },
  })),
  ...vary('the handler failed before any agent', 3, (n) => ({
    fires: ['no_agent_ran'],
    tempts: ['model_failed', 'trace_incomplete', 'unexplained_failure'],
    answers: [],
    act: async () => {
      throw new RangeError(`no body ${n}`);
    },
    tracing: { exportEmpty: true },
  })),
  ...vary('the handler failed after its agent had answered', 4, (n) => ({
    ...plain,
    fires: ['unexplained_failure'],
    tempts: ['no_agent_ran', 'model_failed', 'tool_failed'],
    act: async (stage) => {
      await runPlain(stage);
      if (n > 1) await work('format');
      throw new RangeError(`no template ${n}`);
    },
  })),
  ...vary('the handler failed after work of its own and before any agent', 4, (n) => ({
    fires: ['no_agent_ran'],
    tempts: ['unexplained_failure'],
    answers: [],
    act: async () => {
      await work(pick(['load_customer', 'parse'], n));
      if (n > 1) await withFunctionSpan(async () => 1, { data: { name: 'cache' } });
      throw new RangeError('not this customer');
    },
  })),
  ...vary('a trace of custom work that meant no agent', 4, (n) => ({
    fires: [],
    tempts: ['no_agent_ran'],
    answers: [],
    act: async () => {
      await work(pick(['nightly_import', 'agent', 'run'], n), () => work('inner'));
      if (n > 1) await withFunctionSpan(async () => 1, { data: { name: 'cache' } });
    },
  })),
  ...vary('custom work that meant no agent failed', 3, () => ({
    fires: ['unexplained_failure'],
    tempts: ['no_agent_ran', 'tool_failed'],
    answers: [],
    act: () =>
      work('nightly_import', async () => {
        throw new RangeError('no rows');
      }),
  })),
  ...vary('a trace of speech', 2, () => ({
    fires: [],
    tempts: ['no_agent_ran'],
    answers: [],
    act: () => withSpeechSpan(async () => 1, { data: { model: 'tts', output: {} } } as never),
  })),
];

const NAMES = ['schema_valid', 'refund_within_limit', 'cites-sources'] as const;

const outcomes = [
  ...vary('a check of the application fails', 8, (n) => ({
    ...plain,
    fires: ['outcome_failed'],
    act: async (stage) => {
      await runPlain(stage);
      stage.trace.outcome('first', true);
      stage.trace.outcome(pick(NAMES, n), false, n % 2 ? 'missing_field' : undefined);
    },
  })),
  ...vary('a check fails and passes at the next try', 4, (n) => ({
    answers: [says('1'), says('2')],
    fires: ['outcome_failed'],
    recovered: ['outcome_failed'],
    act: async ({ run, trace }) => {
      await run(agentOf());
      trace.outcome(pick(NAMES, n), false);
      await run(agentOf());
      trace.outcome(pick(NAMES, n), true);
    },
  })),
  ...vary('checks of the application pass', 4, (n) => ({
    ...plain,
    fires: [],
    tempts: ['outcome_failed', 'invariant'],
    act: async (stage) => {
      await runPlain(stage);
      for (const name of ['failed_login_check', pick(NAMES, n)]) stage.trace.outcome(name, true);
    },
  })),
  ...vary('a check passes where no agent was to run', 2, () => ({
    answers: [],
    fires: [],
    tempts: ['outcome_failed', 'no_agent_ran'],
    act: async ({ trace }) => {
      await work('check');
      trace.outcome('config_valid', true, 'error_free');
    },
  })),
  ...vary('custom work is called like a failed check', 4, (n) => ({
    ...plain,
    fires: [],
    tempts: ['outcome_failed'],
    act: async (stage) => {
      await runPlain(stage);
      const data = { passed: false, outcome: 'failed' };
      const name = pick(['outcome', 'outcome_failed'], n);
      await withCustomSpan(async () => 1, { data: { name, data } });
    },
  })),
];

export const traceScenarios: readonly Scenario[] = [
  ...truncated,
  ...incomplete,
  ...ran,
  ...outcomes,
];
