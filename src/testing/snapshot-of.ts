import type { Snapshot } from '../model/captured.ts';
import type { Json, SpanRecord } from '../model/records.ts';

type Fields = { [key: string]: Json };

export function isFields(value: Json | undefined): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What an application's span says, as the SDK has it. */
export interface SpanContent {
  readonly data: Json;
  readonly error?: Json | undefined;
}

/** A record's content as it was captured: what was put elsewhere for the wire is back in its place. */
export function contentOf({ span_data, error, extra = {} }: SpanRecord): SpanContent {
  const { data: inner } = span_data;
  const isWrapped = isFields(inner) && typeof inner['sdk_span_type'] === 'string';
  const { sdk_span_type: type, ...fields } = isWrapped ? inner : {};
  if (isWrapped)
    return { data: { ...extra, ...fields, type: type ?? null }, error: error ?? undefined };
  if (span_data.type !== 'response') return { data: span_data, error: error ?? undefined };
  const { input, ...others } = extra;
  const own: Fields = input === undefined ? {} : { _input: input };
  return { data: { ...span_data, ...own, _response: others }, error: error ?? undefined };
}

export function snapshotOf(content: SpanContent, ids: Partial<Snapshot> = {}): Snapshot {
  const json = JSON.stringify(content);
  return {
    id: 'span_0',
    traceId: 'trace_0',
    parentId: null,
    startedAt: null,
    endedAt: null,
    json,
    bytes: json.length,
    started: 0,
    ended: 0,
    truncated: false,
    ...ids,
  };
}
