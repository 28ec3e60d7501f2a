import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/model/records.ts';
import { createRedactor, redactText } from '../../src/redaction/redactor.ts';
import type { RedactionBudget } from '../../src/redaction/budget.ts';
import type { RedactionPolicy } from '../../src/redaction/rules.ts';

const KEY = 'a key of the tests alone';
const CARD = '4242 4242 4242 4242';

function budgetOf(characters: number): RedactionBudget {
  return { characters, dropped: 0 };
}

function nested(levels: number, leaf: Json): Json {
  let value = leaf;
  for (let level = 0; level < levels; level += 1) value = level % 2 ? [value] : { in: value };
  return value;
}

describe('redactText', () => {
  it('masks what it finds with the name of its class and leaves the rest', () => {
    expect(redactText(`mail bob@corp.example, card ${CARD}.`)).toBe('mail [email], card [card].');
    expect(redactText('nothing to see')).toBe('nothing to see');
  });

  it('takes a policy', () => {
    expect(redactText('mail bob@corp.example', { action: 'remove' })).toBe('mail [removed]');
  });

  it('reads JSON, judges keys and values together and writes JSON again', () => {
    expect(redactText('{"user":"bob","password":"plain words"}')).toBe(
      '{"user":"bob","password":"[secret]"}',
    );
    expect(redactText('{\n  "password": "x1",\n  "n": 1\n}')).toBe(
      '{\n  "password": "[secret]",\n  "n": 1\n}',
    );
  });

  it('returns JSON without findings byte for byte', () => {
    const text = '{ "a" : 1.0, "big": 12345678901234567890 }';
    expect(redactText(text)).toBe(text);
  });

  it('reads JSON in JSON, escaped however often', () => {
    const inner = JSON.stringify({ password: 'a"b\\c' });
    const text = JSON.stringify({ a: JSON.stringify({ b: JSON.stringify([inner]) }) });
    const out = JSON.parse(redactText(text)) as { a: string };
    const b = (JSON.parse(out.a) as { b: string }).b;
    expect(JSON.parse((JSON.parse(b) as [string])[0])).toEqual({ password: '[secret]' });
  });

  it('reads a JSON text that is a string', () => {
    expect(redactText(JSON.stringify('a "b" to bob@corp.example'))).toBe('"a \\"b\\" to [email]"');
  });

  it('searches what only begins like JSON', () => {
    expect(redactText('[DEBUG] from bob@corp.example [x]')).toBe('[DEBUG] from [email] [x]');
    expect(redactText('{"password":"cut off in the midd')).not.toContain('cut');
  });

  it('masks a secret that a cut text does not close', () => {
    expect(redactText('… "api_key": "9f86d081884c7d659a2feaa0')).toBe('… "api_key": "[secret]');
  });
});

