import { MAX_METADATA_VALUE_CHARACTERS } from '../model/limits.ts';
import { looksSensitive } from './shape.ts';

/** Keys that join a trace to product logs, deployments and evals. `request_id` is set by the middleware. */
export const STANDARD_METADATA_KEYS = [
  'environment',
  'release',
  'surface',
  'prompt_version',
  'model_alias',
  'tool_schema_version',
  'approval_policy',
  'approval_state',
  'request_id',
] as const;

export type StandardMetadataKey = (typeof STANDARD_METADATA_KEYS)[number];

/** Flat metadata: the contract's keys and the ones an application declares with `metadataKeys`. */
export type Metadata = Partial<Record<StandardMetadataKey, string | undefined>> & {
  [declared: string]: string | undefined;
};

const KEY = /^[a-z][a-z0-9_]{0,63}$/;

export function isMetadataKey(key: unknown): key is string {
  return typeof key === 'string' && KEY.test(key);
}

/**
 * The entries that may stay. The others are refused: those under a declared key by its name, as it has no
 * string, one that is too long, or one that looks like a secret; all others as `metadata.undeclared`, since
 * a key that nobody declared may itself be content. `undefined` values are skipped.
 */
export function screenMetadata(
  patch: unknown,
  declared: ReadonlySet<string>,
  refuse: (kind: string) => void,
): Record<string, string> {
  const accepted: Record<string, string> = {};
  if (patch === undefined || patch === null) return accepted;
  if (typeof patch !== 'object' || Array.isArray(patch)) refuse('metadata');
  else {
    for (const [key, value] of Object.entries(patch) as [string, unknown][]) {
      if (value === undefined) continue;
      const fits = typeof value === 'string' && value.length <= MAX_METADATA_VALUE_CHARACTERS;
      const isOpen = declared.has(key) && key !== 'request_id';
      if (fits && isOpen && !looksSensitive(value)) accepted[key] = value;
      else refuse(`metadata.${declared.has(key) ? key : 'undeclared'}`);
    }
  }
  return accepted;
}
