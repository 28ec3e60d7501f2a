/** One round: a Worker under one policy, the requests, their flushes, what D1 has of them. */
import type { StoredTraceWithSpans } from '../../src/model/store.ts';
import { ownEnvFiles, writeEnvFile } from './env-file.ts';
import { createFlushLog } from './flushes.ts';
import type { Account, FlushLog } from './flushes.ts';
import { demoRequests, problemOf, send } from './requests.ts';
import type { Answer, DemoRequest } from './requests.ts';
import type { PlantedSecrets } from './secrets.ts';
import { readTrace, waitFor } from './traces.ts';
import { ROOT, startDevServer } from './wrangler.ts';
import type { DevServer } from './wrangler.ts';

const FLUSH_TIMEOUT_MS = 15_000;
const STORE_TIMEOUT_MS = 12_000;

export interface RoundOptions {
  policy: 'metadata_only' | 'full';
  port: number;
  persistTo: string;
  secrets: PlantedSecrets;
}

export interface Round {
  server: DevServer;
  flushes: FlushLog;
  stop(): Promise<void>;
}

export async function startRound(options: RoundOptions): Promise<Round> {
  const flushes = createFlushLog();
  const envFile = writeEnvFile({
    POLICY: options.policy,
    PAYMENT_GATEWAY_KEY: options.secrets['tool error'].value,
  });
  try {
    const server = await startDevServer({
      port: options.port,
      persistTo: options.persistTo,
      envFiles: [...ownEnvFiles(ROOT), envFile.path],
      onLine: (line) => flushes.onLine(line),
    });
    const stop = async (): Promise<void> => {
      await server.stop();
      envFile.remove();
    };
    return { server, flushes, stop };
  } catch (error) {
    envFile.remove();
    throw error;
  }
}

export interface Sent {
  demo: DemoRequest;
  answer?: Answer;
  problem?: string;
}

async function sendOne(origin: string, demo: DemoRequest, offline: boolean): Promise<Sent> {
  try {
    const answer = await send(origin, demo);
    const problem = problemOf(demo, answer, offline);
    return { demo, answer, ...(problem === undefined ? {} : { problem }) };
  } catch (error) {
    return { demo, problem: (error as Error).message };
  }
}

/** All at once, so that traces which mixed would show. */
export function sendAll(round: Round, secrets: PlantedSecrets, offline: boolean): Promise<Sent[]> {
  return Promise.all(
    demoRequests(secrets).map((demo) => sendOne(round.server.origin, demo, offline)),
  );
}

/** @returns whether every trace has said its last word. */
export async function waitForFlushes(
  round: Round,
  traceIds: readonly string[],
  onTick?: (progress: string) => void,
): Promise<boolean> {
  const finished = (): number => traceIds.filter((id) => round.flushes.finished(id)).length;
  const all = await waitFor(
    FLUSH_TIMEOUT_MS,
    () => (finished() === traceIds.length ? true : undefined),
    () => onTick?.(`${finished()} of ${traceIds.length} traces have flushed`),
  );
  return all ?? false;
}

export interface Arrival {
  traceId: string;
  account: Account;
  stored?: StoredTraceWithSpans;
  /** Captured spans of which the store has nothing. */
  lost: number;
}

/** A trace whose spans are all there may still lack its last word, and is then no success. */
export function isWhole({ lost, stored }: Arrival): boolean {
  return lost === 0 && stored !== undefined && stored.status !== 'incomplete';
}

async function readArrival(round: Round, traceId: string): Promise<Arrival> {
  const stored = await readTrace(round.server.origin, traceId);
  const account = round.flushes.account(traceId);
  const expected = account.captured - account.repeated;
  // A trace that captured nothing is as lost as one that never came.
  const lost = expected === 0 ? 1 : Math.max(0, expected - (stored?.spans.length ?? 0));
  return { traceId, account, lost, ...(stored === undefined ? {} : { stored }) };
}

/** Waits until D1 has what the flush reports promise; at the deadline, what there is. */
export async function waitForArrivals(
  round: Round,
  traceIds: readonly string[],
  onTick?: (progress: string) => void,
): Promise<Arrival[]> {
  const read = (): Promise<Arrival[]> => Promise.all(traceIds.map((id) => readArrival(round, id)));
  let last: Arrival[] = [];
  const complete = await waitFor(
    STORE_TIMEOUT_MS,
    async () => {
      last = await read();
      return last.every(isWhole) ? last : undefined;
    },
    () => onTick?.(`${last.filter(isWhole).length} of ${traceIds.length} traces are there`),
  );
  return complete ?? last;
}
