import { describe, expect, it } from 'vitest';
import { SluiceError } from '../../src/model/errors.ts';
import type { DataClass } from '../../src/model/data-class.ts';
import { definePolicy } from '../../src/policy/define.ts';
import type { FieldInfo } from '../../src/policy/matrix.ts';
import { full, metadataOnly } from '../../src/policy/policy.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { redacted } from '../../src/policy/redacted.ts';
import { CLASSES } from '../../src/policy/rows.ts';
import type { PolicyOptions } from '../../src/policy/rows.ts';
import { createRedactor } from '../../src/redaction/redactor.ts';

const field = (of: DataClass, keys: string[] = ['x'], tool?: string): FieldInfo => ({
  class: of,
  keys,
  kind: 'function',
  tool,
});

/** What a policy says of each class, one letter each. */
function verdicts(policy: Policy, names: string[] = [], environment?: string): string {
  const matrix = policy.matrixFor(names, environment);
  return CLASSES.map((of) => matrix.judge(field(of)))
    .map((verdict) => (typeof verdict === 'string' ? verdict.slice(0, 1) : 'r'))
    .join('');
}

describe('a policy', () => {
  it('says of each class what becomes of it', () => {
    expect(CLASSES.join()).toBe(
      'model,tool,handoff,guardrail,custom,audio,instructions,other,errors,metadata,names',
    );
    expect(verdicts(metadataOnly)).toBe('dddddddddkk');
    expect(verdicts(full)).toBe('kkkkkkkkkkk');
    expect(verdicts(redacted)).toBe('rrrrrdrrrrr');
  });

  it('drops what it does not name, but for names', () => {
    expect(verdicts(definePolicy({}))).toBe('ddddddddddk');
    expect(verdicts(definePolicy({ errors: 'keep', content: undefined }))).toBe('ddddddddkdk');
    expect(verdicts(definePolicy({ content: 'keep', custom: 'drop' }))).toBe('kkkkdkkkddk');
    expect(verdicts(definePolicy({ names: 'drop', other: 'keep' }))).toBe('dddddddkddd');
  });

  it('cannot be changed after it was defined', () => {
    expect(() => Object.assign(definePolicy({}), { matrixFor: full.matrixFor })).toThrow(TypeError);
    expect([metadataOnly, redacted, full].every(Object.isFrozen)).toBe(true);
  });

  it('decides by the row that is most specific to destination and environment', () => {
    const policy = definePolicy({
      content: 'keep',
      errors: 'keep',
      destinations: { openai: { content: 'drop' }, log: { errors: 'drop' } },
      environments: {
        production: { content: 'drop', metadata: 'keep' },
        staging: { destinations: { openai: { content: 'keep' } } },
      },
    });
    expect(policy.destinations).toEqual(['openai', 'log']);
    expect(policy.environments).toEqual(['production', 'staging']);
    expect(verdicts(policy, ['queue'])).toBe('kkkkkkkkkdk');
    expect(verdicts(policy, ['openai'])).toBe('ddddddddkdk');
    expect(verdicts(policy, ['my-export', 'openai'])).toBe('ddddddddkdk');
    expect(verdicts(policy, ['log'])).toBe('kkkkkkkkddk');
    expect(verdicts(policy, ['queue'], 'production')).toBe('ddddddddkkk');
    expect(verdicts(policy, ['log'], 'production')).toBe('dddddddddkk');
    expect(verdicts(policy, ['openai'], 'staging')).toBe('kkkkkkkkkdk');
    expect(verdicts(policy, ['openai'], 'elsewhere')).toBe('ddddddddkdk');
  });

  it('lets no override of the base loosen what a destination drops', () => {
    const policy = definePolicy({
      content: 'drop',
      tools: { lookup: { output: 'keep' } },
      fields: { 'custom.data.sku': 'keep' },
      destinations: { openai: { content: 'drop' } },
    });
    const output = field('tool', ['output'], 'lookup');
    expect(policy.matrixFor(['queue']).judge(output)).toBe('keep');
    expect(policy.matrixFor(['openai']).judge(output)).toBe('drop');
    expect(policy.matrixFor(['openai']).judge(field('custom', ['data']))).toBe('drop');
  });

  it('decides by path before tool, by tool before class, by class before content', () => {
    const policy = definePolicy({
      content: 'keep',
      tool: 'drop',
      tools: { lookup: 'keep', pay: { input: 'keep', errors: 'keep' } },
      fields: { 'tool.input': 'drop', 'errors.data.code': 'keep' },
    });
    const judge = (...of: Parameters<typeof field>): unknown =>
      policy.matrixFor([]).judge(field(...of));
    expect(judge('tool', ['output'], 'other')).toBe('drop');
    expect(judge('tool', ['output'], 'lookup')).toBe('keep');
    expect(judge('tool', ['mcp_data'], 'lookup')).toBe('keep');
    expect(judge('tool', ['input'], 'lookup')).toBe('drop');
    expect(judge('tool', ['output'], 'pay')).toBe('drop');
    expect(judge('errors', ['message'], 'pay')).toBe('keep');
    expect(judge('errors', ['message'], 'lookup')).toBe('drop');
    expect(judge('errors', ['data', 'code'], 'lookup')).toBe('keep');
    expect(judge('guardrail')).toBe('keep');
  });

  it('has one matrix for all destinations that fall under the same rows', () => {
    const policy = definePolicy({ destinations: { openai: { content: 'keep' } } });
    expect(policy.matrixFor(['queue'])).toBe(policy.matrixFor(['webhook'], 'production'));
    expect(policy.matrixFor(['openai'])).toBe(policy.matrixFor(['other', 'openai']));
    expect(policy.matrixFor(['openai'])).not.toBe(policy.matrixFor(['queue']));
  });

  it('knows whether anything but identity can pass', () => {
    const isBare = (options: PolicyOptions): boolean => definePolicy(options).matrixFor([]).isBare;
    expect(isBare({ metadata: 'keep', names: 'drop', content: 'drop' })).toBe(true);
    expect(isBare({ errors: 'keep' })).toBe(false);
    expect(isBare({ tools: { a: 'drop' } })).toBe(false);
    expect(isBare({ fields: { 'tool.output.id': 'keep' } })).toBe(false);
    expect(isBare({ custom: 'keep' })).toBe(false);
  });
});

