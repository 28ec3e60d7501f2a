import fc from '../support/property.ts';
import { describe, expect, test } from 'vitest';
import { cutJson } from '../../src/destinations/cut.ts';
import type { Json } from '../../src/model/records.ts';

const utf8 = (value: Json) => new TextEncoder().encode(JSON.stringify(value)).length;
const json = fc.jsonValue({ maxDepth: 6, stringUnit: 'binary' }) as fc.Arbitrary<Json>;

describe('cutJson', () => {
  test('returns what fits as it is', () => {
    const property = fc.property(json, (value) => {
      expect(cutJson(value, utf8(value) + 64)).toBe(value);
    });
    fc.assert(property);
  });

  test('never takes more bytes than it may', () => {
    const property = fc.property(json, fc.integer({ min: 64, max: 400 }), (value, maxBytes) => {
      expect(utf8(cutJson(value, maxBytes))).toBeLessThanOrEqual(maxBytes);
    });
    fc.assert(property, { numRuns: 2_000 });
  });

  test('never takes more bytes than it may from wide and deep values', () => {
    const wide = fc.array(
      fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.double(), json),
      { maxLength: 60 },
    );
    const deep = wide.chain((items) => fc.nat(80).map((depth) => nest(items as Json, depth)));
    const property = fc.property(deep, fc.integer({ min: 64, max: 6_000 }), (value, maxBytes) => {
      expect(utf8(cutJson(value, maxBytes))).toBeLessThanOrEqual(maxBytes);
    });
    fc.assert(property, { numRuns: 1_000 });
  });

  test('keeps the type, the beginning and the order, and marks what it left out', () => {
    const long = 'x'.repeat(500);
    expect(cutJson(long, 64)).toMatch(/^x+… \[cut\]$/);
    expect(cutJson(['a', long, 'b'], 200)).toEqual([
      'a',
      expect.stringMatching(/^x+… \[cut\]$/),
      '$cut: 1 of 3 items',
    ]);
    expect(cutJson([{ a: 1 }, { b: long }, { c: 3 }], 400)).toEqual([
      { a: 1 },
      { b: expect.stringMatching(/^x+… \[cut\]$/) },
      { $cut: '1 of 3 items' },
    ]);
    expect(cutJson({ first: 1, long, last: 2 }, 200)).toEqual({
      first: 1,
      long: expect.stringMatching(/^x+… \[cut\]$/),
      $cut: '1 of 3 fields',
    });
  });

  test('never ends a string inside a character', () => {
    for (let maxBytes = 64; maxBytes < 80; maxBytes += 1) {
      expect(cutJson('👍'.repeat(100), maxBytes)).toMatch(/^(👍)+… \[cut\]$/u);
    }
  });
});

function nest(value: Json, depth: number): Json {
  let nested = value;
  for (let level = 0; level < depth; level += 1)
    nested = level % 2 ? [nested, 'after'] : { level, nested };
  return nested;
}
