import { describe, expect, it } from 'vitest';
import { GROUPS } from '../../src/redaction/detectors.ts';
import { PROVIDERS } from '../../src/redaction/providers.ts';
import { createRedactor } from '../../src/redaction/redactor.ts';
import { ESCAPED, FORMS, LOOKALIKES } from './forms.ts';
import { BENIGN, PERSONS, PLACES, fill, randomFrom } from './samples.ts';

const { text: redact } = createRedactor();
const CHARACTERS: { readonly [letter: string]: string } = {
  a: 'aB3dE6gH9kLmN2pQrS5tUv8xYz',
  h: '9f86d081884c7d659a2feaa0',
  d: '1234567890',
  U: 'ABCDEFGHJKLMNPQRSTUVWXYZ',
  l: 'abcdefghijklmnopqrstuvwxyz',
  '/': '+/',
  '#': '',
  $: '',
  '^': '',
  S: '$',
};

/** A token of a row: as many of its characters as it asks for at least, letters and digits last. */
function tokenOf(body: string, size: string, prefix: string): string {
  const alphabet = Array.from(body, (letter) => CHARACTERS[letter] ?? letter)
    .toReversed()
    .join('');
  const count = Number.parseInt(size, 10);
  return (
    prefix +
    alphabet.repeat(Math.ceil(count / alphabet.length)).slice(0, count - 1) +
    '7d'[body.includes('d') || /[ah]/.test(body) ? 0 : 1]
  );
}

describe('each published format', () => {
  for (const row of PROVIDERS) {
    const [name = '', body = '', size = '', ...prefixes] = row.split(' ');
    it(`${name} ${prefixes.join(' ')}`.slice(0, 90), () => {
      for (const prefix of prefixes) {
        const letters = body === 'Ul$';
        const token = letters
          ? `${prefix}${'AbCdEfGhIj'.repeat(4).slice(0, Number.parseInt(size, 10))}`
          : tokenOf(body, size, prefix);
        expect(redact(`see ${token}, ok`), token).toMatch(/^see \[\w+\], ok$/);
        expect(redact(`(${token})`), token).toMatch(/^\(\[\w+\]\)$/);
        expect(redact(JSON.stringify({ note: [`x ${token}`] })), token).toMatch(
          /^\{"note":\["x \[\w+\]"\]\}$/,
        );
        expect(GROUPS['credentials']).toContain(name);
      }
    });
  }

  it('leaves a prefix that too little follows', () => {
    for (const row of PROVIDERS) {
      const prefixes = row.split(' ').slice(3);
      for (const prefix of prefixes)
        expect(redact(`the ${prefix}ab prefix`)).toBe(`the ${prefix}ab prefix`);
    }
  });
});

describe('secrets by their place', () => {
  for (const template of [...PLACES, ...FORMS, ...ESCAPED])
    it(JSON.stringify(template.replace(/[«»]/g, '')).slice(0, 90), () => {
      const random = randomFrom(7);
      for (let round = 0; round < 5; round += 1) expectGone(template, random);
    });
});

describe('personal data', () => {
  for (const template of PERSONS)
    it(template.replace(/[«»]/g, ''), () => expectGone(template, randomFrom(1)));

  it('needs its check digits', () => {
    for (const text of [
      'number 4242 4242 4242 4241',
      'IBAN DE89 3704 0044 0532 0130 01',
      'area 000-12-3456 and 666-12-3456 and 123-00-4567',
      'address 256.1.1.1 and 1.2.3',
      'mac 00:1B:44:11:3A',
      'half 2001:db8:1:2',
    ])
      expect(redact(text)).toBe(text);
  });

  it('takes digits for a telephone number only where something speaks of one', () => {
    expect(redact('row 0378 3549890')).toBe('row 0378 3549890');
    expect(redact('phone 0378 3549890')).toBe('phone [phone]');
    expect(redact('{"phone":"0378 3549890","row":"0378 3549890"}')).toBe(
      '{"phone":"[phone]","row":"0378 3549890"}',
    );
  });
});

describe('what only looks like something', () => {
  for (const template of [...BENIGN, ...LOOKALIKES])
    it(template.slice(0, 90), () => {
      const random = randomFrom(3);
      for (let round = 0; round < 5; round += 1) {
        const { text } = fill(template, random);
        expect(redact(text)).toBe(text);
      }
    });
});

function expectGone(template: string, random: (below: number) => number): void {
  const { text, secrets } = fill(template, random);
  const out = redact(text);
  expect(secrets.length).toBeGreaterThan(0);
  for (const secret of secrets) expect(out, text).not.toContain(secret);
}
