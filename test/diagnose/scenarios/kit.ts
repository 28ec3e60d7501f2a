/** Small words to write scenarios with. */
import { Agent, tool } from '@openai/agents';
import type { Tool } from '@openai/agents';
import { z } from 'zod';
import type { DiagnoseOptions } from '../../../src/diagnose/options.ts';
import type { StoredTraceWithSpans } from '../../../src/model/store.ts';
import type { Answer } from '../../support/script.ts';
import { WAYS } from '../scenario.ts';
import type { Scenario, Way } from '../scenario.ts';

/** Scenarios that differ in their number, and with it in names, positions and the way to the model. */
export function vary(
  family: string,
  count: number,
  make: (n: number, way: Way) => Omit<Scenario, 'name' | 'family' | 'way'>,
  ways: readonly Way[] = WAYS,
): Scenario[] {
  return Array.from({ length: count }, (_, n) => {
    const way = pick(ways, n);
    return {
      name: `${family} ${n} (${way.api}${way.stream ? ', streamed' : ''})`,
      family,
      way,
      ...make(n, way),
    };
  });
}

export const TOOLS = ['lookup_order', 'searchDocs', 'get_weather', 'run_query'] as const;
export const AGENTS = ['Triage', 'Billing', 'Refund Desk', 'Éclair'] as const;

export function pick<T>(list: readonly T[], n: number): T {
  return list[n % list.length] as T;
}

export function agentOf(tools: Tool[] = [], more: object = {}): Agent {
  return new Agent({ name: 'Support', instructions: 'Help.', model: 'gpt-test', tools, ...more });
}

/** A tool that takes one id and gives what `execute` gives for it. */
export function toolOf(
  name: string,
  execute: (id: string) => unknown = (id) => `${id} is fine`,
  more: object = {},
): Tool {
  return tool({
    name,
    description: 'A tool.',
    parameters: z.object({ id: z.string() }),
    execute: async ({ id }: { id: string }) => execute(id),
    ...more,
  } as never);
}

/** Throws at its first calls, then works. */
export function failsFirst(times: number): (id: string) => string {
  let calls = 0;
  return (id) => {
    calls += 1;
    if (calls <= times) throw new RangeError(`no ${id}`);
    return `${id} at last`;
  };
}

/** One of the texts after the other, then the last again and again. */
export function inTurn(...texts: string[]): () => string {
  let calls = 0;
  return () => texts[Math.min(calls++, texts.length - 1)] as string;
}

export function asks(name: string, args: object | string = { id: 'A-1' }): Answer {
  return { toolCalls: [{ name, arguments: args as never }] };
}

export function asksAll(...calls: [name: string, args: object | string][]): Answer {
  return { toolCalls: calls.map(([name, args]) => ({ name, arguments: args as never })) };
}

export function says(text = 'Done.'): Answer {
  return { text };
}

export function handsTo(name: string): Answer {
  return asks(`transfer_to_${name.replace(/[^a-zA-Z0-9_]/g, '_')}`, {});
}

/** The first of agents that can all hand over to one another. */
export function team(names: readonly string[], tools: Tool[] = []): Agent {
  const agents = names.map((name) => agentOf(tools, { name }));
  for (const agent of agents) agent.handoffs = agents.filter((other) => other !== agent);
  return agents[0] as Agent;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What takes half of its trace is slow, however busy the machine is. */
export function halfIsSlow({ startedAt, endedAt }: StoredTraceWithSpans): DiagnoseOptions {
  return { slowMs: (endedAt - startedAt) / 2 };
}
