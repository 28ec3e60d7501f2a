import { describe, expect, test, vi } from 'vitest';
import { DEFAULT_TIMING, postWithRetry, waitAfter } from '../../src/destinations/http-post.ts';
import fc from '../support/property.ts';
import { openSink } from '../support/sink.ts';
import type { Sink } from '../support/sink.ts';
import { API_KEY, rejection, start } from './start.ts';

const deliveryTo = (sink: Sink) => ({
  service: { name: 'The ingest' },
  url: sink.ingestUrl,
  headers: { authorization: 'Bearer x', 'openai-beta': 'traces=v1' },
  body: '{"data":[]}',
  signal: AbortSignal.timeout(10_000),
});

describe('an answer that is final', () => {
  test.each([
    [400, 'does not accept the records'],
    [401, 'check `apiKey`'],
    [403, 'Zero Data Retention'],
    [404, 'check `endpoint`'],
    [413, 'too large'],
  ])('%i rejects after one try and says why', async (status, why) => {
    const { sink, send } = start();
    const echo = `${API_KEY} Triage`;
    await sink.setFaults({ status, body: echo, headers: { 'x-request-id': 'req_abc123' } });
    const error = await rejection(send());
    expect(error.code).toBe('export_failed');
    expect(error.message).toContain(`${status} (req_abc123)`);
    expect(error.message).toContain(why);
    expect(error.message).not.toContain(API_KEY);
    expect(error.message).not.toContain('Triage');
    expect(await sink.requests()).toHaveLength(1);
  });

  test('a request id that is not one is not repeated', async () => {
    const { sink, send } = start();
    await sink.setFaults({ status: 400, headers: { 'x-request-id': `req_${API_KEY} leak` } });
    expect((await rejection(send())).message).not.toContain('req_');
  });

  test('a redirect is not followed, so the key goes nowhere else', async () => {
    const { sink, send } = start();
    const elsewhere = openSink();
    await sink.setFaults({ status: 307, headers: { location: elsewhere.ingestUrl } });
    const error = await rejection(send());
    expect(error.message).toContain('redirects are not followed');
    expect(await sink.requests()).toHaveLength(1);
    expect(await elsewhere.requests()).toEqual([]);
  });

  test('x-should-retry: false forbids the retry of a 500', async () => {
    const { sink, send } = start();
    await sink.setFaults({ status: 500, headers: { 'x-should-retry': 'false' } });
    expect((await rejection(send())).message).toContain('500');
    expect(await sink.requests()).toHaveLength(1);
  });

  test('a Retry-After that does not fit ends the tries at once', async () => {
    const { sink, send } = start();
    await sink.setFaults({ status: 429, headers: { 'retry-after': '60' } });
    expect((await rejection(send())).message).toContain('429');
    expect(await sink.requests()).toHaveLength(1);
  });
});

