/** Agents and spans that carry a canary in every place that a trace can hold anything in. */
import {
  Agent,
  createCustomSpan,
  createMCPListToolsSpan,
  createSpeechGroupSpan,
  createSpeechSpan,
  createTranscriptionSpan,
  getGlobalTraceProvider,
  handoff,
  Runner,
  RunState,
  tool,
  withCustomSpan,
} from '@openai/agents';
import type { Span, SpanData } from '@openai/agents';
import { z } from 'zod';
import type { ActiveTrace } from '../../src/request/active-trace.ts';
import { fakeOpenAI } from '../support/openai.ts';
import type { Answer } from '../support/script.ts';
import type { Canaries } from './canaries.ts';

/** How a run is made. */
export interface Way {
  readonly sensitiveData: boolean;
  readonly streamed: boolean;
  readonly api: 'responses' | 'chat';
}

function runnerOf({ sensitiveData, api }: Way, script: Answer[]): Runner {
  const { provider, chatProvider } = fakeOpenAI(undefined, script);
  return new Runner({
    modelProvider: api === 'chat' ? chatProvider : provider,
    traceIncludeSensitiveData: sensitiveData,
  });
}

function nested(canary: string): string {
  return JSON.stringify({ items: [{ note: JSON.stringify({ inner: canary }) }], [canary]: canary });
}

/** JSON in so many levels of lists. */
function deep(canary: string, levels = 2_000): unknown {
  let value: unknown = canary;
  for (let level = 0; level < levels; level += 1) value = [value];
  return value;
}

/** An agent that calls a tool, fails at another, hands over, and whose guardrails speak. */
function support(canaries: Canaries, plant: (where: string) => string, lookupName: string): Agent {
  const lookup = tool({
    name: lookupName,
    description: `Finds. ${plant('tool description')}`,
    parameters: z.object({ id: z.string() }),
    execute: ({ id }) => nested(`${plant('tool output, nested')} for ${id}`),
  });
  const broken = tool({
    name: 'broken_tool',
    description: 'Fails',
    parameters: z.object({ id: z.string() }),
    // With the SDK's own it would not record the error.
    errorFunction: (_context, error) => `It failed: ${String(error)}`,
    execute: () => {
      throw new RangeError(plant('tool error'));
    },
  });
  const guardrail = (when: string) => ({
    name: canaries.name(`no_refunds_${when}`),
    execute: async () => ({
      tripwireTriggered: false,
      outputInfo: { note: plant(`${when} guardrail`) },
    }),
  });
  const billing = new Agent({
    name: canaries.name('Billing'),
    instructions: `Bill. ${plant('instructions of the second agent')}`,
    model: 'gpt-test',
    outputGuardrails: [guardrail('output')],
  });
  return new Agent({
    name: canaries.name('Support'),
    instructions: `Help. ${plant('instructions')}`,
    model: 'gpt-test',
    tools: [lookup, broken],
    handoffs: [
      handoff(billing, {
        toolNameOverride: 'transfer_to_Billing',
        toolDescriptionOverride: plant('handoff description'),
      }),
    ],
    inputGuardrails: [guardrail('input')],
  });
}

export async function runAgents(canaries: Canaries, way: Way): Promise<void> {
  const plant = (where: string): string => canaries.plant(`${where} (${way.api})`);
  const lookupName = canaries.name('lookup_order', 'word');
  const script: Answer[] = [
    {
      toolCalls: [
        { name: lookupName, arguments: { id: plant('tool arguments') } },
        { name: 'broken_tool', arguments: { id: plant('arguments of a tool that fails') } },
      ],
    },
    { toolCalls: [{ name: 'broken_tool', arguments: `{"id": "${plant('malformed arguments')}` }] },
    { text: '', toolCalls: [{ name: 'transfer_to_Billing', arguments: {} }] },
    { text: `Done. ${plant('answer')}` },
  ];
  const runner = runnerOf(way, script);
  const question = `Hello, ${plant('prompt')}`;
  const agent = support(canaries, plant, lookupName);
  if (!way.streamed) return void (await runner.run(agent, question).catch(() => undefined));
  const result = await runner.run(agent, question, { stream: true });
  const events: unknown[] = [];
  for await (const event of result) events.push(event);
  await result.completed.catch(() => undefined);
}

