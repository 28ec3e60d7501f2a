import type { TraceRecord } from './records.ts';

/**
 * In the id of a flush, and so of its chunks: what follows was handed over by an
 * exporter that could not deliver it. Stored messages carry it, so it does not change.
 */
const MARK = '-fallback-';

/**
 * What an exporter puts behind the id of a batch and the flush ids of its traces when
 * it hands them over: the chunks need ids of their own, or a store that is given both
 * would take one for the other.
 */
export function handedOverBy(exporter: string): string {
  return MARK + exporter;
}

/** Whether an exporter handed this over: it is meant for that exporter's destination, and for no other. */
export function isHandedOver({ flush_id }: Pick<TraceRecord, 'flush_id'>): boolean {
  return flush_id.includes(MARK);
}
