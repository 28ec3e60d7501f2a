import { Hono } from 'hono';
import { describe, expect, it, vi } from 'vitest';
import { firstOf, fromCookie, fromHeader, fromParam } from '../../src/identity/group.ts';
import type { GroupIdSource } from '../../src/identity/group.ts';
import { SluiceError } from '../../src/model/errors.ts';
import { importHmacKey } from '../../src/model/hmac.ts';
import { resolveOptions } from '../../src/options.ts';
import { identify } from '../../src/request/identify.ts';

const KEY = 'a key for tests only';

interface Resolved {
  groupId?: string;
  /** Whether there was a value that may not leave. */
  refused: boolean;
}

/** What becomes of the group id of a real request; without a source, by the default. */
async function resolved(
  groupId?: GroupIdSource,
  init: RequestInit = {},
  pattern = '/*',
  path = '/',
): Promise<Resolved> {
  const options = resolveOptions({ workflow: 'support', exporters: () => [], groupId });
  let result: Resolved = { refused: false };
  const app = new Hono();
  app.use(pattern, async (c, next) => {
    const identity = await identify(options, c);
    result = { groupId: identity.groupId, refused: identity.refused.length > 0 };
    faults.splice(0, faults.length, ...identity.refused);
    await next();
  });
  await app.request(path, init);
  return result;
}

/** Kinds of what the last request had refused. */
const faults: string[] = [];

const header = (name: string, value: string): RequestInit => ({ headers: { [name]: value } });

describe('a group id from a header', () => {
  it('is the value of the header, whatever the case of its name', async () => {
    expect(await resolved(fromHeader('X-Thread-Id'), header('x-thread-id', 't-1'))).toEqual({
      groupId: 't-1',
      refused: false,
    });
  });

  it('is absent where the header is missing or empty', async () => {
    expect(await resolved(fromHeader('x-thread-id'))).toEqual({ refused: false });
    expect(await resolved(fromHeader('x-thread-id'), header('x-thread-id', ''))).toEqual({
      refused: false,
    });
  });

  it.each([
    'x'.repeat(129),
    'a b',
    "1' OR 1=1",
    '<b>',
    'ada@example.test',
    '4'.repeat(16),
    'thr%C3%A9ad',
    'a;b',
    `sk-${'aB3'.repeat(8)}`,
  ])('that may not leave is refused: %s', async (value) => {
    expect(await resolved(fromHeader('x-thread-id'), header('x-thread-id', value))).toEqual({
      refused: true,
    });
  });
});

describe('a group id from a cookie', () => {
  const cookie = (value: string): RequestInit => header('cookie', value);

  it.each([
    ['alone', 'sid=abc', 'abc'],
    ['among others', 'theme=dark; sid=abc; lang=en', 'abc'],
    ['without spaces', 'theme=dark;sid=abc;lang=en', 'abc'],
    ['in quotes', 'sid="abc"', 'abc'],
    ['the first of two of one name', 'sid=first; sid=second', 'first'],
    ['beside one whose name ends the same', 'xsid=no; sid=abc', 'abc'],
    ['beside one whose value holds its name', 'other=sid=no; sid=abc', 'abc'],
  ])('is found %s', async (_what, value, groupId) => {
    expect(await resolved(fromCookie('sid'), cookie(value))).toEqual({ groupId, refused: false });
  });

  it.each(['', 'sid', 'sid=', 'sid=""', '=abc', 'SID=abc', ';;;'])(
    'is absent in %j',
    async (value) => {
      expect(await resolved(fromCookie('sid'), cookie(value))).toEqual({ refused: false });
    },
  );

  it.each(['sid=a%20b', 'sid="a', 'sid=a=b', 'sid=ada@example.test'])(
    'is refused in %j',
    async (value) => {
      expect(await resolved(fromCookie('sid'), cookie(value))).toEqual({ refused: true });
    },
  );
});

describe('a group id from a path parameter', () => {
  it('is found where the middleware is mounted on a pattern that has it', async () => {
    expect(await resolved(fromParam('id'), {}, '/threads/:id/*', '/threads/t-1/messages')).toEqual({
      groupId: 't-1',
      refused: false,
    });
  });

  it('explains itself where the pattern has no such parameter', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    expect(await resolved(fromParam('id'), {}, '*', '/threads/t-1')).toEqual({ refused: false });
    expect(warn.mock.calls).toEqual([
      [
        'sluice: fromParam("id") works on path patterns only: mount the middleware as app.use("/threads/:id/*", …)',
      ],
    ]);
    warn.mockRestore();
  });

  it('is refused where the path holds more than an id', async () => {
    expect(await resolved(fromParam('id'), {}, '/threads/:id', '/threads/a%0d%0ab')).toMatchObject({
      refused: true,
    });
  });
});

