/** Runs cases against a column and judges them. */
import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';
import type { Case, Place } from '../case.ts';
import { blank, judgeCase } from '../oracle/account.ts';
import type { CaseVerdict } from '../oracle/account.ts';
import { isPerfect } from '../oracle/judge.ts';
import { gather } from './evidence.ts';
import type { Evidence } from './evidence.ts';
import { perform, prepare } from './perform.ts';
import type { Act } from './perform.ts';
import type { Destination } from '../script.ts';
import type { Stage } from './server.ts';

export interface Played {
  given: Case;
  acts: Act[];
  error?: unknown;
}

/** Which places have to hold what a case exports. */
export type PlacesOf = (given: Case) => readonly Place[];

const PLACES: Record<Destination, Place[]> = {
  sink: ['a'],
  fallback: ['a'],
  queue: ['d1'],
  d1: ['d1'],
  steps: ['d1', 'a'],
  'two-sinks': ['a', 'b'],
  'sink-and-queue': ['a', 'd1'],
};

export function placesOf({ destination = 'sink' }: Case): readonly Place[] {
  return PLACES[destination];
}

/** An answer that never comes is a finding, and must not take the others with it. */
const PATIENCE_MS = 15_000;

/** Plays one case: its own request, and its crowd beside or after it. */
export async function play(stage: Stage, origin: string, given: Case): Promise<Played> {
  const { crowd, plot } = given;
  const healthy: Case = { ...given, leaves: undefined, weather: {}, plot: crowd?.plot ?? plot };
  const first = prepare(stage, given);
  const others = Array.from({ length: crowd?.size ?? 0 }, () => prepare(stage, healthy));
  const all = async (): Promise<void> => {
    const main = perform(stage, origin, given, first);
    if (crowd?.when === 'after') {
      await main;
      for (const act of others) await perform(stage, origin, healthy, act);
    } else {
      await Promise.all([main, ...others.map((act) => perform(stage, origin, healthy, act))]);
    }
  };
  const acts = [first, ...others];
  try {
    await Promise.race([all(), overdue()]);
    return { given, acts };
  } catch (error) {
    return { given, acts, error };
  }
}

async function overdue(): Promise<never> {
  await delay(PATIENCE_MS, undefined, { ref: false });
  throw new Error(`no answer within ${PATIENCE_MS} ms`);
}

export function outcomeOf(
  { given, acts, error }: Played,
  evidence: Evidence,
  places: readonly Place[],
): CaseVerdict {
  const merged = blank();
  for (const [index, { expectation }] of acts.entries()) {
    const own = index === 0 ? given : { ...given, mayFail: [] };
    const verdict = judgeCase(own, places, expectation, evidence);
    for (const [kind, findings] of Object.entries(verdict) as [keyof CaseVerdict, string[]][]) {
      merged[kind].push(...findings);
    }
  }
  if (error !== undefined) merged.wrong.push(inspect(error));
  return merged;
}

const POLL_MS = 250;

/** Waits until every case is as it must be, or patience is over. */
export async function settle(
  stage: Stage,
  origin: string | undefined,
  played: readonly Played[],
  patienceMs: number,
  places: PlacesOf = placesOf,
): Promise<Evidence> {
  const until = Date.now() + patienceMs;
  for (;;) {
    const evidence = await gather(stage, origin);
    const isDone = played.every((each) => isPerfect(outcomeOf(each, evidence, places(each.given))));
    if (isDone || Date.now() > until) return evidence;
    await delay(POLL_MS);
  }
}
