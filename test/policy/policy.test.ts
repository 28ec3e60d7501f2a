import { describe, expect, it } from 'vitest';
import { SluiceError } from '../../src/model/errors.ts';
import { definePolicy, full, metadataOnly } from '../../src/policy/policy.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';

describe('a policy', () => {
  it('drops what it does not name', () => {
    expect(definePolicy({})).toEqual({
      name: 'custom',
      content: 'drop',
      errors: 'drop',
      metadata: 'drop',
    });
    expect(definePolicy({ name: 'errors_only', errors: 'keep', content: undefined })).toEqual({
      name: 'errors_only',
      content: 'drop',
      errors: 'keep',
      metadata: 'drop',
    });
  });

  it('cannot be changed after it was defined', () => {
    expect(() => Object.assign(definePolicy({}), { content: 'keep' })).toThrow(TypeError);
    expect(Object.isFrozen(metadataOnly) && Object.isFrozen(full)).toBe(true);
  });

  it('is ready-made as `metadataOnly` and `full`', () => {
    expect(metadataOnly).toEqual({
      name: 'metadata_only',
      content: 'drop',
      errors: 'drop',
      metadata: 'keep',
    });
    expect(full).toEqual({ name: 'full', content: 'keep', errors: 'keep', metadata: 'keep' });
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'full'],
    ['a list', ['keep']],
    ['a function', () => ({})],
    ['an unknown class', { prompts: 'keep' }],
    ['a misspelt decision', { content: 'kept' }],
    ['a boolean', { errors: true }],
    ['null as a decision', { metadata: null }],
    ['an empty name', { name: '' }],
    ['a name with spaces', { name: 'errors only' }],
    ['a name in a list', { name: ['custom'] }],
    ['a name of 65 characters', { name: 'x'.repeat(65) }],
  ])('made of %s is refused as an invalid option', (_what, options) => {
    expect(() => definePolicy(options as PolicyOptions)).toThrow(
      expect.objectContaining({ name: 'SluiceError', code: 'invalid_option' }),
    );
    expect(() => definePolicy(options as PolicyOptions)).toThrow(SluiceError);
  });

  it('that is wrong is named with what to do', () => {
    expect(() => definePolicy('full' as PolicyOptions)).toThrow(
      'definePolicy: takes an object of the classes content, errors, metadata, such as { errors: "keep" }.',
    );
    expect(() => definePolicy({ prompts: 'keep' } as PolicyOptions)).toThrow(
      'definePolicy: there is no class `prompts`; the classes are content, errors, metadata.',
    );
    expect(() => definePolicy({ content: 'kept' } as unknown as PolicyOptions)).toThrow(
      'definePolicy: `content` must be "keep" or "drop".',
    );
    expect(() => definePolicy({ name: 'a b' })).toThrow(
      'definePolicy: `name` must be 1 to 64 letters, digits, "_" or "-".',
    );
  });
});