describe('a policy that is wrong', () => {
  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'full'],
    ['a list', ['keep']],
    ['a function', () => ({})],
    ['a boolean as a decision', { errors: true }],
    ['null as a decision', { metadata: null }],
    ['an empty name', { name: '' }],
    ['a name in a list', { name: ['custom'] }],
    ['a name of 65 characters', { name: 'x'.repeat(65) }],
    ['a redactor that is none', { redactor: { text: () => '' } }],
    ['a list of tools', { tools: ['lookup'] }],
    ['no characters to read', { maxCharacters: 0 }],
  ])('made of %s is refused as an invalid option', (_what, options) => {
    const define = (): unknown => definePolicy(options as unknown as PolicyOptions);
    expect(define).toThrow(SluiceError);
    expect(define).toThrow(expect.objectContaining({ code: 'invalid_option' }));
  });

  const redactor = createRedactor();
  it.each([
    [{ prompts: 'keep' }, '`prompts`: is unknown; check its spelling'],
    [{ content: 'kept' }, '`content`: must be "keep", "drop", "redact", a redactor of'],
    [{ name: 'a b' }, '`name`: must be 1 to 64 letters, digits, "_" or "-"'],
    [{ content: 'redact' }, '`content` is "redact", but the policy has no `redactor`'],
    [
      { destinations: { openai: { tool: 'redact' } } },
      '`destinations.openai.tool` is "redact", but the policy has no `redactor`',
    ],
    [
      { environments: { prod: { tools: { pay: { input: 'redact' } } } } },
      '`environments.prod.tools.pay.input` is "redact", but the policy has no',
    ],
    [
      { redactor, destinations: { openai: { redactor } } },
      '`destinations.openai.redactor`: is unknown',
    ],
    [{ tools: { pay: { body: 'keep' } } }, '`tools.pay.body`: is unknown'],
    [{ tools: { pay: { input: 'hide' } } }, '`tools.pay.input`: must be "keep", "drop"'],
    [{ tools: { pay: 7 } }, '`tools.pay`: must be a cell, or an object of the cells input'],
    [{ fields: { 'payload.x': 'keep' } }, '`fields.payload.x`: must be a class (model, tool,'],
    [{ fields: { tool: 'keep' } }, '`fields.tool`: must be a class'],
    [{ fields: { 'tool..x': 'keep' } }, '`fields.tool..x`: must be a class'],
    [{ environments: { prod: { environments: {} } } }, '`environments.prod.environments`: is unk'],
  ])('is named with its cell: %j', (options, message) => {
    expect(() => definePolicy(options as unknown as PolicyOptions)).toThrow(
      `definePolicy: ${message}`,
    );
  });
});
