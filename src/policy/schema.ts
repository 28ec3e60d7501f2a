/** Checks a policy as it is written, at start-up. */
import { z } from 'zod';
import { MAX_PATH_SEGMENTS, MAX_REDACTED_CHARACTERS } from '../model/limits.ts';
import type { ValueRedactor } from './redact.ts';
import { CLASSES } from './rows.ts';
import type { Cell, ToolCells } from './rows.ts';

const DECISIONS: readonly unknown[] = ['keep', 'drop', 'redact'];

function isRedactor(value: unknown): boolean {
  const { value: one, valueAsync: other } = Object(value) as Record<string, unknown>;
  return typeof one === 'function' && typeof other === 'function';
}

function isCell(value: unknown): value is Cell {
  return DECISIONS.includes(value) || typeof value === 'function' || isRedactor(value);
}

const cell = z.custom<Cell>(
  isCell,
  'must be "keep", "drop", "redact", a redactor of createRedactor(), or a function',
);
const cells = z.strictObject(
  {
    input: cell.optional(),
    output: cell.optional(),
    errors: cell.optional(),
  },
  'must be a cell, or an object of the cells input, output and errors',
);
/** One or the other, with the fault named where it is. */
const toolCells = z.custom<Cell | ToolCells>().superRefine((value, context) => {
  const issues = isCell(value) ? [] : (cells.safeParse(value).error?.issues ?? []);
  for (const issue of issues) context.addIssue({ ...issue });
});

const fields = z.record(z.string(), cell).superRefine((rules, context) => {
  for (const path of Object.keys(rules)) {
    if (!isPath(path.split('.')))
      context.addIssue({ code: 'custom', path: [path], message: PATH_RULE });
  }
});
const PATH_RULE = `must be a class (${CLASSES.join(', ')}) and 1 to ${MAX_PATH_SEGMENTS - 1} keys, such as tool.output.customer.email`;

function isPath([first, ...keys]: string[]): boolean {
  const isClass = CLASSES.some((name) => name === first);
  return isClass && keys.length > 0 && keys.length < MAX_PATH_SEGMENTS && keys.every(Boolean);
}

const rowShape = {
  ...Object.fromEntries(CLASSES.map((name) => [name, cell.optional()])),
  content: cell.optional(),
  tools: z.record(z.string(), toolCells).optional(),
  fields: fields.optional(),
};
const rows = z.record(z.string(), z.strictObject(rowShape)).optional();

export const policySchema: z.ZodType = z.strictObject({
  ...rowShape,
  name: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, 'must be 1 to 64 letters, digits, "_" or "-"')
    .default('custom'),
  redactor: z
    .custom<ValueRedactor>(
      isRedactor,
      "must be what createRedactor() of 'sluice/redaction' returns",
    )
    .optional(),
  destinations: rows,
  environments: z
    .record(z.string(), z.strictObject({ ...rowShape, destinations: rows }))
    .optional(),
  maxCharacters: z.int().min(1_000).max(1_000_000_000).default(MAX_REDACTED_CHARACTERS),
});
