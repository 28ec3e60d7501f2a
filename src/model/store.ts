import type { Chunk } from './envelope.ts';
import type { SpanRecord, TraceStatus } from './records.ts';

/** One row of a list of traces. Times are milliseconds since the epoch. */
export interface StoredTrace {
  traceId: string;
  workflow: string;
  groupId: string | null;
  requestId: string | null;
  status: TraceStatus;
  startedAt: number;
  endedAt: number;
  spanCount: number;
  errorCount: number;
  inputTokens: number;
  outputTokens: number;
  metadata: Record<string, string>;
}

export interface StoredTraceWithSpans extends StoredTrace {
  /** In order of start; a span stored twice appears once. */
  spans: SpanRecord[];
  /** How many stored pieces could not be read and are missing from `spans`. Absent where all could. */
  unreadable?: number;
}

export interface TraceQuery {
  /** 1 to 200. @default 50 */
  limit?: number;
  /** `next` of the page before. */
  cursor?: string;
  groupId?: string;
  requestId?: string;
  workflow?: string;
  status?: TraceStatus;
  /** Milliseconds since the epoch, inclusive. */
  from?: number;
  /** Milliseconds since the epoch, exclusive. */
  to?: number;
}

export interface TracePage {
  traces: StoredTrace[];
  /** Present when there may be more. */
  next?: string;
}

/** Where the consumer writes and the viewer reads. */
export interface TraceStore {
  /**
   * Writes chunks; a chunk that is already there changes nothing.
   *
   * @throws SluiceError `missing_schema` when the migrations have not run, `store_failed` otherwise.
   */
  write(chunks: readonly Chunk[]): Promise<void>;
  /** Newest first, keyset-paginated. */
  listTraces(query?: TraceQuery): Promise<TracePage>;
  getTrace(traceId: string): Promise<StoredTraceWithSpans | undefined>;
  /**
   * Deletes traces that started before `before` (milliseconds since the epoch).
   *
   * @returns how many traces went.
   */
  prune(before: number): Promise<number>;
}
