import fc from '../support/property.ts';
import { describe, expect, it } from 'vitest';
import {
  isMetadataKey,
  screenMetadata,
  STANDARD_METADATA_KEYS,
} from '../../src/identity/metadata.ts';

const declared: ReadonlySet<string> = new Set([...STANDARD_METADATA_KEYS, 'tenant']);

/** What may stay, and the kinds of what was refused. */
function screen(patch: unknown): { accepted: Record<string, string>; refused: string[] } {
  const refused: string[] = [];
  return { accepted: screenMetadata(patch, declared, (kind) => refused.push(kind)), refused };
}

describe('metadata', () => {
  it('keeps declared keys with short flat strings', () => {
    expect(screen({ environment: 'production', tenant: 'acme', surface: '' })).toEqual({
      accepted: { environment: 'production', tenant: 'acme', surface: '' },
      refused: [],
    });
  });

  it('skips what is undefined, so that optional values need no branch', () => {
    expect(screen({ environment: undefined, nobody: undefined })).toEqual({
      accepted: {},
      refused: [],
    });
    expect(screen(undefined)).toEqual({ accepted: {}, refused: [] });
    expect(screen(null)).toEqual({ accepted: {}, refused: [] });
  });

  it.each([
    ['an undeclared key', { nobody: 'x' }, 'metadata.undeclared'],
    ['a nested value', { tenant: { id: 1 } }, 'metadata.tenant'],
    ['a list', { tenant: ['a'] }, 'metadata.tenant'],
    ['a number', { tenant: 7 }, 'metadata.tenant'],
    ['null', { tenant: null }, 'metadata.tenant'],
    ['a long value', { tenant: 'x'.repeat(257) }, 'metadata.tenant'],
    ['an address', { tenant: 'ada@example.test' }, 'metadata.tenant'],
    ['a token', { tenant: `sk-${'aB3'.repeat(8)}` }, 'metadata.tenant'],
    ['a request id, which is the middleware to set', { request_id: 'r-1' }, 'metadata.request_id'],
  ])('refuses %s by name', (_what, patch, refused) => {
    expect(screen({ environment: 'test', ...patch })).toEqual({
      accepted: { environment: 'test' },
      refused: [refused],
    });
  });

  it('takes 256 characters', () => {
    const tenant = 'x'.repeat(256);
    expect(screen({ tenant })).toEqual({ accepted: { tenant }, refused: [] });
  });

  it('told reports and records the name of a key that nobody declared, which may be content', () => {
    const { refused } = screen({ 'Ada wrote this': 'x', ada_wrote_this: 'x', tenant: 'a@b.test' });
    expect(refused).toEqual(['metadata.undeclared', 'metadata.undeclared', 'metadata.tenant']);
  });

  it('with a `__proto__` key pollutes nothing', () => {
    const { accepted, refused } = screen(
      JSON.parse('{"__proto__":{"environment":"x"},"constructor":"x"}'),
    );
    expect(accepted).toEqual({});
    expect(refused).toEqual(['metadata.undeclared', 'metadata.undeclared']);
    expect(({} as { environment?: string }).environment).toBeUndefined();
  });

  it.each([['text'], [7], [true], [['a']], [() => 'x']])(
    'that is no object is refused: %j',
    (patch) => {
      const { accepted, refused } = screen(patch);
      expect(accepted).toEqual({});
      expect(refused).toEqual(['metadata']);
    },
  );

  it('that passes has declared keys and short strings only, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.oneof(fc.string(), fc.constantFrom(...declared)), fc.anything()),
        (patch) =>
          Object.entries(screen(patch).accepted).every(
            ([key, value]) => declared.has(key) && typeof value === 'string' && value.length <= 256,
          ),
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('a metadata key', () => {
  it('is snake_case of at most 64 characters', () => {
    for (const key of ['a', 'tenant_id', 'v2', 'x'.repeat(64)])
      expect(isMetadataKey(key)).toBe(true);
    for (const key of ['', 'Tenant', '2v', 'a-b', 'a b', '_a', 'é', 'x'.repeat(65), '__proto__'])
      expect(isMetadataKey(key)).toBe(false);
  });
});
