/** Not one byte of a canary leaves that the policy takes out, and under `full` every one of them does. */
import { Hono } from 'hono';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { full, metadataOnly } from '../../src/policy/policy.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { redacted } from '../../src/policy/redacted.ts';
import { emptied, migrated } from '../store/make.ts';
import { send, tracing } from '../support/app.ts';
import { observeTraces } from '../support/observe.ts';
import { Canaries, foundIn } from './canaries.ts';
import { annotate, failModel, interrupt, makeSpans, resume, runAgents } from './exercise.ts';
import type { Way } from './exercise.ts';
import { WaysOut } from './ways-out.ts';

const traces = observeTraces();

beforeAll(migrated);
beforeEach(emptied);

/** What no policy lets out, as it is refused as identity, and what no span records. */
const NOWHERE =
  /^(undeclared metadata|key of metadata|(name|code) of an outcome|event of a log line|error of the handler|(in|out)put guardrail)/;

/** Serves requests that do everything, and searches all that left. */
async function leaks(
  policy: Policy,
  canaries: Canaries,
  way: Way,
): Promise<{ found: Record<string, string[]>; ways: WaysOut }> {
  const ways = new WaysOut();
  const app = new Hono();
  app.use(
    tracing({
      policy,
      exporters: () => ways.exporters,
      exposeTraceId: true,
      logFlushes: true,
      onFlush: (report) => void ways.reports.push(report),
      metadata: () => ({ surface: 'web' }),
    }),
  );
  const thread = canaries.name('').trim() || 'thread-1';
  let kept = '';
  app.get('/first', async (c) => {
    await runAgents(canaries, way);
    await failModel(canaries, way);
    kept = await interrupt(canaries, way);
    await makeSpans(canaries);
    annotate(c.var.agentTrace, canaries);
    // What a destination quotes in its refusal.
    await ways.breakWith(canaries.planted.map(({ text }) => text).join(' '));
    return c.text('ok');
  });
  app.get('/second', async (c) => {
    await resume(canaries, way, kept);
    throw new Error(canaries.plant(`error of the handler ${c.req.path}`));
  });
  app.onError((_error, c) => c.text('sorry', 500));
  const headers: string[] = [];
  for (const path of ['/first', '/second']) {
    const response = await send(app, path, { headers: { 'x-thread-id': thread } });
    expect(response.status).toBe(path === '/first' ? 200 : 500);
    headers.push(JSON.stringify([...response.headers]));
    await response.text();
    await traces.flushed();
  }
  const bytes = { ...(await ways.bytes()), headers: headers.join() };
  const found = Object.fromEntries(
    Object.entries(bytes)
      .map(([name, text]): [string, string[]] => [name, foundIn(text, canaries.planted)])
      .filter(([, places]) => places.length > 0),
  );
  return { found, ways };
}

const WAYS: Way[] = [
  { sensitiveData: true, streamed: false, api: 'responses' },
  { sensitiveData: true, streamed: true, api: 'chat' },
  { sensitiveData: false, streamed: true, api: 'responses' },
  { sensitiveData: false, streamed: false, api: 'chat' },
];

const named = (way: Way): string =>
  `${way.streamed ? 'streamed' : 'plain'} ${way.api}, the SDK's sensitive data ${way.sensitiveData ? 'on' : 'off'}`;

describe.each(WAYS.map((way) => [named(way), way] as const))('%s', (_name, way) => {
  it('nothing leaves under `metadataOnly` of content, errors, keys, logs and what is kept for approval', async () => {
    const { found, ways } = await leaks(metadataOnly, new Canaries(false), way);
    expect(found).toEqual({});
    expect(ways.reports.reduce((sum, { captured }) => sum + captured, 0)).toBeGreaterThan(30);
  });

  it('nothing that a detector knows leaves under `redacted`, in names neither', async () => {
    expect((await leaks(redacted, new Canaries(true), way)).found).toEqual({});
  });
});

it('the same search finds every canary under `full`, but for what is refused as identity', async () => {
  for (const detectable of [false, true]) {
    await emptied();
    const canaries = new Canaries(detectable);
    const { found } = await leaks(full, canaries, { ...WAYS[0]!, sensitiveData: true });
    const everywhere = new Set(Object.values(found).flat());
    const missed = canaries.planted.map(({ where }) => where).filter((one) => !everywhere.has(one));
    expect(missed.filter((where) => !NOWHERE.test(where))).toEqual([]);
    expect(Object.keys(found).toSorted()).toEqual([
      'console',
      'database',
      'fallback',
      'http',
      'queue',
      'reports',
    ]);
  }
});
