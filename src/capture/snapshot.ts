import type { Span, SpanData } from '@openai/agents';
import { byteLength } from '../model/bytes.ts';
import type { Snapshot } from '../model/captured.ts';
import { MAX_FIELD_BYTES } from '../model/limits.ts';

type Position = Pick<Snapshot, 'started' | 'ended' | 'truncated' | 'turnId'>;

/** Takes a span's snapshot: one pass of `JSON.stringify`, all that is done on the user's path. */
export function snapshotOf(span: Span<SpanData>, position: Position): Snapshot {
  const json = textOf({ '': { data: span.spanData, error: span.error } }, '', '') ?? '{}';
  return {
    id: span.spanId,
    traceId: span.traceId,
    parentId: span.parentId,
    startedAt: timeOf(span.startedAt),
    endedAt: position.truncated ? null : timeOf(span.endedAt),
    json,
    bytes: byteLength(json),
    ...position,
  };
}

const ISO_TIME = /^\d{4}-\d\d-\d\dT[\d:.]{5,18}(?:Z|[+-]\d\d:\d\d)$/;

/** An application that makes its own spans can put anything here. */
function timeOf(time: unknown): string | null {
  return typeof time === 'string' && ISO_TIME.test(time) ? time : null;
}

/** Stands where a value was that has no JSON: a cycle, a BigInt, a getter that throws. */
const UNSERIALIZABLE = '{"$dropped":"unserializable","bytes":0}';

/** Objects that hold fields and are none: a fault or an excess in them costs one field of theirs. */
const HOLDERS = ['', '.data', '.data._response', '.error', '.error.data'];

/** A property's JSON. Where the whole has none, or is too large, its fields are tried one by one. */
function textOf(source: object, key: string, path: string): string | undefined {
  const read = (): unknown => (source as Record<string, unknown>)[key];
  const text = tried(() => JSON.stringify(read()) ?? '');
  if (text !== undefined && byteLength(text) <= MAX_FIELD_BYTES) return text;
  const fields = HOLDERS.includes(path) ? tried(() => fieldsOf(read(), path)) : undefined;
  return fields ?? (text === undefined ? UNSERIALIZABLE : cut(text));
}

function fieldsOf(value: unknown, path: string): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const fields = Object.keys(value).map((key) => {
    const text = textOf(value, key, `${path}.${key}`);
    return text && `${JSON.stringify(key)}:${text}`;
  });
  return `{${fields.filter(Boolean).join()}}`;
}

/** Getters, proxies and `toJSON` are the application's code: whatever they throw costs only what they stand for. */
function tried<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** Of a field past the limit this much stays; a character has at most three bytes. */
const HEAD_CHARACTERS = MAX_FIELD_BYTES / 4;

function cut(text: string): string {
  return JSON.stringify({ $cut: text.slice(0, HEAD_CHARACTERS), bytes: byteLength(text) });
}
