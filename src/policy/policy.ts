import { SluiceError } from '../model/errors.ts';

export type Decision = 'keep' | 'drop';

/**
 * What may leave a request, by class of data. Ids, times, kinds, names, usage
 * and the facts of a span are identity, not content: they stay under every policy.
 */
export interface Policy {
  readonly name: string;
  /** Inputs and outputs of models and tools, instructions, custom data, and all that is not known to be identity. */
  readonly content: Decision;
  /** Error messages and error data; the error's kind and class are facts and stay. */
  readonly errors: Decision;
  /** The trace's declared metadata keys. */
  readonly metadata: Decision;
}

/** Decisions that are left out are `drop`: a policy fails closed. */
export interface PolicyOptions {
  /** Named in reports. Stable, 1 to 64 of letters, digits, `_` and `-`. @default 'custom' */
  name?: string;
  content?: Decision;
  errors?: Decision;
  metadata?: Decision;
}

const CLASSES = ['content', 'errors', 'metadata'];
const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

/**
 * Makes a policy. What it does not say is dropped.
 *
 * @throws SluiceError `invalid_option` that names the decision.
 * @example
 * ```ts
 * const errorsOnly = definePolicy({ name: 'errors_only', errors: 'keep', metadata: 'keep' });
 * ```
 */
export function definePolicy(options: PolicyOptions): Policy {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw invalid(
      `takes an object of the classes ${CLASSES.join(', ')}, such as { errors: "keep" }`,
    );
  }
  const { name = 'custom', ...decisions } = options;
  if (typeof name !== 'string' || !NAME.test(name))
    throw invalid('`name` must be 1 to 64 letters, digits, "_" or "-"');
  for (const [key, decision] of Object.entries(decisions)) {
    if (!CLASSES.includes(key))
      throw invalid(
        `there is no class \`${key.slice(0, 64)}\`; the classes are ${CLASSES.join(', ')}`,
      );
    if (decision !== undefined && decision !== 'keep' && decision !== 'drop')
      throw invalid(`\`${key}\` must be "keep" or "drop"`);
  }
  const { content = 'drop', errors = 'drop', metadata = 'drop' } = decisions;
  return Object.freeze({ name, content, errors, metadata });
}

function invalid(problem: string): SluiceError {
  return new SluiceError('invalid_option', `definePolicy: ${problem}.`);
}

/** Identity, timing, usage and outcomes leave; content and error texts do not. The default. */
export const metadataOnly: Policy = /* @__PURE__ */ Object.freeze({
  name: 'metadata_only',
  content: 'drop',
  errors: 'drop',
  metadata: 'keep',
});

/** All that the SDK recorded leaves as it was. For development, and for stores that may hold it. */
export const full: Policy = /* @__PURE__ */ Object.freeze({
  name: 'full',
  content: 'keep',
  errors: 'keep',
  metadata: 'keep',
});
