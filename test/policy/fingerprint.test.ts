import { describe, expect, it } from 'vitest';
import { importHmacKey } from '../../src/model/hmac.ts';
import { fingerprintWith } from '../../src/policy/fingerprint.ts';

async function print(value: unknown, key = 'a key for tests only'): Promise<string> {
  return fingerprintWith(await importHmacKey(key))(JSON.stringify(value));
}

describe('a fingerprint', () => {
  it('is 16 hex digits, equal for equal values', async () => {
    expect(await print({ id: 1 })).toMatch(/^[0-9a-f]{16}$/);
    expect(await print({ id: 1 })).toBe(await print({ id: 1 }));
    expect(await print({ id: 1 })).not.toBe(await print({ id: 2 }));
    expect(await print('text')).not.toBe(await print('text '));
  });

  it('differs under another key', async () => {
    expect(await print('text')).not.toBe(await print('text', 'another key for tests'));
  });

  it('does not see the order of keys, at any depth, nor whether JSON stands in a text', async () => {
    const one = await print({ a: 1, b: { c: [1, { d: 2, e: 3 }], f: null } });
    expect(await print({ b: { f: null, c: [1, { e: 3, d: 2 }] }, a: 1 })).toBe(one);
    expect(await print('{ "b": {"f": null, "c": [1, {"e": 3, "d": 2}]}, "a": 1 }')).toBe(one);
  });

  it('sees the order of a list', async () => {
    expect(await print([1, 2])).not.toBe(await print([2, 1]));
  });

  it('tells a `__proto__` key from none', async () => {
    expect(await print('{"__proto__":{"a":1},"b":1}')).not.toBe(await print('{"b":1}'));
  });

  it('is made of what no parser can walk, too', async () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    expect(await print(deep)).toMatch(/^[0-9a-f]{16}$/);
    expect(await print('{"broken":')).not.toBe(await print('{"broken": '));
    expect(await print('x'.repeat(100_000))).toBe(await print('x'.repeat(100_000)));
  });
});
