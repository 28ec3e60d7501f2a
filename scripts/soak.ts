/**
 * `npm run soak`: thousands of requests, fifty at once, with faults of every kind
 * drawn by a seed. What is stored is compared with what must be, span by span, and
 * the memory of workerd is watched. Options: `--requests N`, `--seed N`. Exit code 1
 * where a span is missing, doubled or astray, or memory grows.
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { CASES } from '../test/conformance/cases/all.ts';
import { isPerfect } from '../test/conformance/oracle/judge.ts';
import type { Evidence } from '../test/conformance/stage/evidence.ts';
import { outcomeOf, placesOf, play, settle } from '../test/conformance/stage/run.ts';
import type { Played } from '../test/conformance/stage/run.ts';
import { openStage } from '../test/conformance/stage/server.ts';
import { TooLateError } from '../test/node/live/client.ts';
import type { Stage } from '../test/conformance/stage/server.ts';
import { migrate, startWorker } from '../test/conformance/stage/worker.ts';
import { drawFrom, generator } from './soak/draw.ts';
import { growthOf, sampleMemory } from './soak/memory.ts';
import { add, judgeSoak, newTally } from './soak/tally.ts';
import type { Tally } from './soak/tally.ts';

const AT_ONCE = 50;

/** The heap of an isolate in production, so that V8 collects as it does there, and there is a level that could rise. */
const V8_FLAGS = '--max-heap-size=128';

/** So many are compared together, while the next ones are under way. */
const ROUND = 500;

/** The deadline, a queue's wait, and the retries of a sink that comes back. */
const PATIENCE_MS = 30_000;

const { values } = parseArgs({
  options: { requests: { type: 'string' }, seed: { type: 'string' } },
});
const requests = Number(values.requests ?? 10_000);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
if (!(requests > 0 && Number.isInteger(requests) && Number.isInteger(seed))) {
  console.error('usage: npm run soak -- [--requests N] [--seed N], both whole numbers');
  process.exit(2);
}

const began = performance.now();
const draw = drawFrom(CASES, generator(seed));
const tally = newTally();
process.env['MINIFLARE_WORKERD_V8_FLAGS'] ??= V8_FLAGS;
const stage = await openStage();
const worker = await startWorker({ column: 'sluice', supportUrl: stage.url });
await migrate(worker.origin);
const memory = sampleMemory();
try {
  await soak(requests);
} finally {
  memory.stop();
  await worker.stop();
  await stage.close();
}
const seconds = (performance.now() - began) / 1_000;
const { ok, text } = judgeSoak(tally, growthOf(memory.samples), seed, seconds);
console.log(text);
process.exit(ok ? 0 : 1);

async function soak(count: number): Promise<void> {
  let comparing = Promise.resolve();
  let round: Played[] = [];
  let drawn = 0;
  const compareRound = (): void => {
    const played = round;
    round = [];
    comparing = comparing.then(() => compare(stage, worker.origin, played, tally));
  };
  const work = async (): Promise<void> => {
    while (drawn < count) {
      drawn += 1;
      const played = await play(stage, worker.origin, draw());
      // A client that was too slow to leave has stayed, and has made the same spans.
      round.push(played.error instanceof TooLateError ? { ...played, error: undefined } : played);
      if (round.length >= ROUND) compareRound();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  compareRound();
  await comparing;
}

async function compare(
  on: Stage,
  origin: string,
  played: readonly Played[],
  into: Tally,
): Promise<void> {
  if (played.length === 0) return;
  const evidence = await settle(on, origin, played, PATIENCE_MS);
  for (const each of played) {
    const { given, acts } = each;
    const places = placesOf(given).filter((place) => !given.mayFail?.includes(place));
    const spans = acts.reduce((sum, { expectation }) => sum + expectation.spans.length, 0);
    add(into, given.name, spans * places.length, outcomeOf(each, evidence, placesOf(given)));
  }
  await forget(on, origin, played, evidence);
  const time = ((performance.now() - began) / 1_000).toFixed(0).padStart(4);
  const flaws = Object.values(into.findings).reduce((sum, n) => sum + n, 0);
  const size = memory.samples.at(-1)?.toFixed(0) ?? '?';
  const done = into.requests.toLocaleString('en').padStart(7);
  console.log(`${time} s ${done} requests compared, ${flaws} findings, workerd ${size} MB`);
}

/** What has been compared goes, or the soak would measure how much the test itself keeps. */
async function forget(
  on: Stage,
  origin: string,
  played: readonly Played[],
  { groups, holdings }: Evidence,
): Promise<void> {
  const whole = played.filter((each) =>
    isPerfect(outcomeOf(each, { groups, holdings, mixed: new Set() }, placesOf(each.given))),
  );
  const markers = new Set(whole.flatMap(({ acts }) => acts.map(({ script }) => script.marker)));
  const ids = holdings.d1.traces.filter(({ groupId }) => markers.has(groupId ?? ''));
  const body = JSON.stringify([
    ...new Set([
      ...ids.map(({ id }) => id),
      ...[...groups].filter(([, marker]) => markers.has(marker)).map(([id]) => id),
    ]),
  ]);
  const response = await fetch(`${origin}/forget`, { method: 'POST', body });
  if (!response.ok) throw new Error(`forgetting failed: ${await response.text()}`);
  on.forget(markers);
}
