/** Reads traces back from D1, through the Worker's own route. */
import { StartError } from './errors.ts';
import { httpGet } from './http-get.ts';
import type { Fetched } from './http-get.ts';
import type { StoredTraceWithSpans } from '../../src/model/store.ts';

const TIMEOUT_MS = 10_000;

async function getFrom(url: string): Promise<Fetched> {
  try {
    return await httpGet(url, TIMEOUT_MS);
  } catch (error) {
    throw new StartError(`The Worker no longer answers at ${url}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** @returns undefined while the trace has not arrived. */
export async function readTrace(
  origin: string,
  traceId: string,
): Promise<StoredTraceWithSpans | undefined> {
  const { status, text } = await getFrom(`${origin}/api/traces/${traceId}`);
  if (status === 404) return undefined;
  if (status !== 200)
    throw new StartError(`GET /traces/${traceId} answered ${status}: ${text.slice(0, 300)}`);
  return JSON.parse(text) as StoredTraceWithSpans;
}

/** What the store says of itself, over all days. */
export interface StoreTotals {
  lost: number;
  missing: number;
  deadLetters: { received: number; waiting: number };
  days: { traces: number; spans: number }[];
}

export async function readTotals(origin: string): Promise<StoreTotals> {
  const { status, text } = await getFrom(`${origin}/api/traces/totals`);
  if (status !== 200)
    throw new StartError(`GET /traces/totals answered ${status}: ${text.slice(0, 300)}`);
  return JSON.parse(text) as StoreTotals;
}

const POLL_MS = 100;

const TICK_MS = 2_000;

/** Polls until `done` has a value, or the deadline has come; `onTick` is for those who watch. */
export async function waitFor<T>(
  timeoutMs: number,
  done: () => Promise<T | undefined> | T | undefined,
  onTick: () => void,
): Promise<T | undefined> {
  const deadline = Date.now() + timeoutMs;
  let nextTick = Date.now() + TICK_MS;
  for (;;) {
    const value = await done();
    if (value !== undefined || Date.now() > deadline) return value;
    if (Date.now() > nextTick) {
      onTick();
      nextTick += TICK_MS;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
