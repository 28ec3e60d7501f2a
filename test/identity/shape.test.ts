import fc from '../support/property.ts';
import { describe, expect, it } from 'vitest';
import { isSafeId } from '../../src/identity/ids.ts';
import { isSafeName, isStableCode } from '../../src/identity/names.ts';
import { looksSensitive } from '../../src/identity/shape.ts';

/** Assembled, so that no scanner takes the tests for a leak. */
const body = 'aB3'.repeat(12);
const TOKENS: [string, string][] = [
  ['OpenAI', `sk-${body}`],
  ['Stripe', ['sk', 'live', body].join('_')],
  ['GitHub', ['ghp', body].join('_')],
  ['GitHub, fine-grained', ['github', 'pat', body].join('_')],
  ['GitLab', `glpat-${body}`],
  ['Slack', `xoxb-${body}`],
  ['Hugging Face', `hf_${body}`],
  ['npm', `npm_${body}`],
  ['PyPI', `pypi-${body}`],
  ['Shopify', `shpat_${body}`],
  ['DigitalOcean', ['dop', 'v1', body].join('_')],
  ['SendGrid', `SG.${body}`],
  ['Google OAuth', `ya29.${body}`],
  ['a webhook', `whsec_${body}`],
  ['AWS', `AKIA${'A1'.repeat(8)}`],
  ['a Google API', `AIza${body}`],
  ['a JWT', [`eyJ${body}`, body, body].join('.')],
  ['a bearer header', `Bearer ${body}`],
  ['a private key', ['-----', 'BEGIN', ' PRIVATE KEY-----'].join('')],
];

const hexOf = (length: number): fc.Arbitrary<string> =>
  fc.string({
    unit: fc.constantFrom(...Array.from('0123456789abcdef')),
    minLength: length,
    maxLength: length,
  });
const ulid = fc
  .string({
    unit: fc.constantFrom(...Array.from('0123456789ABCDEFGHJKMNPQRSTVWXYZ')),
    minLength: 25,
    maxLength: 25,
  })
  .map((rest) => `0${rest}`);

describe('the shape check', () => {
  it.each(TOKENS)('takes a token of %s for a secret, alone and within a text', (_what, token) => {
    expect(looksSensitive(token)).toBe(true);
    expect(looksSensitive(`the token ${token} leaked`)).toBe(true);
    expect(isSafeId(token)).toBe(false);
    expect(isSafeName(token)).toBe(false);
    expect(isStableCode(token)).toBe(false);
  });

  it.each([
    ['an address', 'ada@example.test'],
    ['a card', '4'.repeat(16)],
    ['a card in groups', ['4111', '1111', '1111', '1111'].join('-')],
    ['a card in groups with spaces', ['4111', '1111', '1111', '1111'].join(' ')],
    ['an account number of 14 digits', '1'.repeat(14)],
  ])('takes %s for personal data', (_what, value) => {
    expect(looksSensitive(value)).toBe(true);
    expect(looksSensitive(`see ${value}.`)).toBe(true);
  });

  it.each([
    'support',
    'sk-',
    'sk-short',
    'task-force-of-many-people',
    'npm_run',
    'risk_live_assessment_tool',
    'a.b.c',
    'Basically fine',
    '2026-11-24T10:00:00.000Z',
    'v1.2.3',
    '1732450000000',
  ])('lets %s pass', (value) => {
    expect(looksSensitive(value)).toBe(false);
  });

  it('lets every UUID pass', () => {
    fc.assert(
      fc.property(fc.uuid(), (id) => isSafeId(id) && isSafeName(id)),
      { numRuns: 2_000 },
    );
  });

  it('lets every ULID pass', () => {
    fc.assert(
      fc.property(ulid, (id) => isSafeId(id) && isSafeName(id)),
      { numRuns: 2_000 },
    );
  });

  it('lets every hex id pass that is not digits alone, with and without a prefix', () => {
    const id = fc.oneof(hexOf(16), hexOf(24), hexOf(32)).filter((hex) => /[a-f]/.test(hex));
    fc.assert(
      fc.property(
        id,
        fc.constantFrom('', 'h_', 'trace_', 'span_', 'resp_', 'thread_', 'conv-'),
        (hex, prefix) => isSafeId(prefix + hex),
      ),
      { numRuns: 5_000 },
    );
  });

  it('lets ids with a millisecond timestamp pass', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_000_000_000_000, max: 9_999_999_999_999 }),
        (ms) => isSafeId(String(ms)) && isSafeId(`chat-${ms}-7`),
      ),
    );
  });

  it('answers soon for hostile input, also where a token seems to begin at every few characters', async () => {
    /** Clocks stand still between I/O. */
    const clock = (): Promise<number> =>
      new Promise((resolve) => setTimeout(() => resolve(Date.now()), 1));
    for (const part of ['4111 ', '-sk-', '-eyJaaaaaaaa', '1', ' Bearer', '-----']) {
      const started = await clock();
      looksSensitive(`${part.repeat(20_000)}x`);
      expect((await clock()) - started).toBeLessThan(1_000);
    }
  });
});

describe('an id from outside', () => {
  it.each(['a', 'A-1', 'thread_abc.1:2~x', 'x'.repeat(128)])('may be %s', (id) => {
    expect(isSafeId(id)).toBe(true);
  });

  it.each([
    ['over-long', 'x'.repeat(129)],
    ['empty', ''],
    ['with a control character', 'a\u0000b'],
    ['with CRLF', 'a\r\nset-cookie: x'],
    ['with a line break at its end', 'a\n'],
    ['with a lookalike', 'thrеad'],
    ['full-width', 'ａｂｃ'],
    ['with a space', 'a b'],
    ['SQL', "1' OR '1'='1"],
    ['HTML', '<script>alert(1)</script>'],
    ['a path', '../../etc'],
    ['one that begins with a separator', '-rf'],
    ['percent-encoded', '%00'],
    ['a template', '{{x}}'],
  ])('may not be %s', (_what, id) => {
    expect(isSafeId(id)).toBe(false);
  });

  it('is letters, digits and separators, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 200 }),
        (id) => !isSafeId(id) || /^[\w.:~-]{1,128}$/.test(id),
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('a name', () => {
  it.each(['Support agent', 'lookup_order', 'Kundenbetreuung für Österreich', '客服', '🦊 fox'])(
    'may be %s',
    (name) => {
      expect(isSafeName(name)).toBe(true);
    },
  );

  it.each([
    '',
    'x'.repeat(129),
    'a\u0000',
    'a\u200Bb',
    'a\u202Eb',
    'a\u2028b',
    '\uFEFFa',
    'a\uD800',
  ])('may not be %j', (name) => {
    expect(isSafeName(name)).toBe(false);
  });
});

describe('a stable code', () => {
  it('is an identifier of at most 64 characters', () => {
    for (const code of ['schema_valid', 'E42', 'a.b:c-d', 'x'.repeat(64)])
      expect(isStableCode(code)).toBe(true);
    for (const code of ['', '1a', 'two words', 'x'.repeat(65), 'é', undefined, 7, ['a']])
      expect(isStableCode(code)).toBe(false);
  });
});
