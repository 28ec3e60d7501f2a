import { expect, it } from 'vitest';
import { describeError, SluiceError } from '../../src/model/errors.ts';

class Refusal {
  readonly reason = 'a secret';
}

it.each([
  [new SluiceError('export_failed', 'no'), 'export_failed: no'],
  [new RangeError('too far'), 'RangeError: too far'],
  ['a text', 'a text'],
  [undefined, 'undefined'],
  [null, 'null'],
  [7n, '7'],
  [{ status: 500, body: 'a secret' }, 'a thrown Object'],
  [{ message: 'refused', body: 'a secret' }, 'Object: refused'],
  [Object.create(null), 'a thrown object'],
  [['a secret'], 'a thrown Array'],
  [new Refusal(), 'a thrown Refusal'],
  [new Response(null, { status: 500 }), 'a thrown Response'],
])('what is thrown and no error is described by its class: %#', (error, text) => {
  expect(describeError(error)).toBe(text);
});

it('a getter that throws makes no fault of describing one', () => {
  const hostile = {
    get message(): string {
      throw new Error('no');
    },
  };
  expect(describeError(hostile)).toBe('an error that cannot be described');
  expect(describeError(new Error('x'.repeat(1_000))).length).toBeLessThan(310);
});
