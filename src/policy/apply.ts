import { byteLength } from '../model/bytes.ts';
import type { ContentField, ReadSpan, Snapshot } from '../model/captured.ts';
import { MAX_METADATA_VALUE_CHARACTERS } from '../model/limits.ts';
import type { DropCause, DroppedContent, Json, SpanRecord, TraceRecord } from '../model/records.ts';
import { asStandIn } from '../model/stand-in.ts';
import type { Fingerprint } from './fingerprint.ts';
import type { FieldInfo, Identify, Matrix, Outcome, ReadingBudget } from './matrix.ts';

/** Judges the records of one flush, for the destinations that share a matrix. */
export class Judge {
  readonly #matrix: Matrix;
  readonly #identify: Identify;
  readonly #failed: (why: DropCause) => void;
  readonly #budget: ReadingBudget;

  /** @param failed told of each field that was dropped because it could not be treated */
  constructor(matrix: Matrix, fingerprint: Fingerprint, failed: (why: DropCause) => void) {
    this.#matrix = matrix;
    this.#identify = (value, why) => identifierOf(value, fingerprint, why);
    this.#failed = failed;
    this.#budget = { characters: matrix.maxCharacters, dropped: 0 };
  }

  /**
   * Makes the record that may leave. It starts from identity and adds what the
   * policy keeps, so a field that nobody thought of cannot slip through.
   *
   * @throws what the fingerprint or a broken policy throws; the caller drops the record and counts it.
   */
  async span(
    { id, traceId, parentId, startedAt, endedAt }: Snapshot,
    { identity, content }: ReadSpan,
  ): Promise<SpanRecord> {
    const { kind, name: tool } = identity.facts;
    const record: SpanRecord = {
      object: 'trace.span',
      id,
      trace_id: traceId,
      parent_id: parentId,
      started_at: startedAt,
      ended_at: endedAt,
      ...(await this.#named(structuredClone(identity), kind)),
    };
    for (const field of content) {
      const { value, key, label } = field;
      const keys = field.place === 'error.data' ? ['data', key] : [key];
      const info = { class: field.class, keys, kind, tool: kind === 'function' ? tool : undefined };
      const outcome = await this.#outcome(info, key, value);
      if (typeof outcome !== 'string') place(record, field.place, outcome.key, outcome.value, true);
      else {
        const why = outcome === 'drop' ? undefined : outcome;
        place(record, field.place, label, await this.#identify(value, why), false);
      }
    }
    return record;
  }

  /** The trace's record with the metadata that may leave. */
  async trace(record: TraceRecord): Promise<TraceRecord> {
    const metadata: Record<string, string> = {};
    for (const [key, text] of Object.entries(record.metadata)) {
      const info = { class: 'metadata', keys: [key], kind: 'trace' } as const;
      const outcome = await this.#outcome(info, key, text);
      const value = typeof outcome === 'string' ? undefined : outcome.value;
      if (typeof value === 'string' && value.length <= MAX_METADATA_VALUE_CHARACTERS)
        metadata[key] = value;
    }
    const { group_id } = await this.#named({ group_id: record.group_id }, 'trace');
    return { ...record, group_id, metadata };
  }

  async #outcome(field: FieldInfo, key: string, value: Json): Promise<Outcome> {
    const verdict = asStandIn(value)?.$dropped ? 'drop' : this.#matrix.judge(field);
    if (verdict === 'drop') return verdict;
    if (verdict === 'keep') return { key, value };
    const outcome = await verdict.later(field, key, value, this.#budget, this.#identify);
    if (typeof outcome === 'string' && outcome !== 'drop') this.#failed(outcome);
    return outcome;
  }

  /** Names as they may leave. */
  async #named<T extends object>(identity: T, kind: string): Promise<T> {
    const { names } = this.#matrix;
    return names ? names(identity, kind, this.#budget, this.#identify) : identity;
  }
}

/** What stands for a value that was dropped. Of one that the snapshot had to cut, only the head is known. */
async function identifierOf(value: Json, fingerprint: Fingerprint, why?: DropCause): Promise<Json> {
  const standIn = asStandIn(value);
  if (standIn?.$dropped) return { $dropped: 'unserializable', bytes: 0 };
  const json = standIn?.$cut ?? JSON.stringify(value);
  return {
    $dropped: json.startsWith('"') ? 'string' : 'json',
    bytes: standIn?.bytes ?? byteLength(json),
    fingerprint: await fingerprint(json),
    ...(why && { reason: why }),
  };
}

/** Where a field is identity in part, the part stays and what stands for the rest goes beside it. */
function place(
  record: SpanRecord,
  where: ContentField['place'],
  key: string,
  value: Json,
  kept: boolean,
): void {
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
  const { $dropped, bytes, fingerprint, reason } = value as unknown as DroppedContent;
  return `[${[`dropped ${$dropped}`, `${bytes} bytes`, fingerprint, reason].filter(Boolean).join(', ')}]`;
}
