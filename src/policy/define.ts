import { SluiceError } from '../model/errors.ts';
import { issueText } from '../model/zod-issue.ts';
import { compileLayers } from './compile.ts';
import type { Matrix } from './matrix.ts';
import type { Policy } from './policy.ts';
import type { CheckedOptions, PolicyOptions } from './rows.ts';
import { policySchema } from './schema.ts';
import { layeredMatrix } from './layered.ts';

/**
 * Makes a policy. What it does not say is dropped.
 *
 * The row that is most specific to a destination and an environment decides whatever it speaks
 * of; within a row a path goes before a tool, a tool before a class, a class before `content`.
 *
 * @throws SluiceError `invalid_option` that names the cell.
 * @example
 * ```ts
 * const support = definePolicy({
 *   name: 'support',
 *   redactor: createRedactor({ detectors: { email: 'hash' }, hashKey: env.REDACTION_KEY }),
 *   content: 'redact',
 *   errors: 'redact',
 *   metadata: 'keep',
 *   tools: { lookup_order: { output: 'keep' } },
 *   destinations: { openai: { content: 'drop', errors: 'drop' } },
 * });
 * ```
 */
export function definePolicy(options: PolicyOptions): Policy {
  const result = policySchema.safeParse(options);
  if (!result.success) throw invalid(issueText(result.error));
  const given = result.data as CheckedOptions;
  const { name, maxCharacters, destinations = {}, environments = {} } = given;
  const build = compileLayers(given, (problem) => invalid(problem));
  const matrices = new Map<string, Matrix>();
  return Object.freeze({
    name,
    destinations: Object.freeze([
      ...new Set([
        ...Object.keys(destinations),
        ...Object.values(environments).flatMap((row) => Object.keys(row.destinations ?? {})),
      ]),
    ]),
    environments: Object.freeze(Object.keys(environments)),
    matrixFor(names: readonly string[], environment?: string) {
      const { key, layers } = build(names, environment);
      // One matrix for all that fall under the same rows, so that a flush judges once for them.
      const matrix = matrices.get(key) ?? layeredMatrix(layers, maxCharacters);
      matrices.set(key, matrix);
      return matrix;
    },
  });
}

function invalid(problem: string): SluiceError {
  return new SluiceError('invalid_option', `definePolicy: ${problem}.`);
}
