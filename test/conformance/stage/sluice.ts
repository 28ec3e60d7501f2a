/** The column under test: all cases at once on one Worker, as traffic is. */
import type { Case } from '../case.ts';
import type { CaseVerdict } from '../oracle/account.ts';
import { outcomeOf, placesOf, play, settle } from './run.ts';
import type { Played } from './run.ts';
import { openStage } from './server.ts';
import { migrate, startWorker } from './worker.ts';

const AT_ONCE = 16;

/** Beyond the flush deadline, the wait of a queue and its retries. */
const PATIENCE_MS = 15_000;

/** A crowd is load enough by itself; beside it, whatever hangs would meet its deadline too early. */
async function playAll(
  cases: readonly Case[],
  playOne: (given: Case) => Promise<Played>,
): Promise<Played[]> {
  const [alone, crowds] = [[] as Case[], [] as Case[]];
  for (const given of cases) (given.crowd ? crowds : alone).push(given);
  // What waits for a deadline begins first.
  const pending = alone.toSorted((a, b) => Number(isSlow(b)) - Number(isSlow(a)));
  const played: Played[] = [];
  const work = async (): Promise<void> => {
    for (let given = pending.shift(); given; given = pending.shift()) {
      played.push(await playOne(given));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  for (const given of crowds) played.push(await playOne(given));
  return played;
}

function isSlow({ deadline, weather }: Case): boolean {
  return deadline === 'short' || weather !== undefined;
}

export async function runSluice(cases: readonly Case[]): Promise<Map<Case, CaseVerdict>> {
  const stage = await openStage();
  const worker = await startWorker({ column: 'sluice', supportUrl: stage.url });
  try {
    await migrate(worker.origin);
    const played = await playAll(cases, (given) => play(stage, worker.origin, given));
    const evidence = await settle(stage, worker.origin, played, PATIENCE_MS);
    return new Map(
      played.map((each) => [each.given, outcomeOf(each, evidence, placesOf(each.given))]),
    );
  } finally {
    await worker.stop();
    await stage.close();
  }
}