describe.concurrent('an answer that may change', () => {
  test.each([408, 409, 429, 500, 503])('%i is tried again', async (status) => {
    const { sink, send } = start();
    await sink.setFaults({ status });
    await send();
    const [first, second] = await sink.requests();
    expect(second?.body).toBe(first?.body);
  });

  test('a reset connection is tried again', async () => {
    const { sink, send } = start();
    await sink.setFaults({ reset: true });
    await send();
    expect(await sink.requests()).toHaveLength(2);
  });

  test('it gives up after three tries', async () => {
    const { sink, send } = start();
    await sink.setFaults({ status: 500 }, { status: 502 }, { status: 503 });
    const error = await rejection(send());
    expect(error).toMatchObject({ code: 'export_failed', message: expect.stringContaining('503') });
    expect(await sink.requests()).toHaveLength(3);
  });

  test.each([
    ['retry-after', () => '1'],
    ['retry-after-ms', () => '700'],
    ['retry-after', () => new Date(Date.now() + 2_000).toUTCString()],
  ])('a %s that fits is waited for', async (name, value) => {
    const { sink, send } = start();
    await sink.setFaults({ status: 429, headers: { [name]: value() } });
    await send();
    const [first, second] = await sink.requests();
    expect(second!.at - first!.at).toBeGreaterThanOrEqual(650);
  });

  test('a Retry-After that is no time is ignored', async () => {
    const { sink, send } = start();
    await sink.setFaults({ status: 503, headers: { 'retry-after': 'soon' } });
    await send();
    expect(await sink.requests()).toHaveLength(2);
  });

  test('nothing listens there: it rejects without naming the key', async () => {
    const { send } = start({ endpoint: 'http://127.0.0.1:9/v1/traces/ingest' });
    const error = await rejection(send());
    expect(error).toMatchObject({
      code: 'export_failed',
      message: expect.stringContaining('could not be reached'),
    });
    expect(error.message).not.toContain(API_KEY);
  });

  test('a try that gets no answer is abandoned for the next', async () => {
    const sink = openSink();
    await sink.setFaults({ hang: true });
    expect(
      await postWithRetry(deliveryTo(sink), {
        ...DEFAULT_TIMING,
        tryTimeoutMs: 1_200,
        baseDelayMs: 1,
      }),
    ).toBeUndefined();
    await vi.waitFor(async () => {
      expect((await sink.requests()).map(({ aborted }) => aborted)).toEqual([true, false]);
    });
  });

  test('tries are spread by chance and double', async () => {
    const sink = openSink();
    await sink.setFaults({ status: 500 }, { status: 500 });
    expect(
      await postWithRetry(deliveryTo(sink), {
        ...DEFAULT_TIMING,
        baseDelayMs: 100,
        random: () => 0.5,
      }),
    ).toBeUndefined();
    const [first, second, third] = (await sink.requests()).map(({ at }) => at);
    expect(second! - first!).toBeGreaterThanOrEqual(140);
    expect(third! - second!).toBeGreaterThanOrEqual(290);
  });
});

describe('the deadline', () => {
  test('ends a request that hangs, as a timeout', async () => {
    const { sink, send } = start();
    await sink.setFaults({ hang: true });
    const error = await rejection(send(undefined, AbortSignal.timeout(150)));
    expect(error.code).toBe('export_timeout');
    await vi.waitFor(async () => expect(await sink.requests()).toMatchObject([{ aborted: true }]));
  });

  test('is what ended the last try too, not the destination', async () => {
    const sink = openSink();
    await sink.setFaults({ hang: true });
    const delivery = { ...deliveryTo(sink), signal: AbortSignal.timeout(100) };
    const failure = await postWithRetry(delivery, { ...DEFAULT_TIMING, tries: 1 });
    expect(failure?.code).toBe('export_timeout');
  });

  test('ends a wait between tries', async () => {
    const { sink, send } = start();
    await sink.setFaults({ status: 429, headers: { 'retry-after': '4' } });
    const before = Date.now();
    expect((await rejection(send(undefined, AbortSignal.timeout(150)))).code).toBe(
      'export_timeout',
    );
    expect(Date.now() - before).toBeLessThan(2_000);
  });

  test('shortens a wait that would outlast it, so that the next try has its time', async () => {
    const sink = openSink();
    await sink.setFaults({ status: 500 });
    const before = Date.now();
    const delivery = { ...deliveryTo(sink), deadlineAt: before + 3_000 };
    const timing = { ...DEFAULT_TIMING, baseDelayMs: 60_000, random: () => 1 };
    expect(await postWithRetry(delivery, timing)).toBeUndefined();
    expect(Date.now() - before).toBeLessThan(2_800);
  });

  test.each([
    ['a wait for a Retry-After that would outlast it', { 'retry-after-ms': '4600' }, 4_500],
    ['a try for which too little is left', {}, 90],
  ])('forbids %s, and the failure is the last answer', async (_what, headers, leftMs) => {
    const sink = openSink();
    await sink.setFaults({ status: 503, headers });
    const before = Date.now();
    const delivery = { ...deliveryTo(sink), deadlineAt: before + leftMs };
    const failure = await postWithRetry(delivery, DEFAULT_TIMING);
    expect(failure?.message).toContain('503');
    expect(Date.now() - before).toBeLessThan(Math.max(leftMs, 2_000));
    expect(await sink.requests()).toHaveLength(1);
  });

  test('those who were told one Retry-After come back at different times', async () => {
    const waits = await Promise.all(
      [0, 1].map(async (chance) => {
        const sink = openSink();
        await sink.setFaults({ status: 429, headers: { 'retry-after-ms': '100' } });
        const timing = { ...DEFAULT_TIMING, baseDelayMs: 200, random: () => chance };
        await postWithRetry(deliveryTo(sink), timing);
        const [first, second] = await sink.requests();
        return second!.at - first!.at;
      }),
    );
    expect(waits[1]! - waits[0]!).toBeGreaterThanOrEqual(100);
  });

  test('leaves no timer behind, whatever the delivery ended with', async () => {
    const pending = new Set<unknown>();
    const { setTimeout: set, clearTimeout: clear } = globalThis;
    vi.stubGlobal('setTimeout', (run: () => void, ms: number) => {
      const id = set(() => {
        pending.delete(id);
        run();
      }, ms);
      pending.add(id);
      return id;
    });
    vi.stubGlobal('clearTimeout', (id: ReturnType<typeof set>) => {
      pending.delete(id);
      clear(id);
    });
    try {
      for (const faults of [[], [{ status: 400 }], [{ status: 503 }], [{ reset: true as const }]]) {
        const sink = openSink();
        await sink.setFaults(...faults);
        await postWithRetry(deliveryTo(sink), { ...DEFAULT_TIMING, baseDelayMs: 1 });
        expect(pending.size).toBe(0);
      }
    } finally {
      vi.unstubAllGlobals();
    }
  });

  test('that has passed sends nothing', async () => {
    const { sink, send } = start();
    expect((await rejection(send(undefined, AbortSignal.abort()))).code).toBe('export_timeout');
    expect(await sink.requests()).toEqual([]);
  });
});

