import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { Hono } from 'hono';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import type { JWTPayload } from 'jose';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { bearerToken, cloudflareAccess, localOnly, traceViewer } from '../../src/viewer/index.ts';
import type { AuditEntry, Authorize } from '../../src/viewer/index.ts';
import type { TraceStore } from '../../src/model/store.ts';
import { d1Store } from '../../src/store/d1.ts';
import { emptied, makeChunk, makeSpan, migrated, nativeId, NOON } from '../store/make.ts';
import { openSink } from '../support/sink.ts';
import { mounted, store, write } from './support.ts';

beforeAll(migrated);
beforeEach(emptied);
afterEach(() => vi.restoreAllMocks());

const PATHS = [
  '/traces',
  `/traces/${nativeId(NOON)}`,
  '/traces/-/usage',
  '/traces/-/compare?t=a&t=b',
  '/traces/-/group/g1',
  '/traces/-/export',
  `/traces/-/export/${nativeId(NOON)}`,
  `/traces/-/span/${nativeId(NOON)}/span_a`,
  `/traces/-/rows/${nativeId(NOON)}`,
  `/traces/-/value/${nativeId(NOON)}/span_a?path=[]`,
  '/traces/-/assets/icon.svg',
  '/traces/-/anything',
];

describe('a viewer without authorize', () => {
  it.each(PATHS)('refuses %s and says how to configure it', async (path) => {
    await write(makeChunk({ group_id: 'g1' }, [makeSpan('a')]));
    const answer = await mounted({ authorize: undefined })(path);
    expect(answer.status).toBe(403);
    const text = await answer.text();
    expect(text).toContain('authorize: cloudflareAccess');
    expect(text).not.toContain('support_triage');
  });
});

describe('authorize', () => {
  it.each<[unknown]>([
    [false],
    [undefined],
    [null],
    [0],
    [1],
    ['yes'],
    [{}],
    [{ id: 7 }],
    [{ id: ' ' }],
    [[]],
  ])('lets nobody in for %o, which is no plain yes', async (answer) => {
    const get = mounted({ authorize: (() => answer) as Authorize });
    expect((await get('/traces')).status).toBe(403);
  });

  it('lets nobody in when it throws, and the log says why', async () => {
    const log = vi.spyOn(console, 'error').mockReturnValue();
    const get = mounted({
      authorize: () => {
        throw new Error('the identity provider is down');
      },
    });
    const answer = await get('/traces');
    expect(answer.status).toBe(503);
    expect(await answer.text()).not.toContain('identity provider');
    expect(String(log.mock.calls)).toContain('the identity provider is down');
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])(
    'lets no %s through that another site, or no page at all, has sent',
    async (method) => {
      const get = mounted();
      const others: Record<string, string>[] = [
        {},
        { origin: 'https://evil.example' },
        { origin: 'null' },
        { 'sec-fetch-site': 'cross-site', origin: 'http://localhost' },
        { 'sec-fetch-site': 'same-site', origin: 'http://localhost' },
      ];
      for (const headers of others) {
        expect((await get('/traces', { method, headers })).status).toBe(403);
      }
      // From its own page it gets as far as there being nothing to change.
      const own = { origin: 'http://localhost', 'sec-fetch-site': 'same-origin' };
      expect((await get('/traces', { method, headers: own })).status).toBe(404);
    },
  );

  it.each([
    ['a redirect', () => Response.redirect('https://login.example/')],
    ['an answer that was fetched', () => fetch(`${openSink().url}/whatever`)],
  ])('answers with %s as it is, whose headers cannot be set', async (_, answer) => {
    const wanted = await answer();
    await wanted.body?.cancel();
    const got = await mounted({ authorize: answer })('/traces');
    expect([got.status, got.headers.get('location')]).toEqual([
      wanted.status,
      wanted.headers.get('location'),
    ]);
    expect(got.headers.get('cache-control')).toBe('no-store');
  });

  it.each(['/a/:b?', '/a/*', '/:tenant?'])(
    'is asked about the address of a mount at %s without its last part',
    async (at) => {
      const get = mounted({ authorize: () => false }, at);
      for (const path of ['/a', '/a/', '/a/x', '/a/x/y']) {
        const { status } = await get(path);
        expect([path, [403, 404].includes(status)]).toEqual([path, true]);
      }
    },
  );

  it.each<[object, RegExp]>([
    [{ store: 'TRACES_DB' }, /option `store`: must be a function of env/],
    [{ authorize: 'yes' }, /option `authorize`: must be a function/],
    [{ authorise: () => true }, /option `authorise`: is unknown/],
    [{ prices: null }, /option `prices`: must be an object of prices/],
    [{ prices: 'gpt-5' }, /option `prices`: must be an object of prices/],
    [{ prices: new Map([['m', { input: 1, output: 1 }]]) }, /option `prices`: must be an object/],
    [{ prices: [] }, /option `prices`: must be an object/],
    [{ prices: { m: { input: -1, output: 1 } } }, /option `prices.m.input`: must not be negative/],
    [{ prices: { m: { input: 1 } } }, /option `prices.m.output`: must be a number/],
    [{ prices: { m: { input: 1, output: 1, cached: 1 } } }, /`prices.m.cached`: is unknown/],
    [{ currency: 'Dollars' }, /option `currency`: must be three letters/],
    [{ audit: 'yes' }, /option `audit`: must be true, false, or a function/],
    [{ diagnose: 'x' }, /option `diagnose`: must be an object of invariants/],
    [{ diagnose: { invariants: [{ name: 'x', when: {} }] } }, /`diagnose.invariants.0.when`/],
  ])('throws at start-up for %o, and says what is wrong', (options, what) => {
    const all = { store: () => store, authorize: () => true, ...options };
    expect(() => traceViewer(all as never)).toThrow(what);
  });

  it('throws at start-up for no options at all', () => {
    expect(() => traceViewer(undefined as never)).toThrow(/must be an object with `store`/);
  });
});

