import type { SpanRecord, TraceRecord } from './records.ts';

/**
 * What travels through the queue and what a store writes. The version changes
 * when a reader of the old one would misread the new one.
 */
export const ENVELOPE_VERSION = 1;

/** One insert-once piece of a trace: the trace as of a flush, and some of its spans. */
export interface Chunk {
  /** Unique and stable over redelivery: `<flush id>-<n>` of the flush that made it. */
  chunk_id: string;
  trace: TraceRecord;
  spans: SpanRecord[];
  /** The batch's `lost`, on the first of its chunks only, so that it counts once. */
  lost?: number;
}

/** The body of one queue message. */
export interface Envelope {
  v: typeof ENVELOPE_VERSION;
  chunks: Chunk[];
}
