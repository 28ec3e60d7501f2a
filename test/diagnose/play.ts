/** Plays a scenario with the real runner over the real OpenAI client, and gives the trace as a store would. */
import { createExecutionContext } from 'cloudflare:test';
import { Runner } from '@openai/agents';
import { withAgentTrace } from '../../src/handlers.ts';
import type { TraceBatch, TraceRecord } from '../../src/model/records.ts';
import type { StoredTrace, StoredTraceWithSpans } from '../../src/model/store.ts';
import { unpack } from '../../src/model/unpack.ts';
import type { Policy } from '../../src/policy/policy.ts';
import type { ActiveTrace } from '../../src/request/active-trace.ts';
import { SpanCollector } from '../../src/store/spans.ts';
import { memoryExporter } from '../support/app.ts';
import { fakeOpenAI } from '../support/openai.ts';
import type { RunOutcome, Scenario, Stage, Way } from './scenario.ts';

/** So many at once: enough to wait together, few enough to be waited for in time. */
const AT_ONCE = 8;

/** Plays them all, some side by side. */
export async function playAll<T>(
  scenarios: readonly Scenario[],
  policy: Policy,
  then: (scenario: Scenario, trace: StoredTraceWithSpans) => T,
): Promise<T[]> {
  const results: T[] = [];
  const waiting = scenarios.entries();
  const next = async (): Promise<void> => {
    for (const [at, scenario] of waiting)
      results[at] = then(scenario, await play(scenario, policy));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
  return results;
}

async function play(scenario: Scenario, policy: Policy): Promise<StoredTraceWithSpans> {
  const memory = memoryExporter();
  const options = {
    workflow: 'support_triage',
    exporters: () => [memory],
    policy,
    ...scenario.tracing,
  };
  const fake = fakeOpenAI(undefined, [...scenario.answers]);
  const provider = scenario.way.api === 'chat' ? fake.chatProvider : fake.provider;
  const runner = new Runner({ modelProvider: provider });
  let opened: ActiveTrace | undefined;
  const written = new AbortController();
  const call = { env: {}, ctx: createExecutionContext() };
  // How a run ends is in its trace, and only there.
  await withAgentTrace<unknown, object>(options, call, (trace) => {
    opened = trace;
    const run = (...args: Parameters<Stage['run']>) => runOf(runner, scenario.way, ...args);
    return scenario.act({ trace, provider, runner, run, written: written.signal });
  }).catch(() => undefined);
  await opened?.flushed;
  written.abort();
  const trace = storedTrace(scenario, memory.batches);
  return { ...trace, ...scenario.stored?.(trace) };
}

async function runOf(
  runner: Runner,
  { stream }: Way,
  ...[agent, input = 'Where is my order?', options = {}]: Parameters<Stage['run']>
): Promise<RunOutcome> {
  if (!stream) return runner.run(agent, input as never, options) as unknown as Promise<RunOutcome>;
  const result = await runner.run(agent, input as never, { ...options, stream: true });
  for await (const _event of result) continue;
  await result.completed;
  return result as unknown as RunOutcome;
}

/** The trace as the store folds it: the latest record's word, and each span once. */
function storedTrace({ name }: Scenario, batches: readonly TraceBatch[]): StoredTraceWithSpans {
  const collector = new SpanCollector();
  for (const { id, spans } of batches) collector.add(id, JSON.stringify(spans));
  const chunks = batches.flatMap(({ id, traces, spans }) =>
    traces.map((trace, n) => ({ chunk_id: `${id}-${n}`, trace, spans: n === 0 ? spans : [] })),
  );
  const [record] = unpack(chunks, 'all').traces;
  if (!record) throw new Error(`${name} exported no trace`);
  const spans = collector.spans();
  return { ...rowOf(record, spans.length), spans };
}

function rowOf(record: TraceRecord, spanCount: number): StoredTrace {
  const behind = Object.values(record.dropped ?? {}).reduce((sum, n) => sum + n, 0);
  return {
    traceId: record.id,
    workflow: record.workflow_name,
    groupId: record.group_id,
    requestId: record.request_id,
    status: record.status,
    startedAt: record.started_at,
    endedAt: record.ended_at,
    spanCount,
    errorCount: 0,
    inputTokens: 0,
    outputTokens: 0,
    metadata: record.metadata,
    captured: record.captured ?? null,
    dropped: record.dropped ?? {},
    missing: Math.max(0, (record.captured ?? 0) - behind - spanCount),
    sampleWeight: record.sample_weight ?? 1,
    tools: [],
    errorKinds: [],
    models: [],
  };
}