describe('every answer', () => {
  it.each([...PATHS, '/traces/none'])(
    'of %s is kept out of caches, frames and other sites',
    async (path) => {
      const { headers } = await mounted()(path);
      const csp = headers.get('content-security-policy') ?? '';
      expect(csp).toContain("default-src 'none'");
      expect(csp).not.toMatch(/unsafe|\*|https?:/);
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      if (!path.includes('assets')) expect(headers.get('cache-control')).toBe('no-store');
    },
  );

  it('is kept out of caches though the application sends all that it has into them', async () => {
    const app = new Hono();
    app.use('*', async (c, next) => {
      c.header('cache-control', 'public, max-age=3600');
      await next();
    });
    app.route('/traces', traceViewer({ store: () => store, authorize: () => true }));
    for (const path of ['/traces', '/traces/none', '/traces/-/export']) {
      const { headers } = await app.request(path);
      expect([path, headers.get('cache-control')]).toEqual([path, 'no-store']);
    }
  });

  it.each(['/%5Cevil.example/traces', '//evil.example/traces', '/a%2F%2Fevil.example/traces'])(
    'leads nowhere else where a mount begins with a parameter, as at %s',
    async (at) => {
      await write(makeChunk({}, [makeSpan('a')]));
      for (const mount of ['/:tenant/traces', '/:tenant{.+}/traces']) {
        const app = new Hono();
        app.route(mount, traceViewer({ store: () => store, authorize: () => true }));
        const found = await app.request(
          new Request(`https://app.example${at}?id=${nativeId(NOON)}`),
        );
        const to = new URL(found.headers.get('location') ?? '/', 'https://app.example/');
        expect(to.origin).toBe('https://app.example');
        const html = await (await app.request(new Request(`https://app.example${at}`))).text();
        for (const [, address = ''] of html.matchAll(/(?:src|href|action)="([^"]*)"/g))
          expect(new URL(address, 'https://app.example/').origin).toBe('https://app.example');
      }
    },
  );

  it.each([
    ['/traces/', '/traces'],
    ['/traces/?range=all', '/traces?range=all'],
    ['/traces/some-id/', '/traces/some-id'],
  ])('of %s, whose address ends in a slash, leads to %s', async (path, to) => {
    const answer = await mounted()(path);
    expect([answer.status, answer.headers.get('location')]).toEqual([302, to]);
  });

  it('keeps what a parameter of the mount was sent as, from page to page', async () => {
    const get = mounted({}, '/t/:tenant/traces');
    let html = '';
    for (let page = 0, at = '/t/a%2Fb/traces'; page < 3; page += 1) {
      html = await (await get(at)).text();
      at = /href="([^"]*)\/-\/usage/.exec(html)?.[1] ?? '';
      expect(at).toBe('/t/a%2Fb/traces');
    }
  });

  it('has its style and script though there is no store', async () => {
    const get = mounted({ store: () => d1Store(undefined as never) });
    vi.spyOn(console, 'error').mockReturnValue();
    const answer = await get('/traces');
    expect(answer.status).toBe(503);
    for (const [, asset = ''] of (await answer.text()).matchAll(
      /(?:src|href)="([^"]*assets[^"]*)"/g,
    ))
      expect([asset, (await get(asset)).status]).toEqual([asset, 200]);
  });

  it.each<[string, unknown]>([
    ['a promise', Promise.resolve(store)],
    ['a store without hourly()', { ...store, hourly: undefined }],
    ['nothing', undefined],
  ])('names what is wrong with %s for a store', async (_, wrong) => {
    const log = vi.spyOn(console, 'error').mockReturnValue();
    const answer = await mounted({ store: () => wrong as TraceStore })('/traces');
    expect(answer.status).toBe(503);
    expect(await answer.text()).toMatch(/gave what has no (listTraces|hourly)\(\)/);
    expect(log).toHaveBeenCalledOnce();
  });

  it('that something is not there is its own, whatever the application says', async () => {
    const app = new Hono();
    app.notFound((c) => c.text('the application', 200));
    app.route('/traces', traceViewer({ store: () => store, authorize: () => true }));
    for (const path of [
      '/-/span/x/y',
      '/-/rows/x',
      '/-/value/x/y',
      '/-/assets/x',
      '/-/x',
      '/x/y',
    ]) {
      const answer = await app.request(`/traces${path}`);
      expect([path, answer.status]).toEqual([path, 404]);
    }
  });

  it('of a page has no inline script, no inline style and nothing of a third party', async () => {
    await write(makeChunk({ group_id: 'g1' }, [makeSpan('a')]));
    for (const path of PATHS.slice(0, 5)) {
      const html = await (await mounted()(path)).text();
      expect(html).not.toMatch(/<script(?![^>]* src="\/traces\/-\/assets\/)/);
      expect(html).not.toMatch(/<style|\sstyle=|\son\w+=/);
      expect(html.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(
        /(src|href)="(https?:)?\/\//,
      );
    }
  });
});

describe('localOnly', () => {
  const get = async (url: string, headers: Record<string, string> = {}): Promise<number> => {
    const app = new Hono().route(
      '/traces',
      traceViewer({ store: () => store, authorize: localOnly() }),
    );
    return (await app.request(url, { headers })).status;
  };

  it.each(['http://localhost/traces', 'http://127.0.0.1:8787/traces', 'http://[::1]/traces'])(
    'lets in %s',
    async (url) => expect(await get(url)).toBe(200),
  );

  it.each([
    'https://traces.example.com/traces',
    'http://localhost.example.com/traces',
    'http://127.0.0.1.nip.io/traces',
    'http://192.168.1.7/traces',
    'http://0.0.0.0/traces',
  ])('refuses %s', async (url) => expect(await get(url)).toBe(403));

  it('refuses a client that is elsewhere, and a page of another site', async () => {
    expect(await get('http://localhost/traces', { 'cf-connecting-ip': '203.0.113.9' })).toBe(403);
    expect(await get('http://localhost/traces', { origin: 'https://evil.example' })).toBe(403);
    expect(await get('http://localhost/traces', { 'cf-connecting-ip': '127.0.0.1' })).toBe(200);
  });

  it.each(['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'])(
    'refuses what a tunnel has passed on, which says so with %s',
    async (name) => {
      const headers = { 'cf-connecting-ip': '127.0.0.1', [name]: '203.0.113.9' };
      expect(await get('http://localhost/traces', headers)).toBe(403);
    },
  );
});

describe('bearerToken', () => {
  const token = 'a-token-of-the-tests-that-is-long-enough';
  const get = mounted({ authorize: bearerToken(token) });
  const basic = (text: string): string => `Basic ${btoa(text)}`;

  it.each([
    ['a bearer token', `Bearer ${token}`],
    ['the scheme in small letters', `bearer ${token}`],
    ['the password of a browser', basic(`anyone:${token}`)],
  ])('lets in %s', async (_, authorization) => {
    expect((await get('/traces', { headers: { authorization } })).status).toBe(200);
  });

  it.each([
    ['nothing', undefined],
    ['another token', `Bearer ${token}x`],
    ['a part of the token', `Bearer ${token.slice(0, -1)}`],
    ['no token', 'Bearer '],
    ['the token as user name', basic(`${token}:x`)],
    ['what is no base64', 'Basic %%%%'],
    ['another scheme', `Digest ${token}`],
    ['two tokens', `Bearer ${token} ${token}`],
  ])('refuses %s, and asks for one', async (_, authorization) => {
    const answer = await get('/traces', authorization ? { headers: { authorization } } : {});
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('Bearer');
  });

  it('refuses a token that can be guessed, at start-up or, from env, at once', async () => {
    expect(() => bearerToken('short')).toThrow(/at least 24 characters/);
    const log = vi.spyOn(console, 'error').mockReturnValue();
    const unset = mounted({ authorize: bearerToken(() => undefined) });
    expect((await unset('/traces', { headers: { authorization: 'Bearer ' } })).status).toBe(503);
    expect(String(log.mock.calls)).toContain('wrangler secret put');
  });
});

describe('cloudflareAccess', async () => {
  const teamDomain = 'acme.cloudflareaccess.com';
  const audience = '6a1f0c2d9e8b7a6f5e4d3c2b1a09f8e7';
  const issuer = `https://${teamDomain}`;
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  const other = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'key-1', alg: 'RS256', use: 'sig' };

  /** A viewer behind Access, whose keys are on a real server. */
  async function behindAccess(
    options: Parameters<typeof mounted>[0] = {},
  ): Promise<(token?: string) => Promise<Response>> {
    const sink = openSink();
    const keys = {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ keys: [jwk] }),
    };
    await sink.setFaults(keys, keys, keys);
    const get = mounted({
      authorize: cloudflareAccess({ teamDomain, audience, keysUrl: `${sink.url}/certs` }),
      ...options,
    });
    return (token) =>
      get(`/traces/${nativeId(NOON)}`, {
        headers: token === undefined ? {} : { 'cf-access-jwt-assertion': token },
      });
  }

  const claims = { email: 'ada@acme.example', iss: issuer, aud: [audience] };
  const signed = (
    payload: JWTPayload = {},
    expires: string | number = '5 min',
    key = privateKey,
    kid = 'key-1',
  ) =>
    new SignJWT({ ...claims, ...payload })
      .setProtectedHeader({ alg: 'RS256', kid })
      .setIssuedAt()
      .setExpirationTime(expires)
      .sign(key);

  beforeEach(() => write(makeChunk({}, [makeSpan('a')])));

  it('lets in a token of its team, for its application', async () => {
    const get = await behindAccess();
    const token = await signed();
    expect((await get(token)).status).toBe(200);
    expect((await get(token)).status).toBe(200);
  });

  const now = (): number => Math.floor(Date.now() / 1000);
  const part = (json: object): string => btoa(JSON.stringify(json)).replaceAll('=', '');
  it.each<[string, () => string | undefined | Promise<string>]>([
    ['no token', () => undefined],
    ['what is no token', () => 'garbage'],
    ['an expired token', () => signed({}, now() - 120)],
    [
      'a token for another application',
      () => signed({ aud: ['0000000000000000aaaaaaaaaaaaaaaa'] }),
    ],
    ['a token of another team', () => signed({ iss: 'https://evil.cloudflareaccess.com' })],
    ['a token that is not valid yet', () => signed({ nbf: now() + 600 })],
    [
      'a token without an expiry',
      () => new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'key-1' }).sign(privateKey),
    ],
    ['a token that another key has signed', () => signed({}, '5 min', other.privateKey)],
    ['a token of a key that nobody knows', () => signed({}, '5 min', other.privateKey, 'key-9')],
    ['an unsigned token', () => new UnsecuredJWT(claims).setExpirationTime('5 min').encode()],
    [
      'alg: none with a signature',
      async () =>
        `${part({ alg: 'none', kid: 'key-1' })}.${(await signed()).split('.').slice(1).join('.')}`,
    ],
    [
      'HS256 with the public key as its secret',
      () =>
        new SignJWT(claims)
          .setProtectedHeader({ alg: 'HS256', kid: 'key-1' })
          .setExpirationTime('5 min')
          .sign(new TextEncoder().encode(JSON.stringify(jwk))),
    ],
    [
      'a token that was changed',
      async () =>
        (await signed()).replace(/\.[^.]+\./, `.${part({ ...claims, exp: now() + 300 })}.`),
    ],
  ])('refuses %s', async (_, make) => {
    const answer = await (await behindAccess())(await make());
    expect(answer.status).toBe(403);
    expect(await answer.text()).not.toContain('support_triage');
  });

  it('lets nobody in while the keys cannot be had', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    const sink = openSink();
    await sink.setFaults({ reset: true });
    const authorize = cloudflareAccess({ teamDomain, audience, keysUrl: `${sink.url}/certs` });
    const answer = await mounted({ authorize })('/traces', {
      headers: { 'cf-access-jwt-assertion': await signed() },
    });
    expect(answer.status).toBe(503);
  });

  it.each([500, 200])(
    'says that the keys cannot be had where their address answers %i without any, and why in the log',
    async (status) => {
      const log = vi.spyOn(console, 'error').mockReturnValue();
      const sink = openSink();
      await sink.setFaults({ status });
      const authorize = cloudflareAccess({ teamDomain, audience, keysUrl: `${sink.url}/certs` });
      const answer = await mounted({ authorize })('/traces', {
        headers: { 'cf-access-jwt-assertion': await signed() },
      });
      expect(answer.status).toBe(503);
      expect(log).toHaveBeenCalledOnce();
    },
  );

  it('names the viewer of a trace that has content, and nobody for one that has none', async () => {
    const seen: AuditEntry[] = [];
    const get = await behindAccess({ audit: (entry) => seen.push(entry) });
    await (await get(await signed())).text();
    expect(seen).toEqual([]);
    const id = nativeId(NOON);
    const said = makeSpan('said', {
      span_data: { type: 'function', name: 'lookup_order', output: 'found' },
    });
    await write(makeChunk({ id, flush_id: 'more' }, [said]));
    await (await get(await signed())).text();
    expect(seen).toMatchObject([
      { event: 'sluice.trace_viewed', viewer: 'ada@acme.example', trace_id: id, view: 'trace' },
    ]);
  });

  it('takes a team however it is written, and says what is missing where Access is not before it', async () => {
    const upper = cloudflareAccess({ teamDomain: teamDomain.toUpperCase(), audience });
    const answer = await mounted({ authorize: upper })('/traces');
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('cf-access-jwt-assertion');
    expect(() => cloudflareAccess({ teamDomain, audience, keysUrl: 'nonsense' })).toThrow(
      /keysUrl/,
    );
  });

  it('throws at start-up for a team or an audience that is none', () => {
    expect(() => cloudflareAccess({ teamDomain: 'https://acme', audience })).toThrow(/teamDomain/);
    expect(() => cloudflareAccess({ teamDomain, audience: '' })).toThrow(/audience/);
  });
});

