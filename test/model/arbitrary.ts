import fc from '../support/property.ts';
import type { Json } from '../../src/model/records.ts';

const encoder = new TextEncoder();

/** What a value takes on the wire, measured in another way than by the code under test. */
export function bytesOf(value: unknown): number {
  return encoder.encode(JSON.stringify(value)).length;
}

/** Any text, half surrogate pairs, controls and quotes included; now and then a long one. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  {
    weight: 1,
    arbitrary: fc
      .string({
        unit: fc.constantFrom('a', '"', '\\', '\n', '\u0001', 'é', '€', '😀', '\ud83d'),
        maxLength: 300,
      })
      .map((part) => part.repeat(200)),
  },
);

/** A list in a list in a list … */
export function nested(levels: number): Json {
  let value: Json = [];
  for (let level = 0; level < levels; level += 1) value = [value];
  return value;
}

/** Any content; now and then nested deeper than a reader follows. */
export const anyJson: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    anyText,
    fc.constantFrom<Json>(null, true, 1.5),
    fc.integer({ min: 0, max: 900 }).map(nested),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(anyText, tie('value'), { maxKeys: 4 }),
  ),
})).value;
