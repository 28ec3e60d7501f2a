/** Checks what an application declares, so that an invariant with a misspelt key is an error and not silence. */
import { z } from 'zod';
import { SluiceError } from '../model/errors.ts';
import { issueText } from '../model/zod-issue.ts';
import type { DiagnoseOptions } from './options.ts';

const name = z.string('must be a string').min(1, 'must not be empty');

const PARTS = ['tool', 'agent', 'outcome', 'guardrail', 'handoffTo'] as const;
const part = name.optional();
const pattern = z
  .strictObject(
    {
      tool: part,
      agent: part,
      outcome: part,
      guardrail: part,
      handoffTo: part,
      failed: z.boolean('must be true or false').optional(),
    },
    `must be an object that names a span by ${PARTS.join(', ')}`,
  )
  .refine((parts) => PARTS.some((key) => parts[key] !== undefined), {
    message: `must name one of ${PARTS.join(', ')}`,
  });

const requirement = z
  .strictObject(
    {
      before: pattern.optional(),
      after: pattern.optional(),
      never: pattern.optional(),
      atMost: z.int('must be a whole number').min(0, 'must not be negative').optional(),
    },
    'must be an object of before, after, never and atMost',
  )
  .refine((parts) => Object.values(parts).some((value) => value !== undefined), {
    message: 'must name one of before, after, never, atMost',
  });

const declared = z.strictObject({ name, when: pattern, requires: requirement });
const checked = z.strictObject({
  name,
  check: z.custom((value) => typeof value === 'function', 'must be a function'),
});

/** One or the other, with the fault named where it is. */
const invariant = z
  .looseObject({}, 'must be an object with a name, and `when` and `requires`, or `check`')
  .superRefine((value, context) => {
    const shape = Object.hasOwn(value, 'check') ? checked : declared;
    for (const issue of shape.safeParse(value).error?.issues ?? []) context.addIssue({ ...issue });
  });

const isAmount = (value: unknown): boolean => value === undefined || typeof value === 'number';

const positive = z.number('must be a number').min(0, 'must not be negative');

export const diagnoseSchema: z.ZodType = z.strictObject(
  {
    invariants: z.array(invariant, 'must be an array').optional(),
    // What is usual is measured, so any number may come of it.
    usual: z.strictObject({ tokens: z.custom(isAmount, 'must be a number') }).optional(),
    slowMs: z
      .union([positive, z.record(z.string(), positive)], {
        error: 'must be milliseconds, or an object of them for each kind of span',
      })
      .optional(),
  },
  'must be an object of invariants, usual and slowMs',
);

/** A page of traces is diagnosed with the same invariants. */
const known = new WeakSet<object>();

/** @throws SluiceError `invalid_option` that names what is wrong, and where */
export function assertDiagnoseOptions(options: DiagnoseOptions): void {
  const { invariants } = Object(options) as DiagnoseOptions;
  const isKnown = typeof invariants === 'object' && known.has(invariants);
  const news = isKnown ? { ...options, invariants: undefined } : options;
  const { error } = diagnoseSchema.safeParse(news);
  if (error) throw new SluiceError('invalid_option', `diagnose: ${issueText(error)}.`);
  if (invariants) known.add(invariants);
}