describe('the wait between two tries', () => {
  const given = fc.record({
    attempt: fc.integer({ min: 1, max: 6 }),
    leftMs: fc.oneof(fc.integer({ min: -1_000, max: 30_000 }), fc.constant(Infinity)),
    retryAfterMs: fc.option(fc.integer({ min: 0, max: 60_000 }), { nil: undefined }),
    baseDelayMs: fc.integer({ min: 1, max: 10_000 }),
    chance: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  const NOW = 1_763_000_000_000;
  const waitFor = ({ attempt, leftMs, retryAfterMs, baseDelayMs, chance }: GivenWait) =>
    waitAfter(
      { retryable: true, retryAfterMs },
      attempt,
      { deadlineAt: NOW + leftMs },
      {
        ...DEFAULT_TIMING,
        tries: 10,
        baseDelayMs,
        random: () => chance,
        now: () => NOW,
      },
    );
  type GivenWait = typeof given extends fc.Arbitrary<infer T> ? T : never;

  test('leaves time for the try, and is never shorter than what the server asked for', () => {
    fc.assert(
      fc.property(given, (wait) => {
        const waitMs = waitFor(wait);
        if (waitMs === undefined) return;
        expect(waitMs).toBeGreaterThanOrEqual(wait.retryAfterMs ?? 0);
        expect(waitMs + DEFAULT_TIMING.minTryMs).toBeLessThanOrEqual(wait.leftMs + 0.001);
      }),
    );
  });

  test('is given up only where there is no room for it, or the server asks for too much', () => {
    fc.assert(
      fc.property(given, (wait) => {
        const asked = wait.retryAfterMs ?? 0;
        const fits =
          asked <= wait.leftMs - DEFAULT_TIMING.minTryMs && wait.leftMs > DEFAULT_TIMING.minTryMs;
        const isPossible = fits && asked <= DEFAULT_TIMING.maxRetryAfterMs;
        expect(waitFor(wait) !== undefined).toBe(isPossible);
      }),
    );
  });
});

describe('bodies of answers', () => {
  test('that are garbage do not matter where the status says delivered', async () => {
    const { sink, send } = start();
    await sink.setFaults({ status: 200, body: '<html>\u0000' });
    await expect(send()).resolves.toBeUndefined();
  });

  test.each([200, 400])('that never end are cancelled (%i)', async (endless) => {
    const { sink, send } = start();
    await sink.setFaults({ endless });
    await Promise.allSettled([send()]);
    await vi.waitFor(async () => expect(await sink.requests()).toMatchObject([{ aborted: true }]));
  });
});
