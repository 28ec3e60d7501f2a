import { byteLength } from '../model/bytes.ts';
import type { ContentField, ReadSpan, Snapshot } from '../model/captured.ts';
import type { DroppedContent, Json, SpanRecord } from '../model/records.ts';
import { asStandIn } from '../model/stand-in.ts';
import type { Fingerprint } from './fingerprint.ts';
import type { Policy } from './policy.ts';

/**
 * Makes the record that may leave. It starts from identity and adds what the
 * policy keeps, so a field that nobody thought of cannot slip through.
 *
 * @throws what the fingerprint or a broken policy throws; the caller drops the record and counts it.
 */
export async function applyPolicy(
  policy: Policy,
  { id, traceId, parentId, startedAt, endedAt }: Snapshot,
  { identity, content }: ReadSpan,
  fingerprint: Fingerprint,
): Promise<SpanRecord> {
  const record: SpanRecord = {
    object: 'trace.span',
    id,
    trace_id: traceId,
    parent_id: parentId,
    started_at: startedAt,
    ended_at: endedAt,
    ...structuredClone(identity),
  };
  for (const field of content) {
    const { value } = field;
    const kept = policy[field.class] === 'keep' && !asStandIn(value)?.$dropped;
    place(record, field, kept ? value : await identifierOf(value, fingerprint), kept);
  }
  return record;
}

/** What stands for a value that was dropped. Of one that the snapshot had to cut, only the head is known. */
async function identifierOf(value: Json, fingerprint: Fingerprint): Promise<Json> {
  const standIn = asStandIn(value);
  if (standIn?.$dropped) return { $dropped: 'unserializable', bytes: 0 };
  const json = standIn?.$cut ?? JSON.stringify(value);
  return {
    $dropped: json.startsWith('"') ? 'string' : 'json',
    bytes: standIn?.bytes ?? byteLength(json),
    fingerprint: await fingerprint(json),
  };
}

/** Where a field is identity in part, the part stays and what stands for the rest goes beside it. */
function place(
  record: SpanRecord,
  { place: where, key: name, label }: ContentField,
  value: Json,
  kept: boolean,
): void {
  const key = kept ? name : label;
  let target = record as unknown as { [key: string]: Json };
  for (const step of where.split('.')) target = (target[step] ??= {}) as typeof target;
  if (!kept && where.startsWith('span_data') && Object.hasOwn(target, key))
    target = record.extra ??= {};
  const isText = where !== 'error' || key !== 'message' || typeof value === 'string';
  // `__proto__` is a key like any other in hostile data.
  Object.defineProperty(target, key, {
    value: isText ? value : errorText(value, kept),
    enumerable: true,
    writable: true,
    configurable: true,
  });
}

/** Error messages are strings on the wire, so there what is no string becomes one. */
function errorText(value: Json, kept: boolean): string {
  if (kept) return JSON.stringify(value);
  const { $dropped, bytes, fingerprint } = value as unknown as DroppedContent;
  return `[dropped ${$dropped}, ${bytes} bytes${fingerprint ? `, ${fingerprint}` : ''}]`;
}
