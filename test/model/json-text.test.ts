import { describe, expect, it } from 'vitest';
import fc from '../support/property.ts';
import { wholeJson } from '../../src/model/json-text.ts';

describe('a text that begins like JSON', () => {
  it.each([
    '{"a":1}',
    ' [{"a":1},\n {"b":[]}] ',
    '["one"]',
    '[[1,2]]',
    '{"a":1}\n{"a":2}\n',
    '{ "__proto__": {"x": 1} }',
  ])('is whole where it is JSON, or lines of it: %j', (text) => {
    expect(wholeJson(text)).toBe(true);
  });

  it.each([
    '{"a":1',
    '[{"a":1},{"b"',
    '["one", "tw',
    '{"a":1} and more',
    '[object Object]',
    '[object Object] is here',
  ])('is broken where it cannot be read: %j', (text) => {
    expect(wholeJson(text)).toBe(false);
  });

  it.each([
    '',
    'order 1 is on its way',
    '[INFO] started',
    '[1] first',
    '{name} stands for a name',
    '{}',
    '12',
    undefined,
    null,
    { a: 1 },
  ])('is not what stands here, so that nothing is told of it: %j', (text) => {
    expect(wholeJson(text)).toBeUndefined();
  });

  it('is whole whatever value it writes, and broken when its end is gone', () => {
    const record = fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 });
    fc.assert(
      fc.property(record, (value) => {
        const json = JSON.stringify(value);
        expect(wholeJson(json)).toBe(true);
        expect(wholeJson(json.slice(0, -1))).toBe(false);
      }),
    );
  });
});
