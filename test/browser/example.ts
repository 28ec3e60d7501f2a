/** Real traces of the example Worker: its own requests, sent over real sockets. */
import { demoRequests, send } from '../../scripts/start/requests.ts';
import type { DemoRequest } from '../../scripts/start/requests.ts';
import { makeSecrets } from '../../scripts/start/secrets.ts';
import type { StoredTraceWithSpans } from '../../src/model/store.ts';
import type { Stage } from './stage.ts';

/** More than a page of a list has. */
const PLAIN_REQUESTS = 50;

const STORED_TIMEOUT_MS = 20_000;
const POLL_MS = 50;

/** Trace ids by what the demo calls the request; `plain` is the last of many. */
export type Seeded = ReadonlyMap<string, string>;

/** Sends each kind of request once, and more plain ones than a page of the list has. */
export async function seed(stage: Stage): Promise<Seeded> {
  const demos = demoRequests(makeSecrets());
  const [plain] = demos;
  if (!plain) throw new Error('There is no plain request.');
  const sent = await Promise.all(
    [...demos, ...Array.from({ length: PLAIN_REQUESTS }, () => plain)].map((demo) =>
      sendOne(stage, demo),
    ),
  );
  await Promise.all(sent.map(([, traceId]) => stored(stage, traceId)));
  return new Map(sent);
}

/** Rounds of all kinds of requests, one after the other, as people would send them. */
export async function seedRounds(stage: Stage, rounds: number): Promise<Seeded> {
  const sent: [string, string][] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const demo of demoRequests(makeSecrets())) sent.push(await sendOne(stage, demo));
  }
  await Promise.all(sent.map(([, traceId]) => stored(stage, traceId)));
  return new Map(sent);
}

/** One more trace, once it can be read. */
export async function sendAnother(stage: Stage, demo: DemoRequest): Promise<string> {
  const [, traceId] = await sendOne(stage, demo);
  await stored(stage, traceId);
  return traceId;
}

async function sendOne(stage: Stage, demo: DemoRequest): Promise<[string, string]> {
  const { traceId } = await send(stage.origin, demo);
  if (traceId === undefined) throw new Error(`The answer to “${demo.title}” names no trace.`);
  return [demo.title, traceId];
}

async function stored(stage: Stage, traceId: string): Promise<void> {
  const deadline = Date.now() + STORED_TIMEOUT_MS;
  for (;;) {
    const answer = await fetch(`${stage.origin}/api/traces/${traceId}`);
    const trace = answer.ok ? await answer.json<StoredTraceWithSpans>() : undefined;
    if (trace && trace.status !== 'incomplete' && trace.missing === 0) return;
    if (Date.now() > deadline) throw new Error(`${traceId} was not stored: ${answer.status}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
