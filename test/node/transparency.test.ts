import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BINARY_BYTES, binary } from '../fixtures/faults/binary.ts';
import { connection, headersOf } from './live/client.ts';
import type { Answer, Ask } from './live/client.ts';
import { ORIGIN_ANSWERS, startOrigin } from './live/origin.ts';
import { startLive } from './live/worker.ts';
import type { LiveWorker } from './live/worker.ts';

let origin: Awaited<ReturnType<typeof startOrigin>>;
let worker: LiveWorker;
let client: ReturnType<typeof connection>;

beforeAll(async () => {
  origin = await startOrigin();
  worker = await startLive({ originUrl: origin.url });
  client = connection(worker.origin);
}, 60_000);

afterAll(async () => {
  client.close();
  await worker.stop();
  await origin.close();
});

/** What must be equal; bodies by their hash, so that a difference of 20 MB stays readable. */
async function seen(path: string, ask?: Ask): Promise<object> {
  const { status, headers, body }: Answer = await client.ask(path, ask);
  const sha256 = createHash('sha256').update(body).digest('hex');
  return { status, headers, bytes: body.length, sha256, start: body.toString('latin1', 0, 80) };
}

async function expectSame(
  path: string,
  ask?: Ask,
  [control, traced]: [string, string] = ['control', 'traced'],
): Promise<object> {
  const wanted = await seen(`/${control}${path}`, ask);
  expect(await seen(`/${traced}${path}`, ask)).toEqual(wanted);
  return wanted;
}

const BODIES = [
  '/json',
  '/text',
  '/html',
  '/empty',
  '/empty-string',
  '/no-content',
  '/cookies',
  '/redirect',
  '/ranged',
];
const STREAMS = [
  '/sse',
  '/stream',
  '/pull',
  '/bytes',
  '/transform',
  '/identity',
  '/rewritten',
  '/teed',
  '/fixed',
];
const DRESSED = ['/etagged', '/hardened/text', '/hardened/stream'];
const NESTED = ['/routed/deep', '/mounted/deep'];
const THROWS = ['/unauthorized', '/teapot', '/missing'];
const PROXIED = ORIGIN_ANSWERS.map((kind) => `/proxy/${kind}`);
const ALL = [...NESTED, ...BODIES, ...STREAMS, ...DRESSED, ...THROWS, ...PROXIED];

describe('a response is the same with tracing as without, in status, headers and bytes', () => {
  it.each(ALL)('GET %s', async (path) => {
    await expectSame(path);
  });

  it.each([...ALL, '/thrown'])('HEAD %s', async (path) => {
    await expectSame(path, { method: 'HEAD' });
  });

  it.each([...BODIES, ...STREAMS, ...DRESSED, ...PROXIED])(
    'GET %s, accepting gzip',
    async (path) => {
      await expectSame(path, { headers: { 'accept-encoding': 'gzip' } });
    },
  );

  it.each([...BODIES, ...STREAMS])('GET %s, compressed by a middleware outside', async (path) => {
    const headers = { 'accept-encoding': 'gzip' };
    await expectSame(path, { headers }, ['compressed-control', 'compressed-traced']);
  });

  it.each([...ALL, '/thrown'])('GET %s, the middleware mounted twice', async (path) => {
    await expectSame(path, {}, ['control', 'twice']);
  });
});

describe('what a handler throws stays its own', () => {
  it('a thrown error without an error handler gives the same 500', async () => {
    expect(await expectSame('/thrown')).toMatchObject({ status: 500 });
  });

  it.each(['/thrown', '/unauthorized', '/teapot', '/missing'])(
    'the same answer of onError and notFound: %s',
    async (path) => {
      await expectSame(path, {}, ['control-handled', 'traced-handled']);
    },
  );

  it.each([
    ['bad JSON', '{"open'],
    ['an empty body', ''],
    ['good JSON', '{"a":[1,2,3]}'],
  ])('a route that parses its body answers the same to %s', async (_, body) => {
    const headers = { 'content-type': 'application/json', 'content-length': String(body.length) };
    await expectSame('/parse', { method: 'POST', headers, body });
  });
});

describe('what depends on the request', () => {
  it('a matching etag gives the same 304 without a body', async () => {
    const { headers } = await client.ask('/control/etagged');
    const etag = headers.find((line) => line.startsWith('etag: '))!.slice('etag: '.length);
    const same = await expectSame('/etagged', { headers: { 'if-none-match': etag } });
    expect(same).toMatchObject({ status: 304, bytes: 0 });
  });

  it('a preflight of cors is answered the same', async () => {
    const headers = { origin: 'https://shop.example', 'access-control-request-method': 'GET' };
    const same = await expectSame('/hardened/text', { method: 'OPTIONS', headers });
    expect(same).toMatchObject({ status: 204 });
  });

  it('20 MB arrive with the checksum of the bytes that were made, and their length', async () => {
    const same = await expectSame('/binary');
    const headers = expect.arrayContaining(['content-length: 20971520']);
    expect(same).toMatchObject({
      bytes: BINARY_BYTES,
      sha256: createHash('sha256').update(binary()).digest('hex'),
      headers,
    });
  });
});

describe('a WebSocket', () => {
  it('is upgraded with the same headers, and echoes', async () => {
    const control = await upgrade('/control/websocket');
    const traced = await upgrade('/traced/websocket');
    expect(traced.headers).toEqual(control.headers);
    expect(traced.headers).toContain('x-socket: echo');
    expect([control.echo, traced.echo]).toEqual(['echo: hi', 'echo: hi']);
  });
});

/** One masked text frame there, one unmasked one back. */
async function upgrade(path: string): Promise<{ headers: string[]; echo: string }> {
  const outgoing = request(`${worker.origin}${path}`, {
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    },
  }).end();
  const [incoming, socket] = (await once(outgoing, 'upgrade')) as [IncomingMessage, Duplex];
  socket.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, ...Buffer.from('hi')]));
  const [frame] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return { headers: headersOf(incoming), echo: frame.subarray(2).toString() };
}
