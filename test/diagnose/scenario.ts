import type { Agent, ModelProvider, Runner } from '@openai/agents';
import type { RuleName } from '../../src/diagnose/finding.ts';
import type { DiagnoseOptions } from '../../src/diagnose/options.ts';
import type { HandlerOptions } from '../../src/options.ts';
import type { ActiveTrace } from '../../src/request/active-trace.ts';
import type { StoredTraceWithSpans } from '../../src/model/store.ts';
import type { Answer } from '../support/script.ts';

/** How the model is spoken to. */
export interface Way {
  api: 'responses' | 'chat';
  stream: boolean;
}

export const WAYS: readonly Way[] = [
  { api: 'responses', stream: false },
  { api: 'chat', stream: false },
  { api: 'responses', stream: true },
  { api: 'chat', stream: true },
];

/** What a scenario acts with. Nothing of it is traced but what the agents do. */
export interface Stage {
  trace: ActiveTrace;
  provider: ModelProvider;
  runner: Runner;
  /** Runs an agent to its end, streamed or not, and throws what the run throws. */
  run(agent: Agent, input?: RunInput, options?: RunOptions): Promise<RunOutcome>;
}

type RunInput = Parameters<Runner['run']>[1];
type RunOptions = Record<string, unknown>;
export type RunOutcome = Awaited<ReturnType<Runner['run']>>;

/** One way in which agents fail, or succeed unusually, with what must be found in its trace. */
export interface Scenario {
  /** Unique; its hash decides the split. */
  name: string;
  /** What scenarios share that differ only in their parameters. */
  family: string;
  way: Way;
  /** Rules that must find something; all others must find nothing. */
  fires: readonly RuleName[];
  /** Those of them of which every finding must say that the run got over it. */
  recovered?: readonly RuleName[];
  /** Rules that the scenario was made to mislead. */
  tempts?: readonly RuleName[];
  answers: readonly Answer[];
  act(stage: Stage): Promise<unknown>;
  tracing?: Partial<HandlerOptions<object>>;
  diagnose?: DiagnoseOptions | ((trace: StoredTraceWithSpans) => DiagnoseOptions);
  /** What became of the trace on its way to the store. */
  stored?(trace: StoredTraceWithSpans): Partial<StoredTraceWithSpans>;
}

export type Split = 'tune' | 'held_out';

/**
 * A third is held out, spread over all families: along the list in which each family is in the
 * order of its names' hashes, every third. Nobody chooses, and no rule is left without.
 */
export function splitsOf(scenarios: readonly Scenario[]): ReadonlyMap<string, Split> {
  const families = new Map<string, string[]>();
  for (const { family, name } of scenarios)
    families.set(family, [...(families.get(family) ?? []), name]);
  const ordered = [...families.values()].flatMap((names) =>
    names.toSorted((a, b) => hashOf(a) - hashOf(b)),
  );
  return new Map(ordered.map((name, at) => [name, at % 3 === 1 ? 'held_out' : 'tune']));
}

/** FNV-1a, with a finish that makes names which differ in one digit far apart. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const character of name)
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
