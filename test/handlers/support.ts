import { createExecutionContext } from 'cloudflare:test';
import { withCustomSpan } from '@openai/agents';
import { traceHandlers } from '../../src/handlers.ts';
import type { HandlerOptions } from '../../src/options.ts';
import { memoryExporter } from '../support/app.ts';
import type { MemoryExporter } from '../support/app.ts';

type Options = Partial<HandlerOptions<object>>;

/** Options with a memory exporter behind them. */
export function traced(options: Options = {}): {
  options: HandlerOptions<object>;
  memory: MemoryExporter;
} {
  const memory = memoryExporter();
  return {
    options: { workflow: 'support_triage', exporters: () => [memory], ...options },
    memory,
  };
}

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

/** A span with a name, around what `act` does. */
export function work<T>(name: string, act?: () => T | Promise<T>): Promise<T | undefined> {
  return withCustomSpan(async () => act?.(), { data: { name } });
}

export function fail(): never {
  throw new RangeError('the handler failed');
}

export function spanNames({ spans }: MemoryExporter): (string | undefined)[] {
  return spans.map(({ facts }) => facts.name);
}

type Fetch = (request: Request, env: object, ctx: ExecutionContext) => Promise<Response>;

/** A plain `fetch` handler, called as the runtime would. */
export function fetcher(
  options: HandlerOptions<object>,
  answer: (request: Request) => Response | Promise<Response>,
): (init?: RequestInit, env?: object) => Promise<Response> {
  const handlers = traceHandlers<object>(options, { fetch: answer });
  const fetch = handlers.fetch as unknown as Fetch;
  return (init, env = {}) =>
    fetch(new Request('http://worker.test/', init), env, createExecutionContext());
}
