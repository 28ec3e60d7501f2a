/** What a store makes of what is written to it. */
import type { Chunk } from '../model/envelope.ts';
import type { SpanRecord, TraceStatus } from '../model/records.ts';
import type { StoredTraceWithSpans, TraceStore } from '../model/store.ts';
import { ensure, ensureEqual, ensureKnown, ensureIds, ensureResolves } from './contract.ts';
import type { StoreCheck } from './contract.ts';
import {
  contractChunk,
  contractSpan,
  contractTrace,
  HOSTILE,
  hostileSpan,
  NOON,
  traceIdAt,
} from './contract-records.ts';

const { id: ID } = contractTrace();

export const writeCases: Record<string, StoreCheck> = {
  'gives back what was written': async (empty) => {
    const spans = [contractSpan('a'), contractSpan('b', { error: { message: 'no such order' } })];
    const trace = await writtenOnce(await empty(), [contractChunk({}, spans)]);
    ensureEqual(trace.spans, spans, 'the spans have to come back as they were written');
    const { workflow, groupId, requestId, status, startedAt, endedAt, metadata } = trace;
    ensureEqual(
      { workflow, groupId, requestId, status, startedAt, endedAt, metadata },
      {
        workflow: 'contract',
        groupId: 'thread-7',
        requestId: 'request-1',
        status: 'ok',
        startedAt: NOON,
        endedAt: NOON + 1_000,
        metadata: { environment: 'test' },
      },
      'the trace has to come back as it was written',
    );
  },

  'counts spans, errors, and tokens where they enter the totals': async (empty) => {
    const usage = { input_tokens: 30, output_tokens: 7 };
    const spans = [
      contractSpan('a', { facts: { kind: 'turn', usage, counts_usage: true } }),
      contractSpan('b', { facts: { kind: 'task', usage } }),
      contractSpan('c', { error: { message: 'no' } }),
    ];
    const trace = await writtenOnce(await empty(), [contractChunk({}, spans)]);
    const { spanCount, errorCount, inputTokens, outputTokens } = trace;
    ensureEqual(
      { spanCount, errorCount, inputTokens, outputTokens },
      { spanCount: 3, errorCount: 1, inputTokens: 30, outputTokens: 7 },
      'a task repeats the usage of its turns, so only `counts_usage` counts',
    );
  },

  'stores a trace that has no spans': async (empty) => {
    const trace = await writtenOnce(await empty(), [contractChunk()]);
    ensureEqual(trace.spans, [], 'there are no spans');
  },

  'accepts a write of nothing': async (empty) => {
    await ensureResolves((await empty()).write([]), 'write([]) has to resolve');
  },

  'shows a span once, as it was at its end, that came open before': async (empty) => {
    const ended = contractSpan('a');
    const open = { ...ended, ended_at: null, facts: { ...ended.facts, truncated: true } };
    const chunks = [
      contractChunk({ flush_id: 'flush_2', flush_seq: 1, ended_at: NOON + 2_000 }, [ended]),
      contractChunk({ status: 'truncated' }, [open]),
    ];
    const trace = await writtenOnce(await empty(), chunks);
    ensureEqual(trace.spans, [ended], 'a span has one record, the fuller one');
  },

  'shows spans in the order of their starts': async (empty) => {
    const at = (name: string, ms: number): SpanRecord =>
      contractSpan(name, { started_at: new Date(NOON + ms).toISOString() });
    const spans = [at('late', 300), at('early', 100), at('middle', 200)];
    const trace = await writtenOnce(await empty(), [contractChunk({}, spans)]);
    const names = trace.spans.map(({ id }) => id);
    ensureEqual(names, ['span_early', 'span_middle', 'span_late'], 'spans are in order of start');
  },

  'knows nothing of a trace that was not written': async (empty) => {
    const store = await empty();
    const none = await store.getTrace(traceIdAt(NOON, 9));
    ensure(none === undefined, 'getTrace() of an unknown id has to resolve with undefined');
  },

  ...Object.fromEntries(
    (['ok', 'error', 'blocked', 'truncated', 'incomplete'] as const).map((status) => [
      `shows a trace that is ${status} as just that`,
      (empty) => keepsStatus(empty, status),
    ]),
  ),

  'lets the last word decide on a status, whenever it comes': async (empty) => {
    const step = contractChunk({ status: 'incomplete' });
    const last = { flush_id: 'flush_2', flush_seq: 1, ended_at: NOON + 5_000 };
    for (const status of ['ok', 'error', 'truncated'] as const) {
      const end = contractChunk({ ...last, status });
      for (const order of [
        [step, end],
        [end, step],
      ]) {
        const trace = await writtenOnce(await empty(), order);
        ensureEqual(trace.status, status, 'a step may not hide the end of its trace');
      }
    }
  },

  ...Object.fromEntries(
    Object.entries(HOSTILE).map(([what, content]) => [
      `keeps ${what}, and the spans beside it`,
      (empty) => keepsHostile(empty, hostileSpan(content)),
    ]),
  ),

  'takes an id, a name and metadata that are hostile for what they are': async (empty) => {
    const hostile = `trace_'; DROP TABLE traces; -- %_"\\ 日本 <b>`;
    const chunk = contractChunk(
      { id: hostile, workflow_name: hostile, group_id: hostile, metadata: { [hostile]: hostile } },
      [contractSpan('a')],
    );
    const store = await empty();
    await ensureResolves(store.write([chunk]), 'write() has to resolve');
    const trace = await ensureKnown(store, hostile);
    ensureEqual(trace.metadata, { [hostile]: hostile }, 'metadata is text');
    const { traces } = await store.listTraces({ groupId: hostile });
    ensureEqual(traces.length, 1, 'a group id is found for what it is');
  },
};

async function writtenOnce(
  store: TraceStore,
  chunks: readonly Chunk[],
): Promise<StoredTraceWithSpans> {
  for (const chunk of chunks) {
    await ensureResolves(store.write([chunk]), 'write() has to resolve');
  }
  return ensureKnown(store, chunks[0]?.trace.id ?? ID);
}

async function keepsStatus(empty: () => Promise<TraceStore>, status: TraceStatus): Promise<void> {
  const store = await empty();
  const trace = await writtenOnce(store, [contractChunk({ status })]);
  const { traces } = await store.listTraces();
  ensureEqual(
    [trace.status, traces[0]?.status],
    [status, status],
    'the status is what was written',
  );
}

async function keepsHostile(empty: () => Promise<TraceStore>, span: SpanRecord): Promise<void> {
  const store = await empty();
  const chunk = contractChunk({}, [contractSpan('before'), span, contractSpan('after')]);
  const trace = await writtenOnce(store, [chunk]);
  const expected = chunk.spans.map(({ id }) => id);
  ensureIds(
    trace.spans.map(({ id }) => id),
    expected,
    'every span has to be there',
  );
  const kept = trace.spans.find(({ id }) => id === span.id);
  ensureEqual(
    kept?.facts.kind,
    span.facts.kind,
    'what is known of a span stays, whatever its content',
  );
  const first = trace.spans.find(({ id }) => id === expected[0]);
  ensureEqual(first, chunk.spans[0], 'what stands beside hostile content has to come back whole');
  await ensureResolves(store.listTraces(), 'listTraces() has to resolve');
  ensure(!('polluted' in {}), 'a key of hostile content got into Object.prototype');
}
