import { describe, expect, it } from 'vitest';
import { TraceState } from '../../src/capture/trace-state.ts';
import type { Snapshot } from '../../src/model/captured.ts';
import type { SpanFacts } from '../../src/model/records.ts';

const IDENTITY = {
  id: 'trace_1',
  workflow: 'support',
  groupId: null,
  metadata: { release: 'v1' },
  startedAt: 1_000,
};
const OK: SpanFacts = { kind: 'task' };
const FAILED: SpanFacts = { kind: 'task', error_kind: 'run_error' };

/** A span that has been read: whether nothing is around it, and its place among all starts and ends. */
function add(
  trace: TraceState,
  facts: SpanFacts,
  outermost: boolean,
  started: number,
  ended: number,
  around: Partial<Snapshot> = {},
): SpanFacts {
  const own = { ...facts };
  const snapshot: Snapshot = {
    id: `span_${ended}`,
    traceId: 'trace_1',
    parentId: outermost ? null : 'span_around',
    startedAt: null,
    endedAt: null,
    json: '{}',
    bytes: 2,
    started,
    ended,
    truncated: false,
    ...around,
  };
  trace.add(own, snapshot);
  return own;
}

describe('the status of a trace', () => {
  it('is ok where nothing failed', () => {
    const trace = new TraceState(IDENTITY);
    add(trace, OK, true, 0, 1);
    expect(trace.status()).toBe('ok');
  });

  it('is error where an outermost span failed', () => {
    const trace = new TraceState(IDENTITY);
    add(trace, FAILED, true, 0, 1);
    expect(trace.status()).toBe('error');
  });

  it('stays ok where only an inner span failed, which is counted', () => {
    const trace = new TraceState(IDENTITY);
    add(trace, { kind: 'function', error_kind: 'tool_error' }, false, 1, 2);
    add(trace, OK, true, 0, 3);
    expect(trace.status()).toBe('ok');
    expect(trace.errorCount).toBe(1);
    expect(trace.spanCount).toBe(2);
  });

  it('is cleared by a run that began after the failure and succeeded', () => {
    const trace = new TraceState(IDENTITY);
    add(trace, FAILED, true, 0, 1);
    add(trace, OK, true, 2, 3);
    expect(trace.status()).toBe('ok');
  });

  it('is not cleared by a run that had begun before the failure', () => {
    const trace = new TraceState(IDENTITY);
    add(trace, FAILED, true, 0, 2);
    add(trace, OK, true, 1, 3);
    expect(trace.status()).toBe('error');
  });

  it('is not cleared by an inner span that succeeded', () => {
    const trace = new TraceState(IDENTITY);
    add(trace, FAILED, true, 0, 1);
    add(trace, { kind: 'function' }, false, 2, 3);
    expect(trace.status()).toBe('error');
  });

  it('is blocked where a guardrail tripped and the run failed by it, and ok where the run went on', () => {
    const trace = new TraceState(IDENTITY);
    add(trace, { kind: 'guardrail', guardrail_triggered: true }, false, 1, 2);
    expect(trace.status()).toBe('ok');
    add(trace, { kind: 'task', error_kind: 'guardrail_tripped' }, true, 0, 3);
    expect(trace.status()).toBe('blocked');
  });

  it('is truncated where work was still open, whatever else happened', () => {
    const trace = new TraceState(IDENTITY);
    add(trace, { ...FAILED, truncated: true }, true, 0, 1);
    add(trace, OK, true, 2, 3);
    expect(trace.status()).toBe('truncated');
  });

  it('is error where the request failed around runs that succeeded', () => {
    const trace = new TraceState(IDENTITY);
    add(trace, OK, true, 0, 1);
    trace.requestFailed = true;
    expect(trace.status()).toBe('error');
  });

  it('of a request that failed is not cleared by a later run, as that one is no retry of the request', () => {
    const trace = new TraceState(IDENTITY);
    trace.requestFailed = true;
    add(trace, OK, true, 5, 6);
    expect(trace.status()).toBe('error');
  });
});

describe('the record of a trace', () => {
  it('counts the flushes and is incomplete in a step', () => {
    const trace = new TraceState(IDENTITY);
    expect(trace.toRecord('flush_1', 'request_1', true, {})).toEqual({
      object: 'trace',
      id: 'trace_1',
      workflow_name: 'support',
      group_id: null,
      metadata: { release: 'v1' },
      request_id: 'request_1',
      status: 'incomplete',
      started_at: 1_000,
      ended_at: 1_000,
      flush_id: 'flush_1',
      flush_seq: 0,
      refused: {},
      captured: 0,
      scope_id: 'flush_1',
      dropped: {},
      sample_weight: 1,
    });
    expect(trace.toRecord('flush_2', 'request_1', false, {})).toMatchObject({
      status: 'ok',
      flush_id: 'flush_2',
      flush_seq: 1,
      scope_id: 'flush_1',
    });
  });

  it('holds copies, so that what comes later does not change it', () => {
    const trace = new TraceState({ ...IDENTITY, metadata: { release: 'v1' } });
    const refused = { group_id: 1 };
    const record = trace.toRecord('flush_1', 'request_1', false, refused);
    refused.group_id = 2;
    trace.identity.metadata['release'] = 'v2';
    expect(record).toMatchObject({ refused: { group_id: 1 }, metadata: { release: 'v1' } });
  });
});

describe('usage', () => {
  const within = (id: string): Partial<Snapshot> => ({ turnId: id, parentId: id });
  const generation = (usage: SpanFacts['usage']): SpanFacts => ({ kind: 'generation', usage });

  it('counts only where a span says that it counts', () => {
    const trace = new TraceState(IDENTITY);
    const turn = add(trace, { kind: 'turn', usage: { input_tokens: 1 } }, false, 0, 1);
    const task = add(trace, { kind: 'task', usage: { input_tokens: 1 } }, true, 0, 2);
    expect(trace.inputTokens).toBe(1);
    expect(turn.counts_usage).toBe(true);
    expect(task.counts_usage).toBeUndefined();
  });

  it('adds field by field and leaves absent what nobody reported', () => {
    const trace = new TraceState(IDENTITY);
    const first = add(trace, generation({ input_tokens: 1, reasoning_tokens: 2 }), false, 0, 1);
    add(trace, generation({ input_tokens: 2, output_tokens: 3 }), false, 2, 3);
    expect([trace.inputTokens, trace.outputTokens]).toEqual([3, 3]);
    expect(first.usage).toEqual({ input_tokens: 1, reasoning_tokens: 2 });
  });

  it('subtracts field by field, not below zero', () => {
    const trace = new TraceState(IDENTITY);
    add(trace, generation({ input_tokens: 2, output_tokens: 3 }), false, 1, 2, within('span_9'));
    const reported = { kind: 'turn', usage: { input_tokens: 5, output_tokens: 1 } };
    const turn = add(trace, reported, false, 0, 9);
    expect(turn).toMatchObject({
      counts_usage: true,
      usage: { input_tokens: 3, output_tokens: 0 },
    });
    expect([trace.inputTokens, trace.outputTokens]).toEqual([5, 3]);
  });

  it('of a turn that says no more than its generations stays as reported and does not count', () => {
    const trace = new TraceState(IDENTITY);
    add(trace, generation({ input_tokens: 5, output_tokens: 1 }), false, 1, 2, within('span_9'));
    const reported = { kind: 'turn', usage: { input_tokens: 5, output_tokens: 1 } };
    expect(add(trace, reported, false, 0, 9)).toEqual(reported);
    expect([trace.inputTokens, trace.outputTokens]).toEqual([5, 1]);
  });
});