describe('the first of several sources', () => {
  const three = firstOf(fromHeader('x-thread-id'), fromCookie('sid'), () => 'fallback');

  it('is taken in order', async () => {
    const both = { headers: { 'x-thread-id': 'header', cookie: 'sid=cookie' } };
    expect((await resolved(three, both)).groupId).toBe('header');
    expect((await resolved(three, header('cookie', 'sid=cookie'))).groupId).toBe('cookie');
    expect((await resolved(three)).groupId).toBe('fallback');
  });

  it('is skipped where it is empty, undefined or null, as databases answer', async () => {
    const nothing =
      (value: unknown): GroupIdSource =>
      () =>
        value as string;
    const source = firstOf(nothing(''), nothing(undefined), nothing(null), async () => 'last');
    expect((await resolved(source)).groupId).toBe('last');
  });

  it('that is bad is refused and not passed over, so that a client cannot choose by sending nonsense', async () => {
    expect(await resolved(three, header('x-thread-id', 'a b'))).toEqual({ refused: true });
  });

  it('finds nothing among no sources', async () => {
    expect(await resolved(firstOf())).toEqual({ refused: false });
  });
});

describe('a group id from a function', () => {
  it('may be found asynchronously', async () => {
    expect(await resolved(async (c) => c.req.path.slice(1), {}, '*', '/t-1')).toEqual({
      groupId: 't-1',
      refused: false,
    });
  });

  it('that throws is absorbed and counted', async () => {
    const broken = (): string => {
      throw new Error('broken');
    };
    for (const source of [broken, async () => broken()]) {
      expect(await resolved(source)).toEqual({ refused: true });
      expect(faults).toEqual(['groupId.threw']);
    }
  });

  it('that answers something else than a text is refused', async () => {
    for (const value of [7, {}, ['a'], true])
      expect(await resolved(() => value as unknown as string)).toEqual({ refused: true });
    expect(await resolved(() => null as unknown as string)).toEqual({ refused: false });
  });
});

describe('a hashed group id', () => {
  it('is `h_` and 32 hex digits, equal for equal values under one key', async () => {
    const source = fromHeader('x-user', { hash: KEY });
    const first = await resolved(source, header('x-user', 'ada@example.test'));
    expect(first.groupId).toMatch(/^h_[0-9a-f]{32}$/);
    expect(await resolved(source, header('x-user', 'ada@example.test'))).toEqual(first);
    expect(await resolved(source, header('x-user', 'bob@example.test'))).not.toEqual(first);
    expect(
      await resolved(
        fromHeader('x-user', { hash: `${KEY}!` }),
        header('x-user', 'ada@example.test'),
      ),
    ).not.toEqual(first);
  });

  it('is the same under a text and the CryptoKey of that text', async () => {
    const byKey = fromCookie('sid', { hash: await importHmacKey(KEY) });
    const byText = fromCookie('sid', { hash: KEY });
    const init = header('cookie', 'sid=abc');
    expect(await resolved(byKey, init)).toEqual(await resolved(byText, init));
  });

  it('is absent where there is no value, and refused where the value is over-long', async () => {
    const source = fromHeader('x-user', { hash: KEY });
    expect(await resolved(source)).toEqual({ refused: false });
    expect(await resolved(source, header('x-user', 'x'.repeat(1_024)))).toMatchObject({
      refused: false,
    });
    expect(await resolved(source, header('x-user', 'x'.repeat(1_025)))).toEqual({ refused: true });
  });

  it('needs a key that is long enough and may sign', async () => {
    const wrong = await crypto.subtle.importKey(
      'raw',
      new TextEncoder().encode(KEY),
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      ['verify'],
    );
    for (const hash of ['short', '', 7, null, {}, wrong]) {
      expect(() => fromHeader('x-user', { hash: hash as never })).toThrow(SluiceError);
    }
    expect(() => fromHeader('x-user', { hash: 'short' })).toThrow(
      'fromHeader: option `hash` must be a secret of at least 16 characters or an HMAC CryptoKey that may sign',
    );
  });
});

describe('the name of a source', () => {
  it.each([fromHeader, fromCookie, fromParam])('must be a token', (source) => {
    for (const name of ['', 'a b', 'a:b', 'a\nb', 'é', 'x'.repeat(129), undefined, 7]) {
      expect(() => source(name as string)).toThrow(SluiceError);
    }
  });

  it('that is wrong is named with what to do', () => {
    expect(() => fromHeader('a b')).toThrow(
      'fromHeader: the name must be 1 to 64 of letters, digits, "_", "." and "-", such as "x-thread-id"',
    );
  });
});

describe('the default', () => {
  const from = (headers: Record<string, string>): Promise<Resolved> =>
    resolved(undefined, { headers });

  it('is the first of four headers', async () => {
    const headers = {
      'x-session-id': 's',
      'x-thread-id': 't',
      'x-conversation-id': 'c',
      'x-group-id': 'g',
    };
    expect((await from(headers)).groupId).toBe('g');
    expect((await from({ ...headers, 'x-group-id': '' })).groupId).toBe('c');
    expect((await from({ 'x-session-id': 's', 'x-thread-id': 't' })).groupId).toBe('t');
    expect((await from({ 'x-session-id': 's' })).groupId).toBe('s');
    expect(await from({})).toEqual({ refused: false });
  });

  it('refuses a value that may not leave', async () => {
    const headers = { 'x-group-id': 'ada@example.test', 'x-thread-id': 't' };
    expect(await from(headers)).toEqual({ refused: true });
    expect(faults).toEqual(['group_id']);
  });
});
