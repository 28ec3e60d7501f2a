/**
 * The baseline. Its buffer is the isolate's, so each case runs alone on a quiet
 * one, which is the best that can happen to it. After a case that was not perfect
 * healthy requests follow: where none of them is exported either, the isolate is
 * poisoned. The next case gets a new one in any event.
 */
import type { Case, Place } from '../case.ts';
import type { CaseVerdict } from '../oracle/account.ts';
import { isPerfect } from '../oracle/judge.ts';
import { outcomeOf, play, settle } from './run.ts';
import { openStage } from './server.ts';
import type { Stage } from './server.ts';
import { startWorker } from './worker.ts';
import type { LiveWorker } from './worker.ts';

export interface BaselineOutcome {
  verdict: CaseVerdict;
  /** None of the healthy requests after it was exported. */
  poisoned: boolean;
}

/** Beyond its three tries, which are over after 3 s. */
const PATIENCE_MS = 5_000;

/** What one flush could not do the next may still make up for, so one is no proof. */
const CANARIES = 3;

const CANARY: Case = { name: 'a healthy request', handler: 'middleware', plot: 'tool' };

/** It exports to HTTP sinks only; two of them where the case has two destinations. */
function places({ destination = 'sink' }: Case): Place[] {
  return destination.includes('-') ? ['a', 'b'] : ['a'];
}

interface Seat {
  stage: Stage;
  worker: LiveWorker;
}

async function open(sinks: string[]): Promise<Seat> {
  const stage = await openStage();
  return { stage, worker: await startWorker({ column: 'recipe', supportUrl: stage.url, sinks }) };
}

async function close({ stage, worker }: Seat): Promise<void> {
  await worker.stop();
  await stage.close();
}

/** @param lanes how many Workers share the cases */
export async function runRecipe(
  cases: readonly Case[],
  lanes: number,
  onOutcome: (given: Case) => void = () => {},
): Promise<Map<Case, BaselineOutcome>> {
  const outcomes = new Map<Case, BaselineOutcome>();
  const single = cases.filter((given) => places(given).length === 1);
  const double = cases.filter((given) => places(given).length === 2);
  const run = async (own: readonly Case[], sinks: string[]): Promise<void> => {
    const pending = [...own];
    const work = async (): Promise<void> => {
      let seat = await open(sinks);
      for (let given = pending.shift(); given; given = pending.shift()) {
        const outcome = await judgeAlone(seat, given);
        outcomes.set(given, outcome);
        onOutcome(given);
        if (isPerfect(outcome.verdict)) continue;
        await close(seat);
        seat = await open(sinks);
      }
      await close(seat);
    };
    await Promise.all(Array.from({ length: Math.min(lanes, own.length) }, work));
  };
  await run(single, ['a']);
  await run(double, ['a', 'b']);
  return outcomes;
}

async function judgeAlone(seat: Seat, given: Case): Promise<BaselineOutcome> {
  const verdict = await verdictOf(seat, given);
  if (isPerfect(verdict)) return { verdict, poisoned: false };
  const healthy: Case = { ...CANARY, destination: given.destination ?? 'sink' };
  for (let canary = 0; canary < CANARIES; canary += 1) {
    const { lost } = await verdictOf(seat, healthy);
    if (lost.length === 0) return { verdict, poisoned: false };
  }
  return { verdict, poisoned: true };
}

async function verdictOf({ stage, worker }: Seat, given: Case): Promise<CaseVerdict> {
  const played = await play(stage, worker.origin, given);
  // Each run has a trace of its own where the application opens none.
  for (const { expectation } of played.acts) expectation.traces = 'any';
  const evidence = await settle(stage, undefined, [played], PATIENCE_MS, places);
  return outcomeOf(played, evidence, places(given));
}
