import type { TraceBatch } from './records.ts';

/**
 * Where traces go. One exporter's delay or failure takes nothing from another.
 *
 * @example
 * ```ts
 * const webhook: TraceExporter = {
 *   name: 'webhook',
 *   async export(batch, { signal }) {
 *     const response = await fetch('https://telemetry.example/ingest', {
 *       method: 'POST', body: JSON.stringify(batch), signal,
 *     });
 *     if (!response.ok) throw new Error(`ingest answered ${response.status}`);
 *   },
 * };
 * ```
 */
export interface TraceExporter {
  /** Unique among the exporters of one middleware; the key in the flush report. */
  readonly name: string;
  /** Whose service it sends to. `'openai'` is refused under `dataRetention: 'zero'`, whatever the exporter's name. */
  readonly destination?: string;
  /**
   * Delivers a batch that has already passed the policy.
   *
   * @throws when the destination did not take the batch; `PartialExportError` when it took part of it.
   */
  export(batch: TraceBatch, context: ExportContext): Promise<void>;
}

export interface ExportContext {
  /** Aborts at the flush deadline. */
  signal: AbortSignal;
  /** When the signal aborts, in milliseconds since the epoch. */
  deadlineAt?: number;
  /** Tells the report that a durable fallback took this many of the spans in the destination's place, and what the destination said. */
  onFallback?: (spans: number, reason?: unknown) => void;
}

/** Why a record did not go out. */
export type DropReason =
  | 'policy_failed'
  | 'sampled_out'
  | 'already_truncated'
  | 'buffer_full'
  | 'flush_failed';

/** Why a flush happened. */
export type FlushReason =
  | 'response'
  | 'stream-end'
  | 'cancel'
  | 'error'
  | 'deadline'
  | 'step'
  | 'late';

/** What became of the records at one destination, in spans. The three add up to `captured`. */
export interface DestinationReport {
  exported: number;
  dropped: Partial<Record<DropReason, number>>;
  failed: number;
  /** How many of the exported spans a durable fallback took, to deliver them later. */
  fallback?: number;
  /** What the destination said, where the fallback took its place. */
  fallbackReason?: string;
  /** What the destination said, where it failed. */
  error?: string;
}

/** The account of a flush. Counts are spans; trace records travel with them. */
export interface FlushReport {
  traceIds: string[];
  captured: number;
  /** Spans that were still open and went out marked as truncated. */
  truncated: number;
  reason: FlushReason;
  destinations: Record<string, DestinationReport>;
  /** Inputs refused while the trace was open, by kind. */
  refused: Record<string, number>;
  /** Faults of Sluice's own or of a callback that were absorbed, by where. */
  faults: Record<string, number>;
}
