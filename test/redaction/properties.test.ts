import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/model/records.ts';
import { MAX_GROWTH_CHARACTERS, MAX_GROWTH_FACTOR } from '../../src/redaction/engine.ts';
import { writeJson } from '../../src/redaction/json.ts';
import { createRedactor } from '../../src/redaction/redactor.ts';
import fc from '../support/property.ts';
import { FORMS } from './forms.ts';
import { PERSONS, PLACES, fill, randomFrom } from './samples.ts';

const redactor = createRedactor();
const SAMPLES = [...PERSONS, ...PLACES, ...FORMS].map(
  (template) => fill(template, randomFrom(5)).text,
);

/** Pieces that detectors begin with, and what may stand between them. */
const PIECES = [
  'password',
  'token',
  'Authorization: ',
  'Bearer ',
  'Cookie: a=b',
  '@',
  'a.b@c.de',
  '4242 4242 4242 4242',
  '+49 30 901820',
  'https://u:p@h',
  '[secret]',
  '[email:#0f]',
  '[',
  ']',
  '{"',
  '"}',
  '\\"',
  '\n',
  '=',
  ':',
  ' ',
  '"',
  "'",
  '<',
  '>',
  '-u ',
  '--password ',
  'sk-',
  'eyJ',
  '.',
  'aZ3',
  'é',
  '日本',
  '\ud800',
];

const pieces = fc
  .array(fc.constantFrom(...PIECES), { maxLength: 14 })
  .map((parts) => parts.join(''));
const text = fc.oneof(
  pieces,
  fc.string({ maxLength: 60, unit: 'binary' }),
  fc.tuple(pieces, fc.constantFrom(...SAMPLES), pieces).map((parts) => parts.join('')),
);
const key = fc.oneof(
  fc.constantFrom('password', 'token', 'phone', 'value', 'name', '__proto__'),
  text,
);
const json = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    text,
    fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })),
    fc.constantFrom(null, true, false, 4242424242424242, 0),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4 }),
    tie('value').map((value) => JSON.stringify(value)),
  ),
})).value;

describe('redaction', () => {
  it('of what is redacted changes nothing', () => {
    fc.assert(
      fc.property(text, (from) => {
        const once = redactor.text(from);
        expect(redactor.text(once)).toBe(once);
      }),
      { numRuns: 1_500 },
    );
    fc.assert(
      fc.property(json, (from) => {
        const once = redactor.value(from);
        expect(redactor.value(once)).toEqual(once);
      }),
      { numRuns: 500 },
    );
  });

  it('is stable under every action', () => {
    for (const action of ['partial', 'remove'] as const) {
      const other = createRedactor({ action });
      fc.assert(
        fc.property(text, (from) => {
          const once = other.text(from);
          expect(other.text(once)).toBe(once);
        }),
        { numRuns: 500 },
      );
    }
  });

  it('keeps JSON valid, and keeps its shape', () => {
    fc.assert(
      fc.property(json, (from) => {
        // A number by itself is a text like any other.
        const [out = null] = JSON.parse(redactor.text(JSON.stringify([from]))) as Json[];
        expectShape(out, from);
        expectShape(redactor.value(from), from);
      }),
      { numRuns: 500 },
    );
  });

  it('writes JSON that is too deep for recursion as JSON.stringify writes it', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(writeJson(value, Number.POSITIVE_INFINITY, '')).toBe(JSON.stringify(value));
      }),
      { numRuns: 500 },
    );
  });

  it('finds in a value what it finds in its JSON', () => {
    fc.assert(
      fc.property(json, (from) => {
        const value = JSON.parse(JSON.stringify(from)) as Json;
        if (typeof value !== 'object' || value === null) return;
        expect(JSON.parse(redactor.text(JSON.stringify(value)))).toEqual(redactor.value(value));
      }),
      { numRuns: 500 },
    );
  });

  it('never grows a text beyond its budget', () => {
    const each = {
      name: 'each',
      find: (from: string) => Array.from(from, (_, at) => [at, at + 1] as const),
    };
    for (const other of [redactor, createRedactor({ custom: [each] })])
      fc.assert(
        fc.property(text, (from) => {
          const most = from.length * MAX_GROWTH_FACTOR + MAX_GROWTH_CHARACTERS;
          if (isJson(from)) return;
          expect(other.text(from).length).toBeLessThanOrEqual(most);
        }),
        { numRuns: 500 },
      );
  });
});

function isJson(from: string): boolean {
  try {
    JSON.parse(from);
    return true;
  } catch {
    return false;
  }
}

interface Fields {
  [key: string]: Json;
}

/** Lists stay as long, objects keep as many keys, and a leaf stays itself or becomes a text. */
function expectShape(out: Json, from: Json): void {
  if (Array.isArray(from)) {
    expect(out).toHaveLength(from.length);
    from.forEach((item, at) => expectShape((out as Json[])[at] ?? null, item));
  } else if (typeof from === 'object' && from !== null) {
    const values = Object.values(from);
    expect(Object.keys(out as object)).toHaveLength(values.length);
    if (!Object.keys(from).every((name) => Object.hasOwn(out as object, name))) return;
    for (const name of Object.keys(from))
      expectShape((out as Fields)[name] ?? null, from[name] ?? null);
  } else if (out !== from && !(Object.is(out, 0) && Object.is(from, -0)))
    expect(typeof out).toBe('string');
}
