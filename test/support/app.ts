import { createExecutionContext } from 'cloudflare:test';
import { Agent, Runner, tool } from '@openai/agents';
import { Hono } from 'hono';
import type { MiddlewareHandler } from 'hono';
import { z } from 'zod';
import { agentTracing } from '../../src/middleware.ts';
import type { TraceExporter } from '../../src/model/exporter.ts';
import type { SpanRecord, TraceBatch, TraceRecord } from '../../src/model/records.ts';
import type { TracingOptions } from '../../src/options.ts';
import { fakeOpenAI } from './openai.ts';
import type { Answer } from './script.ts';

/** An exporter that keeps what it was given. */
export interface MemoryExporter extends TraceExporter {
  batches: TraceBatch[];
  readonly spans: SpanRecord[];
  readonly traces: TraceRecord[];
}

export function memoryExporter(name = 'memory'): MemoryExporter {
  const batches: TraceBatch[] = [];
  return {
    name,
    batches,
    async export(batch) {
      batches.push(batch);
    },
    get spans() {
      return batches.flatMap((batch) => batch.spans);
    },
    get traces() {
      return batches.flatMap((batch) => batch.traces);
    },
  };
}

export type Options = Partial<TracingOptions<object>>;

export function tracing(options: Options = {}): MiddlewareHandler {
  return agentTracing<object>({
    workflow: 'support_triage',
    exporters: () => [],
    ...options,
  }) as MiddlewareHandler;
}

/** An app with the middleware on every route and a memory exporter behind it. */
export function tracedApp(options: Options = {}): { app: Hono; memory: MemoryExporter } {
  const memory = memoryExporter();
  const app = new Hono();
  app.use(tracing({ exporters: () => [memory], ...options }));
  return { app, memory };
}

/** Sends a request as the runtime would, with an ExecutionContext of its own. */
export async function send(
  app: Hono,
  path = '/',
  init?: RequestInit,
  env: object = {},
): Promise<Response> {
  return app.fetch(new Request(`http://app.test${path}`, init), env, createExecutionContext());
}

export const lookupOrder = tool({
  name: 'lookup_order',
  description: 'Finds an order',
  parameters: z.object({ id: z.string() }),
  execute: ({ id }) => `order ${id} is on its way`,
});

export const brokenTool = tool({
  name: 'broken_tool',
  description: 'Always fails',
  parameters: z.object({ id: z.string() }),
  execute: ({ id }) => {
    throw new RangeError(`no such thing: ${id}`);
  },
});

/** A runner and an agent over the real OpenAI client, whose model answers by the script. */
export function scripted(
  answers: Answer[],
  tools = [lookupOrder, brokenTool],
): { runner: Runner; agent: Agent } {
  const { provider } = fakeOpenAI(undefined, answers);
  return {
    runner: new Runner({ modelProvider: provider }),
    agent: new Agent({
      name: 'Support',
      instructions: 'Help the customer.',
      model: 'gpt-test',
      tools,
    }),
  };
}

export const toolThenText: Answer[] = [
  {
    toolCalls: [{ name: 'lookup_order', arguments: { id: 'A-1' } }],
    usage: { input: 10, output: 5 },
  },
  { text: 'Your order is on its way.', usage: { input: 20, cached: 12, output: 7, reasoning: 3 } },
];