/** A model that fails, with a message of its own. */
export async function failModel(canaries: Canaries, way: Way): Promise<void> {
  const message = canaries.plant(`error of the model (${way.api})`);
  const runner = runnerOf(way, [{ error: { status: 400, message, code: 'bad' } }]);
  const agent = new Agent({ name: 'Failing', model: 'gpt-test' });
  await runner.run(agent, 'hi').catch(() => undefined);
}

const refundOf = (canaries: Canaries) =>
  tool({
    name: 'refund',
    description: 'Pays back',
    parameters: z.object({ id: z.string() }),
    needsApproval: true,
    execute: () => canaries.plant('output of an approved tool'),
  });

/** A run that waits for an approval; its state, as it would be kept until somebody decides. */
export async function interrupt(canaries: Canaries, way: Way): Promise<string> {
  const script = [
    { toolCalls: [{ name: 'refund', arguments: { id: canaries.plant('arguments to approve') } }] },
  ];
  const agent = new Agent({ name: 'Refunds', model: 'gpt-test', tools: [refundOf(canaries)] });
  const result = await runnerOf(way, script).run(agent, canaries.plant('prompt before approval'));
  return result.state.toString();
}

export async function resume(canaries: Canaries, way: Way, kept: string): Promise<void> {
  const agent = new Agent({ name: 'Refunds', model: 'gpt-test', tools: [refundOf(canaries)] });
  const state = await RunState.fromString(agent, kept);
  for (const item of state.getInterruptions()) state.approve(item);
  const runner = runnerOf(way, [{ text: canaries.plant('answer after approval') }]);
  await runner.run(agent, state);
}

/** Spans that an application makes itself, of every type. */
export async function makeSpans(canaries: Canaries): Promise<void> {
  const plant = (where: string): string => canaries.plant(where);
  const error = (where: string) => ({
    message: plant(`message of ${where}`),
    data: { cause: plant(`data of ${where}`), [`key ${plant(`key of ${where}`)}`]: 1 },
  });
  const data = {
    text: plant('custom data'),
    nested: nested(plant('custom data, nested')),
    deep: deep(plant('custom data, 2,000 levels deep')),
    [plant('custom data, a key')]: 1,
    password: canaries.password('custom data, under `password`'),
  };
  await withCustomSpan(async (span) => span.setError(error('a custom span')), {
    data: { name: canaries.name('work'), data },
  });
  const audio = (where: string) => ({ data: plant(where), format: 'pcm' });
  const spans: Span<SpanData>[] = [
    createTranscriptionSpan({
      data: {
        input: audio('recording'),
        output: plant('transcript'),
        model: 'm',
        model_config: { prompt: plant('prompt of a transcription') },
      },
    }),
    createSpeechSpan({
      data: {
        input: plant('text to speak'),
        output: audio('speech'),
        model: 'm',
        model_config: { voice: plant('voice') },
      },
    }),
    createSpeechGroupSpan({ data: { input: plant('text of a group') } }),
    createMCPListToolsSpan({
      data: {
        server: canaries.name('files'),
        result: [canaries.name('read')],
        raw: plant('MCP, raw'),
      } as never,
    }),
    createCustomSpan({
      data: {
        name: 'more',
        data: {},
        [`extra ${plant('key of a span')}`]: plant('extra field'),
      },
    }),
  ];
  for (const type of ['a_later_type', 'agent', 'task', 'turn', 'handoff', 'guardrail'])
    spans.push(
      odd({
        type,
        name: 'odd',
        notes: plant(`notes of ${type}`),
        usage: { [plant(`usage of ${type}`)]: plant(`text in usage of ${type}`) },
      }),
    );
  for (const span of spans) {
    span.start();
    span.setError(error(`a span of type ${span.spanData.type}`));
    span.end();
  }
}

function odd(data: object): Span<SpanData> {
  return getGlobalTraceProvider().createSpan({ data: data as SpanData });
}

/** What the application says of the trace itself. */
export function annotate(trace: ActiveTrace, canaries: Canaries): void {
  const plant = (where: string): string => canaries.plant(where);
  trace.setMetadata({ undeclared: plant('undeclared metadata') });
  trace.setMetadata({ [plant('key of metadata')]: 'x' });
  trace.outcome(`said ${plant('name of an outcome')}`, true);
  trace.outcome('checked', false, `code ${plant('code of an outcome')}`);
  trace.log('answered', {
    text: plant('field of a log line'),
    [`key ${plant('key of a log line')}`]: true,
  });
  trace.log(`event ${plant('event of a log line')}`, {});
}