describe('a redactor of values', () => {
  const { value } = createRedactor();

  it('gives back the same value where nothing was found, and never changes what it is given', () => {
    const clean = { a: [1, null, true, 'text'] };
    expect(value(clean)).toBe(clean);
    const dirty = { a: { password: 'x' }, b: ['bob@corp.example'] };
    const before = structuredClone(dirty);
    expect(value(dirty)).toEqual({ a: { password: '[secret]' }, b: ['[email]'] });
    expect(dirty).toEqual(before);
  });

  it('walks 100,000 levels without overflowing', () => {
    const depth = 100_000;
    let out = value(nested(depth, { token: '4f9d2c7b1e8a4f9d2c7b1e8a' }));
    for (let level = 0; level < depth; level += 1) out = Object.values(out as object)[0] as Json;
    expect(out).toEqual({ token: '[secret]' });
  });

  it('reads and writes JSON texts of 50,000 levels', () => {
    const text = `${'['.repeat(50_000)}"bob@corp.example"${']'.repeat(50_000)}`;
    expect(redactText(text)).toBe(text.replace('bob@corp.example', '[email]'));
  });

  it('judges keys: they may be secrets, and two that are stay two', () => {
    const out = value({ 'a@corp.example': 1, 'b@corp.example': 2, name: 3 });
    expect(out).toEqual({ '[email]': 1, '[email]~2': 2, name: 3 });
  });

  it('keeps the key __proto__ a key', () => {
    const hostile = JSON.parse('{"__proto__":{"password":"x"},"a":1}') as Json;
    const out = value(hostile);
    expect(JSON.stringify(out)).toBe('{"__proto__":{"password":"[secret]"},"a":1}');
    expect(Object.getPrototypeOf(out)).toBe(Object.prototype);
  });

  it('masks numbers that are secrets or cards, and leaves counts and times', () => {
    const numbers = { pin: 4821, card: 4242424242424242, created: 1747992953, max_tokens: 4096 };
    expect(value(numbers)).toEqual({ ...numbers, pin: '[secret]', card: '[card]' });
  });

  it('masks the texts of a list under a secret key, but no description in a schema of one', () => {
    const schema = {
      properties: { password: { type: 'string', description: 'The new password' } },
    };
    expect(value(schema)).toBe(schema);
    expect(value({ password: ['one', 'two'] })).toEqual({ password: ['[secret]', '[secret]'] });
    expect(value({ credentials: { id: 'x9F3kQ7mZ1pL' } })).toEqual({
      credentials: { id: '[secret]' },
    });
  });

  it('reads names and values that stand beside each other', () => {
    expect(value([{ name: 'API_SECRET', value: 'abc' }])).toEqual([
      { name: 'API_SECRET', value: '[secret]' },
    ]);
    expect(value({ args: ['--password', 'abc', '-u', 'bob:abc', '--port', '80'] })).toEqual({
      args: ['--password', '[secret]', '-u', '[secret]', '--port', '80'],
    });
  });

  it('does not follow a value into itself', () => {
    const circle: { [key: string]: Json } = { email: 'bob@corp.example' };
    circle['self'] = circle;
    expect(value(circle)).toEqual({ email: '[email]', self: '[circular]' });
  });
});

