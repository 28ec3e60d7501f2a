import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/model/records.ts';
import { Judge } from '../../src/policy/apply.ts';
import { definePolicy } from '../../src/policy/define.ts';
import type { PolicyOptions } from '../../src/policy/rows.ts';
import { createRedactor } from '../../src/redaction/redactor.ts';
import { readAgain } from '../capture/spans.ts';
import fc from '../support/property.ts';

const redactor = createRedactor();
const key = fc.constantFrom(
  'a',
  'b',
  '0',
  '*',
  '__proto__',
  'content',
  'role',
  'type',
  'arguments',
);
/** JSON that has members which rules and messages speak of, and JSON in its texts. */
const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Json>('system', 'function_call', 'a SECRET here', 7, null, true),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.array(fc.tuple(key, tie('json')), { maxLength: 4 }).map((own) => Object.fromEntries(own)),
    tie('json').map((value) => JSON.stringify(value)),
  ),
}));
const cell = fc.constantFrom(
  'keep',
  'drop',
  'redact',
  () => 'treated',
  () => undefined,
);
const path = fc
  .tuple(
    fc.constantFrom('model.input', 'tool.input', 'instructions.system'),
    fc.array(key, { maxLength: 3 }),
  )
  .map(([start, keys]) => [start, ...keys].join('.'));
const options = fc.record({
  content: cell,
  tool: fc.option(cell, { nil: undefined }),
  instructions: fc.option(cell, { nil: undefined }),
  fields: fc.dictionary(path, cell, { maxKeys: 4 }),
}) as fc.Arbitrary<PolicyOptions>;

async function judged(
  policy: PolicyOptions,
  input: Json,
): Promise<{ input: Json; causes: string[] }> {
  const causes: string[] = [];
  const judge = new Judge(
    definePolicy({ redactor, ...policy }).matrixFor([]),
    async () => 'f'.repeat(16),
    (why) => causes.push(why),
  );
  const snapshot = {
    id: 'span_1',
    traceId: 'trace_1',
    parentId: null,
    startedAt: null,
    endedAt: null,
    json: JSON.stringify({ data: { type: 'generation', input } }),
    bytes: 0,
    started: 0,
    ended: 1,
    truncated: false,
  };
  const { snapshot: again, ...read } = readAgain(snapshot);
  const { span_data } = await judge.span(again, read);
  return { input: span_data['input'] ?? null, causes };
}

describe('whatever the value and the policy', () => {
  it('a record is made, it is JSON, and it is the same when it is made again', async () => {
    await fc.assert(
      fc.asyncProperty(options, json, async (policy, value) => {
        const { input } = await judged(policy, value);
        expect(JSON.parse(JSON.stringify(input))).toEqual(input);
        expect((await judged(policy, value)).input).toEqual(input);
      }),
    );
  });

  it('nothing of a value is left where every decision is to drop', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(path, { maxLength: 4 }), json, async (paths, value) => {
        const fields = Object.fromEntries(paths.map((one) => [one, 'drop' as const]));
        const text = JSON.stringify((await judged({ content: 'drop', fields }, value)).input);
        expect(text).not.toContain('SECRET');
      }),
    );
  });

  it('a value stays as it was where every decision is to keep', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(path, { maxLength: 4 }), json, async (paths, value) => {
        const fields = Object.fromEntries(paths.map((one) => [one, 'keep' as const]));
        const { input, causes } = await judged({ content: 'keep', fields }, value);
        // What looks like a value that the snapshot cut is no exception here: no such key is drawn.
        expect(input).toEqual(value);
        expect(causes).toEqual([]);
      }),
    );
  });
});
