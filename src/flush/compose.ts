import { readSnapshot } from '../capture/read.ts';
import { count } from '../capture/scope.ts';
import type { Drained, Drops, Scope } from '../capture/scope.ts';
import type { TraceState } from '../capture/trace-state.ts';
import type { NameCheck, ReadSpan, Snapshot } from '../model/captured.ts';
import type { DropReason, FlushReason } from '../model/exporter.ts';
import { importHmacKey } from '../model/hmac.ts';
import type { HmacKey } from '../model/hmac.ts';
import type { SpanRecord, TraceBatch, TraceRecord } from '../model/records.ts';
import type { Sampling } from '../model/sampling.ts';
import { applyPolicy } from '../policy/apply.ts';
import { fingerprintWith } from '../policy/fingerprint.ts';
import type { Policy } from '../policy/policy.ts';
import { randomHex } from './random.ts';
import { sampleWeight } from './sampling.ts';

/** What decides about the records of a flush. */
export interface Rules {
  readonly policy: Policy;
  readonly sampling: Sampling;
  readonly exportEmpty: boolean;
  readonly fingerprintKey: HmacKey;
  readonly isSafeName: NameCheck;
  readonly exporters: readonly unknown[];
}

/** A span that has been read, on its way to the policy. */
interface Read {
  snapshot: Snapshot;
  span: ReadSpan;
}

export interface Composed {
  batch: TraceBatch;
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
  const kept = new Map<string, TraceRecord>();
  const id = `flush_${randomHex(12)}`;
  // Before anything is awaited, so that flushes under way at once have their order.
  for (const trace of traces) {
    trace.sampleWeight =
      reason === 'step'
        ? 1
        : sampleWeight(trace, rules.sampling, () => scope.fault('sampling.keep'));
    if (trace.sampleWeight === 0) continue;
    const record = trace.toRecord(id, scope.options.requestId, reason === 'step', scope.refused);
    if (rules.policy.metadata !== 'keep') record.metadata = {};
    kept.set(trace.identity.id, record);
  }
  const sent = read.filter(
    ({ snapshot }) => kept.has(snapshot.traceId) || stays(snapshot, 'sampled_out'),
  );
  for (const [traceId, { dropped }] of kept)
    Object.assign(dropped ?? {}, scope.traces.get(traceId)?.dropped);
  const records = await judge(scope, rules, sent, (snapshot) => {
    stays(snapshot, 'policy_failed');
    count(kept.get(snapshot.traceId)?.dropped ?? {}, 'policy_failed');
  });
  const { policy, exporters } = rules;
  const isBare = policy.content !== 'keep' && policy.errors !== 'keep';
  const bytes = sent.reduce((sum, { snapshot }) => sum + snapshot.bytes, 0);
  // Each destination has its own copy.
  hold((isBare ? records.length * BARE_RECORD_BYTES : bytes) * exporters.length);
  return {
    batch: { id, traces: [...kept.values()], spans: records },
    traceIds: traces.map((trace) => trace.identity.id),
  };
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
  const isWanted = (trace: TraceState): boolean =>
    trace.owed || (exportEmpty && trace === root && trace.flushSeq === 0);
  return [...traces.values()].filter(
    (trace) => withSpans.has(trace.identity.id) || (reason !== 'step' && isWanted(trace)),
  );
}

/** What cannot be judged does not leave either. */
async function judge(
  scope: Scope,
  { policy, fingerprintKey }: Rules,
  spans: Read[],
  failed: (snapshot: Snapshot) => void,
): Promise<SpanRecord[]> {
  try {
    const fingerprint = fingerprintWith(await importHmacKey(fingerprintKey));
    const judged = await Promise.allSettled(
      spans.map(({ snapshot, span }) => applyPolicy(policy, snapshot, span, fingerprint)),
    );
    return judged.flatMap((result, index) => {
      if (result.status === 'fulfilled') return [result.value];
      const { snapshot } = spans[index] ?? {};
      if (snapshot) failed(snapshot);
      return [];
    });
  } catch {
    scope.fault('policy');
    for (const { snapshot } of spans) failed(snapshot);
    return [];
  }
}