describe('actions', () => {
  it('shows the last four characters, and nothing of what is short', () => {
    const { text } = createRedactor({ action: 'partial' });
    expect(text(`card ${CARD}, pin is 4821`)).toBe('card [card:*4242], pin is [secret]');
  });

  it('hashes under a key, equal for equal texts and different under another key', async () => {
    const hashed = createRedactor({ detectors: { email: 'hash' }, hashKey: KEY });
    const other = createRedactor({ detectors: { email: 'hash' }, hashKey: `another ${KEY}` });
    const out = await hashed.textAsync('a@corp.example, b@corp.example, a@corp.example');
    const [a, b, again] = out.split(', ');
    expect(a).toMatch(/^\[email:#[0-9a-f]{16}\]$/);
    expect(again).toBe(a);
    expect(b).not.toBe(a);
    expect(await other.textAsync('a@corp.example')).not.toBe(a);
    expect(await hashed.valueAsync({ to: ['{"cc":"a@corp.example"}'] })).toEqual({
      to: [`{"cc":"${a}"}`],
    });
  });

  it('masks in place of a hash where there is no time for one', () => {
    const { text } = createRedactor({ action: 'hash', hashKey: KEY });
    expect(text('a@corp.example')).toBe('[email]');
  });

  it('says not even the class of what it removes', () => {
    const { value } = createRedactor({ action: 'remove' });
    expect(value({ a: 'b@corp.example', password: 'x' })).toEqual({
      a: '[removed]',
      password: '[removed]',
    });
  });

  it('turns detectors and groups off, and a detector wins over its group', () => {
    const text = `a@corp.example ${CARD} password=x1y2`;
    const run = (policy: RedactionPolicy): string => createRedactor(policy).text(text);
    expect(run({ detectors: { personal: false } })).toBe(
      `a@corp.example ${CARD} password=[secret]`,
    );
    expect(run({ detectors: { email: true, personal: false } })).toBe(
      `[email] ${CARD} password=[secret]`,
    );
    expect(run({ detectors: { secret: false, card: 'partial' } })).toBe(
      '[email] [card:*4242] password=x1y2',
    );
  });

  it('leaves masks alone, its own and those of an earlier pass', () => {
    const masked =
      'password=[secret] Cookie: [cookie] https://[url_credentials]@h [email:#00ff] [card:*4242]';
    expect(redactText(masked)).toBe(masked);
    expect(redactText('password=[secretive]')).toBe('password=[secret]]');
  });
});

describe('detectors of the application', () => {
  const badge = {
    name: 'badge',
    find: (text: string) =>
      Array.from(text.matchAll(/B-\d{3}/g), (m) => [m.index, m.index + 5] as const),
  };

  it('run beside the built-in ones and can be given an action', () => {
    const { text } = createRedactor({ custom: [badge], detectors: { badge: 'partial' } });
    expect(text('B-123 of a@corp.example')).toBe('[badge] of [email]');
  });

  it('fail closed', () => {
    const broken = { name: 'broken', find: () => [].map(() => [0, 0] as const).concat(fail()) };
    expect(createRedactor({ custom: [broken] }).value({ a: 'some text' })).toEqual({
      '[broken]': '[broken]',
    });
  });

  it('cannot make a text grow without bound', () => {
    const each = {
      name: 'each',
      find: (text: string) => Array.from(text, (_, at) => [at, at + 1] as const),
    };
    expect(createRedactor({ custom: [each] }).text('abcdefghijklmnopqrstuvwxyz'.repeat(9))).toBe(
      '[each]',
    );
  });

  function fail(): never {
    throw new Error('a broken detector');
  }
});

describe('a budget', () => {
  const { value, text } = createRedactor();

  it('is shared, and drops the whole value that it does not suffice for', () => {
    const budget = budgetOf(60);
    expect(value({ a: 'fits' }, budget)).toEqual({ a: 'fits' });
    expect(value({ a: 'short', b: 'x'.repeat(100) }, budget)).toBe('[over_budget]');
    expect(text('tiny', budget)).toBe('[over_budget]');
    expect(budget.dropped).toBe(2);
  });

  it('counts members, so that a value without texts is bounded too', () => {
    const budget = budgetOf(50);
    expect(
      value(
        Array.from({ length: 100 }, () => 0),
        budget,
      ),
    ).toBe('[over_budget]');
  });

  it('takes a clock', () => {
    let time = 0;
    const budget = { ...budgetOf(1_000), deadlineAt: 10, now: () => time };
    expect(text('in time', budget)).toBe('in time');
    time = 10;
    expect(text('late', budget)).toBe('[over_budget]');
  });

  it('holds for hashes, which need a second pass', async () => {
    const redactor = createRedactor({ action: 'hash', hashKey: KEY });
    expect(await redactor.valueAsync(['a@corp.example', 'b'], budgetOf(10))).toBe('[over_budget]');
    expect(await redactor.textAsync('a@corp.example', budgetOf(20))).toMatch(/^\[email:#/);
  });
});

describe('createRedactor refuses', () => {
  const cases: [problem: string, policy: unknown, message: string][] = [
    ['an unknown option', { colour: 'red' }, '`colour` is no option'],
    ['an unknown action', { action: 'shout' }, '`action` must be one of mask, partial'],
    ['an unknown detector', { detectors: { emial: 'mask' } }, '`detectors.emial` is no detector'],
    ['an unknown action of a detector', { detectors: { email: 'x' } }, '`detectors.email` must be'],
    ['a hash without a key', { detectors: { email: 'hash' } }, '`hashKey` must be a secret of at'],
    ['a short key', { hashKey: 'short' }, '`hashKey` must be a secret of at least 16'],
    ['detectors that are no list', { custom: {} }, '`custom` must be a list'],
    ['a detector without a name', { custom: [null] }, 'needs a `find` function'],
    ['a detector with a built-in name', { custom: [{ name: 'email' }] }, 'needs a name of its own'],
    ['a detector with a bad name', { custom: [{ name: 'A b' }] }, 'needs a name of its own'],
    ['a detector that finds nothing', { custom: [{ name: 'x_y' }] }, 'needs a `find` function'],
  ];
  for (const [problem, policy, message] of cases)
    it(problem, () => {
      expect(() => createRedactor(policy as RedactionPolicy)).toThrow(
        expect.objectContaining({
          code: 'invalid_option',
          message: expect.stringContaining(message),
        }),
      );
    });
});