describe('an audit', () => {
  const id = nativeId(NOON);
  const failed = (message: string, data?: unknown) =>
    makeSpan('failed', { error: { message, ...(data === undefined ? {} : { data }) } as never });

  it.each([
    [['trace'], `/traces/${id}`],
    [['export'], `/traces/-/export/${id}`],
    [['rows'], `/traces/-/rows/${id}?match=4111`],
    [[], `/traces/-/rows/${id}`],
  ])('is told as %o that an error message was looked at in %s', async (views, path) => {
    const seen: string[] = [];
    await write(makeChunk({}, [failed('No card 4111 here')]));
    await mounted({ audit: ({ view }) => seen.push(view) })(path);
    expect(seen).toEqual(views);
  });

  it.each([
    ['Max turns exceeded', { max_turns: 3 }],
    ['[dropped string, 69 bytes, 6b9c5b47afd3e500]', undefined],
    [
      'Error running tool (non-fatal)',
      { tool_name: 'refund_order', error: { $dropped: 'string', bytes: 9, fingerprint: 'a' } },
    ],
  ])('is not bothered with what is left of an error without content: %s', async (message, data) => {
    const seen: string[] = [];
    await write(makeChunk({}, [failed(message, data)]));
    await mounted({ audit: ({ view }) => seen.push(view) })(`/traces/${id}`);
    expect(seen).toEqual([]);
  });
});

