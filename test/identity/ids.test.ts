import fc from '../support/property.ts';
import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import {
  isRayId,
  isSafeId,
  makeTraceId,
  TRACE_ID_RANDOM_BYTES,
  traceIdFromTraceparent,
} from '../../src/identity/ids.ts';
import { toHex } from '../../src/model/hmac.ts';
import { resolveOptions } from '../../src/options.ts';
import { identify } from '../../src/request/identify.ts';
import type { RequestIdentity } from '../../src/request/identify.ts';

const random = fc
  .uint8Array({ minLength: TRACE_ID_RANDOM_BYTES, maxLength: TRACE_ID_RANDOM_BYTES })
  .map(toHex);
const time = fc.integer({ min: 0, max: 2 ** 48 - 1 });

describe('a trace id', () => {
  it("has the form of the SDK's ids", () => {
    fc.assert(
      fc.property(time, random, (ms, bytes) => /^trace_[0-9a-f]{32}$/.test(makeTraceId(ms, bytes))),
    );
  });

  it('sorts by time, whatever its random part', () => {
    fc.assert(
      fc.property(time, time, random, random, (a, b, first, second) => {
        fc.pre(a < b);
        return makeTraceId(a, first) < makeTraceId(b, second);
      }),
    );
  });

  it('differs where only the random part does', () => {
    const id = (byte: number): string =>
      makeTraceId(1, toHex(new Uint8Array(TRACE_ID_RANDOM_BYTES).fill(byte)));
    expect(id(1)).not.toBe(id(2));
  });
});

describe('a W3C traceparent', () => {
  const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
  const SPAN = '00f067aa0ba902b7';

  it('gives its 32 hex digits as the id of the trace', () => {
    expect(traceIdFromTraceparent(`00-${TRACE}-${SPAN}-01`)).toBe(`trace_${TRACE}`);
    expect(traceIdFromTraceparent(`cc-${TRACE}-${SPAN}-00`)).toBe(`trace_${TRACE}`);
  });

  it.each([
    ['an invalid version', `ff-${TRACE}-${SPAN}-01`],
    ['no version', `${TRACE}-${SPAN}-01`],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a span id of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['upper case', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['a short trace id', `00-${TRACE.slice(1)}-${SPAN}-01`],
    ['a long trace id', `00-${TRACE}a-${SPAN}-01`],
    ['digits that are no hex', `00-${TRACE.slice(1)}g-${SPAN}-01`],
    ['no flags', `00-${TRACE}-${SPAN}`],
    ['something after the flags', `00-${TRACE}-${SPAN}-01-x`],
    ['a line break after the flags', `00-${TRACE}-${SPAN}-01\n`],
    ['spaces around it', ` 00-${TRACE}-${SPAN}-01`],
    ['nothing', ''],
  ])('with %s gives nothing', (_what, header) => {
    expect(traceIdFromTraceparent(header)).toBeUndefined();
  });
});

describe('a request id', () => {
  it.each([
    ['the ray of the platform', isRayId, '8f2a1b3c4d5e6f70-FRA', true],
    ['a ray of digits alone, which is no card number', isRayId, '1234567890123456', true],
    ['the header of the caller', isSafeId, 'r-1', true],
    ['not a ray of another form', isRayId, 'r-1', false],
    ['not a ray in upper case', isRayId, '8F2A1B3C4D5E6F70', false],
    ['not a header with a space', isSafeId, 'a b', false],
    ['not a header that is over-long', isSafeId, 'x'.repeat(129), false],
    ['not a header that is an address', isSafeId, 'ada@example.test', false],
    ['not a header of digits alone, which may be a card', isSafeId, '4'.repeat(16), false],
  ])('is %s', (_what, isFit, value, may) => {
    expect(isFit(value)).toBe(may);
  });

  const from = async (headers: Record<string, string>): Promise<RequestIdentity> => {
    const options = resolveOptions({ workflow: 'support', exporters: () => [] });
    const identities: RequestIdentity[] = [];
    const app = new Hono();
    app.use(async (c) => {
      identities.push(await identify(options, c));
      return c.body(null);
    });
    await app.request('/', { headers });
    return identities[0]!;
  };

  it('is the header of the caller beside a bad ray, which is counted', async () => {
    expect(await from({ 'cf-ray': 'forged', 'x-request-id': 'r-1' })).toMatchObject({
      requestId: 'r-1',
      refused: ['request_id'],
    });
  });

  it('is taken from the ray before the header of the caller', async () => {
    const headers = { 'cf-ray': '8f2a1b3c4d5e6f70-FRA', 'x-request-id': 'r-1' };
    expect(await from(headers)).toMatchObject({ requestId: '8f2a1b3c4d5e6f70-FRA', refused: [] });
    expect(await from({ 'x-request-id': 'r-1' })).toMatchObject({ requestId: 'r-1', refused: [] });
  });

  it('is made where nothing came, and where what came is bad, which is counted', async () => {
    const made = expect.stringMatching(/^[0-9a-f]{32}$/);
    expect(await from({})).toMatchObject({ requestId: made, refused: [] });
    for (const [name, value] of [
      ['cf-ray', '8F2A1B3C4D5E6F70'],
      ['x-request-id', 'a b'],
    ] as const) {
      expect(await from({ [name]: value })).toMatchObject({
        requestId: made,
        refused: ['request_id'],
      });
    }
  });
});
