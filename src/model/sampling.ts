import type { TraceStatus } from './records.ts';

/** What a `keep` function decides by: the whole trace, without content. */
export interface TraceSummary {
  traceId: string;
  workflow: string;
  groupId: string | null;
  status: TraceStatus;
  /** Milliseconds from the request's start to the end of its last work. */
  durationMs: number;
  spanCount: number;
  errorCount: number;
  guardrailTripped: boolean;
  inputTokens: number;
  outputTokens: number;
}

export interface Sampling {
  /** Share of traces to keep, 0 to 1, decided by the trace id so that all services agree. @default 1, or 0 where `keep` decides */
  head?: number;
  /** A trace that took this long is always kept, in milliseconds. @default 30000 */
  slowMs?: number;
  /** Decides over a finished trace that `head` does not keep; `true` keeps it. */
  keep?: (summary: TraceSummary) => boolean;
}