describe('a refusal', () => {
  it('of localOnly() says for whom it is, and what is for others', async () => {
    const app = new Hono();
    app.route('/traces', traceViewer({ store: () => store, authorize: localOnly() }));
    const answer = await app.request('https://traces.example.com/traces');
    const text = await answer.text();
    expect([answer.status, text.includes('traces.example.com')]).toEqual([403, true]);
    expect(text).toContain('cloudflareAccess() or bearerToken()');
  });

  it('of a token with white space comes at start-up, as no header can hold it', () => {
    expect(() => bearerToken('correct horse battery staple')).toThrow(/without white space/);
  });
});

describe('an audit that takes its time', () => {
  const id = nativeId(NOON);

  async function view(audit: () => Promise<void>): Promise<Response> {
    const output = { type: 'function', name: 'lookup_order', output: 'found' };
    await write(makeChunk({}, [makeSpan('said', { span_data: output })]));
    const app = new Hono();
    app.route('/traces', traceViewer({ store: () => store, authorize: () => true, audit }));
    const ctx = createExecutionContext();
    const answer = await app.request(`http://localhost/traces/${id}`, {}, {}, ctx);
    await waitOnExecutionContext(ctx);
    return answer;
  }

  it('is not cut off when the page has been sent', async () => {
    let isDone = false;
    await view(async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      isDone = true;
    });
    expect(isDone).toBe(true);
  });

  it('is in the log when it fails, and the page is there', async () => {
    const log = vi.spyOn(console, 'error').mockReturnValue();
    const answer = await view(async () => {
      throw new RangeError('the audit is full');
    });
    expect(answer.status).toBe(200);
    expect(String(log.mock.calls)).toContain('the audit is full');
  });
});
