import type { TraceState } from '../capture/trace-state.ts';
import type { Sampling } from '../model/sampling.ts';

/**
 * Whether a trace goes out. One that failed, tripped a guardrail, was cut short,
 * or has gone out in part always does. A `keep` that throws keeps: losing a
 * trace is worse than storing one.
 */
export function isKept(
  trace: TraceState,
  { keep, head = keep ? 0 : 1 }: Sampling,
  onFault: () => void,
): boolean {
  const { identity, flushSeq, spanCount, errorCount, guardrailTripped, inputTokens, outputTokens } =
    trace;
  const { id: traceId, workflow, groupId, startedAt } = identity;
  const status = trace.status();
  // The last 32 bits are random in every kind of trace id.
  const position = Number.parseInt(traceId.slice(-8), 16) / 2 ** 32;
  const isBeyond = head < 1 && !(position < head);
  if (flushSeq > 0 || errorCount > 0 || guardrailTripped || status !== 'ok' || !isBeyond)
    return true;
  const durationMs = trace.endedAt - startedAt;
  try {
    const summary = {
      traceId,
      workflow,
      groupId,
      status,
      durationMs,
      spanCount,
      errorCount,
      guardrailTripped,
      inputTokens,
      outputTokens,
    };
    const verdict: unknown = keep ? keep(summary) : false;
    // An async `keep` cannot decide, since a flush does not wait for it.
    if (typeof verdict === 'boolean') return verdict;
    onFault();
    Promise.resolve(verdict).catch(onFault);
    return true;
  } catch {
    onFault();
    return true;
  }
}
