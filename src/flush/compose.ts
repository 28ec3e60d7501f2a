import { readSnapshot } from '../capture/read.ts';
import { count } from '../capture/scope.ts';
import type { Drained, Drops, Scope } from '../capture/scope.ts';
import type { TraceState } from '../capture/trace-state.ts';
import type { NameCheck, Snapshot } from '../model/captured.ts';
import type { DropReason, FlushReason, TraceExporter } from '../model/exporter.ts';
import type { HmacKey } from '../model/hmac.ts';
import type { TraceRecord } from '../model/records.ts';
import type { Sampling } from '../model/sampling.ts';
import type { Matrix } from '../policy/matrix.ts';
import type { BatchFor } from './deliver.ts';
import { judgeAll } from './judge.ts';
import type { Read } from './judge.ts';
import { randomHex } from './random.ts';
import { sampleWeight } from './sampling.ts';

/** What decides about the records of a flush. */
export interface Rules {
  /** What the policy says of a destination. */
  matrixFor(exporter: TraceExporter): Matrix;
  readonly sampling: Sampling;
  readonly exportEmpty: boolean;
  readonly fingerprintKey: HmacKey;
  readonly isSafeName: NameCheck;
  readonly exporters: readonly TraceExporter[];
}

export interface Composed {
  /** What a destination may have: one batch for all that the policy treats alike. */
  batchFor: BatchFor;
  /** Whether there is a trace to tell of; without one nothing goes out. */
  sends: boolean;
  /** Traces that had something to say, those that sampling left behind included. */
  traceIds: string[];
}

/** About what a record without content takes in memory. */
const BARE_RECORD_BYTES = 1_000;

/**
 * Makes of what was captured what may leave: read, sampled, and judged by the
 * policy. Each record that stays behind is counted in `drained.drops` and with
 * its trace.
 */
export async function compose(
  scope: Scope,
  rules: Rules,
  { spans, drops, hold }: Drained,
  reason: FlushReason,
): Promise<Composed> {
  const stays = stayer(scope, drops);
  const read = readAll(scope, rules, spans, stays);
  const traces = tracesToSend(scope, rules, read, reason);
  const id = `flush_${randomHex(12)}`;
  // Before anything is awaited, so that flushes under way at once have their order.
  const kept = recordsOf(traces, scope, rules, reason, id);
  const sent = read.filter(
    ({ snapshot }) => kept.has(snapshot.traceId) || stays(snapshot, 'sampled_out'),
  );
  for (const [traceId, { dropped }] of kept)
    Object.assign(dropped ?? {}, scope.traces.get(traceId)?.dropped);
  const failed = (snapshot: Snapshot): void => {
    stays(snapshot, 'policy_failed');
    count(kept.get(snapshot.traceId)?.dropped ?? {}, 'policy_failed');
  };
  const { exporters, fingerprintKey } = rules;
  const matrices = exporters.map((exporter) => rules.matrixFor(exporter));
  const toJudge = {
    matrices: new Set(matrices),
    fingerprintKey,
    spans: sent,
    traces: [...kept.values()],
  };
  const judged = await judgeAll(scope, toJudge, failed);
  hold(heldBy(matrices, sent));
  const batches = new Map([...judged].map(([matrix, judgment]) => [matrix, { id, ...judgment }]));
  return {
    batchFor: (exporter) => batches.get(rules.matrixFor(exporter)) ?? { id, traces: [], spans: [] },
    sends: kept.size > 0,
    traceIds: traces.map((trace) => trace.identity.id),
  };
}

/** The records of the traces that sampling keeps, by id. */
function recordsOf(
  traces: readonly TraceState[],
  scope: Scope,
  { sampling }: Rules,
  reason: FlushReason,
  flushId: string,
): Map<string, TraceRecord> {
  const { requestId } = scope.options;
  const isStep = reason === 'step';
  const kept = new Map<string, TraceRecord>();
  for (const trace of traces) {
    // A trace that sampling has left behind begins no step.
    if (isStep) trace.sampleWeight ??= 1;
    else trace.sampleWeight = sampleWeight(trace, sampling, () => scope.fault('sampling.keep'));
    if (trace.sampleWeight === 0) continue;
    kept.set(trace.identity.id, trace.toRecord(flushId, requestId, isStep, scope.refused));
  }
  return kept;
}

/** What the batches take in memory: each destination has its own copy. */
function heldBy(matrices: readonly Matrix[], spans: readonly Read[]): number {
  const bytes = spans.reduce((sum, { snapshot }) => sum + snapshot.bytes, 0);
  const held = matrices.map(({ isBare }) => (isBare ? spans.length * BARE_RECORD_BYTES : bytes));
  return held.reduce((sum, one) => sum + one, 0);
}

type Stays = (snapshot: Snapshot, why: DropReason) => false;

function stayer(scope: Scope, drops: Drops): Stays {
  return ({ traceId }, why) => {
    count(drops, why);
    count(scope.traces.get(traceId)?.dropped ?? {}, why);
    return false;
  };
}

/** What cannot be read does not leave. */
function readAll(scope: Scope, { isSafeName }: Rules, snapshots: Snapshot[], stays: Stays): Read[] {
  return snapshots.flatMap((snapshot) => {
    try {
      const span = readSnapshot(snapshot, isSafeName);
      scope.traces.get(snapshot.traceId)?.add(span.identity.facts, snapshot);
      return [{ snapshot, span }];
    } catch {
      scope.fault('read');
      stays(snapshot, 'policy_failed');
      return [];
    }
  });
}

/** Traces with records, those whose last word is owed, and an empty one where it is wanted. */
function tracesToSend(
  { traces, root }: Scope,
  { exportEmpty }: Rules,
  spans: Read[],
  reason: FlushReason,
): TraceState[] {
  const withSpans = new Set(spans.map(({ snapshot }) => snapshot.traceId));
  const isWanted = (trace: TraceState): boolean => {
    const isNew = trace.flushSeq === 0;
    // One that has lost every span says so.
    const isLost = isNew && Object.keys(trace.dropped).length > 0;
    return trace.owed || isLost || (exportEmpty && trace === root && isNew);
  };
  return [...traces.values()].filter(
    (trace) => withSpans.has(trace.identity.id) || (reason !== 'step' && isWanted(trace)),
  );
}
