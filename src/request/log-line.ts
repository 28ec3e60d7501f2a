import { looksSensitive } from '../identity/shape.ts';
import { screenMetadata } from '../identity/metadata.ts';
import { isStableCode } from '../identity/names.ts';
import type { TraceIdentity } from '../capture/trace-state.ts';
import type { DataClass } from '../model/data-class.ts';
import type { Json } from '../model/records.ts';
import { MAX_LOGGED_CHARACTERS } from '../model/limits.ts';
import type { Matrix } from '../policy/matrix.ts';

/** What decides about the line. */
export interface LogRules {
  /** What the policy says of `log`. */
  readonly logMatrix: Matrix;
  readonly metadataKeys: ReadonlySet<string>;
}

/**
 * A log line: fields, then metadata, then the join keys, which nothing can replace.
 *
 * @param refuse told of fields that may not be logged
 */
export function logLine(
  { logMatrix: matrix, metadataKeys }: LogRules,
  event: string,
  fields: Record<string, unknown>,
  { id, groupId, workflow, metadata }: TraceIdentity,
  requestId: string,
  refuse: (kind: string) => void,
): string {
  const budget = { characters: MAX_LOGGED_CHARACTERS, dropped: 0 };
  const line: [string, Json][] = [];
  const add = (of: DataClass, key: string, value: Json): boolean => {
    const field = { class: of, keys: [key], kind: 'log' };
    const verdict = matrix.judge(field);
    const isKept = verdict === 'keep' || (of === 'custom' && isFact(key, value));
    const whole = isKept ? { key, value } : 'drop';
    const outcome = typeof verdict === 'string' ? whole : verdict.now(field, key, value, budget);
    if (typeof outcome !== 'string') line.push([outcome.key, outcome.value]);
    return typeof outcome !== 'string';
  };
  for (const [key, value] of Object.entries(fields)) {
    const json = jsonOf(value);
    const isDeclared = key in screenMetadata({ [key]: value }, metadataKeys, () => {});
    const isAdded =
      json !== undefined &&
      (add('custom', key, json) || (isDeclared && add('metadata', key, json)));
    if (!isAdded) refuse('log.field');
  }
  for (const [key, value] of Object.entries(metadata)) add('metadata', key, value);
  const joins = { event, trace_id: id, group_id: null, request_id: requestId, workflow };
  line.push(...Object.entries(joins));
  if (groupId !== null) add('names', 'group_id', groupId);
  return JSON.stringify(Object.fromEntries(line));
}

/** Numbers and flags are no content. */
function isFact(key: string, value: Json): boolean {
  const isPlain = typeof value === 'boolean' || typeof value === 'number';
  return isPlain && isStableCode(key) && !looksSensitive(String(value));
}

/** Nothing where a value has no JSON. */
function jsonOf(value: unknown): Json | undefined {
  try {
    const json = JSON.stringify(value) as string | undefined;
    return json === undefined ? undefined : (JSON.parse(json) as Json);
  } catch {
    return undefined;
  }
}
