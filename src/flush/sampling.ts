import type { TraceState } from '../capture/trace-state.ts';
import { DEFAULT_SLOW_MS } from '../model/limits.ts';
import type { Sampling, TraceSummary } from '../model/sampling.ts';

/** Whether `sampling` may leave a trace behind, so that its decision needs the whole trace. */
export function decidesAtEnd({ keep, head = 1 }: Sampling): boolean {
  return keep !== undefined || head < 1;
}

/** A trace that goes out whatever `head` and `keep` say. */
export function isAlwaysKept(trace: TraceState, { slowMs = DEFAULT_SLOW_MS }: Sampling): boolean {
  const { flushSeq, errorCount, guardrailTripped, workedUntil, identity } = trace;
  // A client that reads slowly makes no trace slow.
  const isSlow = workedUntil - identity.startedAt >= slowMs;
  return flushSeq > 0 || errorCount > 0 || guardrailTripped || isSlow || trace.status() !== 'ok';
}

/**
 * How many traces this one stands for if it goes out: 1 over the chance that it had,
 * so that totals can be told from what was kept. 0 where it stays behind.
 *
 * A `keep` that throws keeps: losing a trace is worse than storing one.
 */
export function sampleWeight(trace: TraceState, sampling: Sampling, onFault: () => void): number {
  const { keep, head = keep ? 0 : 1 } = sampling;
  if (trace.sampleWeight) return trace.sampleWeight;
  if (head >= 1 || isAlwaysKept(trace, sampling) || (keep && isWanted(trace, keep, onFault)))
    return 1;
  return positionOf(trace.identity.id) < head ? 1 / head : 0;
}

/**
 * Where an id stands between 0 and 1, the same in every service: FNV-1a over all of it, as
 * only ids made here and by the SDK are random to their end, then mixed as Murmur3 ends.
 */
export function positionOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at += 1) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

function isWanted(
  trace: TraceState,
  keep: (summary: TraceSummary) => boolean,
  onFault: () => void,
): boolean {
  const { identity, spanCount, errorCount, guardrailTripped, inputTokens, outputTokens } = trace;
  const { id: traceId, workflow, groupId, startedAt } = identity;
  try {
    const verdict: unknown = keep({
      traceId,
      workflow,
      groupId,
      status: trace.status(),
      durationMs: Math.max(0, trace.workedUntil - startedAt),
      spanCount,
      errorCount,
      guardrailTripped,
      inputTokens,
      outputTokens,
    });
    // An async `keep` cannot decide, since a flush does not wait for it.
    if (typeof verdict === 'boolean') return verdict;
    onFault();
    Promise.resolve(verdict).catch(onFault);
  } catch {
    onFault();
  }
  return true;
}
