/** One delivery to an HTTP ingest: a bounded number of tries, all of them inside the time that is left. */
import { SluiceError } from '../model/errors.ts';
import { limitSignal } from './limit-signal.ts';

/** Who is posted to, as its errors name it. */
export interface HttpService {
  /** At the start of a sentence, such as `OpenAI's trace ingest`. */
  readonly name: string;
  /** What to do about a status, where the service has a reason of its own for it. */
  readonly advice?: Readonly<Record<number, string>>;
  /** The id of an answer that the service's support asks for. What is none could be an echo of the request. */
  readonly requestIdOf?: (headers: Headers) => string | undefined;
}

export interface Delivery {
  service: HttpService;
  url: string;
  headers: Record<string, string>;
  body: string | Uint8Array;
  /** Ends everything, waits included. */
  signal: AbortSignal;
  /** When the signal aborts, in milliseconds since the epoch: no wait begins that would outlast it. @default never */
  deadlineAt?: number;
}

export interface RetryTiming {
  tries: number;
  /** One try, from the connection to the answer's headers. */
  tryTimeoutMs: number;
  /** Before the second try; doubles after each. */
  baseDelayMs: number;
  /** A server that asks for more is not waited for, even where more is left. */
  maxRetryAfterMs: number;
  /** What a try needs at the least; a wait that leaves less is not begun. */
  minTryMs: number;
  /** From 0 to 1, spreads the tries of many isolates. */
  random: () => number;
  /** Milliseconds since the epoch. */
  now: () => number;
}

export const DEFAULT_TIMING: RetryTiming = {
  tries: 3,
  tryTimeoutMs: 8_000,
  baseDelayMs: 250,
  maxRetryAfterMs: 5_000,
  minTryMs: 100,
  random: Math.random,
  now: Date.now,
};

/** The ingest said no to this body; the next one may please it. */
export class RefusedBodyError extends SluiceError {}

/** What a try ended with, where it did not deliver. */
export interface Failure {
  error: SluiceError;
  retryable: boolean;
  /** What the server asked for, in milliseconds. */
  retryAfterMs?: number;
}

/**
 * @returns nothing when the ingest took the body, otherwise why not: `export_timeout` when the signal
 * ended it, `export_failed` (`RefusedBodyError` where only this body is at fault). Neither names the key or the body.
 */
export async function postWithRetry(
  delivery: Delivery,
  timing: RetryTiming,
): Promise<SluiceError | undefined> {
  const { signal, service } = delivery;
  let last: SluiceError | undefined;
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    const failure = await post(delivery, timing);
    if (!failure) return undefined;
    last = failure.error;
    if (signal.aborted) break;
    const waitMs = waitAfter(failure, attempt, delivery, timing);
    if (waitMs === undefined) return last;
    await sleep(waitMs, signal);
  }
  const message = `${service.name} did not take the batch in the time that was left.`;
  return new SluiceError('export_timeout', message, { cause: last });
}

/** How long to wait for the next try, in milliseconds, or undefined where there is to be none. */
export function waitAfter(
  { retryable, retryAfterMs }: Omit<Failure, 'error'>,
  attempt: number,
  { deadlineAt = Infinity }: Pick<Delivery, 'deadlineAt'>,
  { tries, baseDelayMs, maxRetryAfterMs, minTryMs, random, now }: RetryTiming,
): number | undefined {
  if (!retryable || attempt >= tries) return undefined;
  const roomMs = deadlineAt - now() - minTryMs;
  if (roomMs <= 0) return undefined;
  const backoffMs = baseDelayMs * 2 ** (attempt - 1);
  // Where time is short the wait takes at most half of it, so that the try keeps the other.
  const floorMs = Math.max(Math.min(backoffMs, roomMs / 4), retryAfterMs ?? 0);
  if (floorMs > roomMs || (retryAfterMs ?? 0) > maxRetryAfterMs) return undefined;
  // Those whom the server told the same time must not come back together either.
  return floorMs + Math.min(backoffMs, roomMs / 4, roomMs - floorMs) * random();
}

async function post(delivery: Delivery, timing: RetryTiming): Promise<Failure | undefined> {
  const { service, url, headers, body, signal } = delivery;
  const attempt = limitSignal(signal, timing.tryTimeoutMs);
  let response: Response;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers,
      body,
      // The key goes to the endpoint that was configured and to no other.
      redirect: 'manual',
      signal: attempt.signal,
    });
  } catch (cause) {
    const what = attempt.isOverdue()
      ? `did not answer within ${timing.tryTimeoutMs} ms`
      : 'could not be reached';
    const error = new SluiceError('export_failed', `${service.name} ${what}.`, { cause });
    return { error, retryable: true };
  } finally {
    attempt.end();
  }
  // An unread body holds one of the Worker's six connections. The status has said
  // whether the delivery arrived, so it does not matter whether this succeeds.
  await Promise.allSettled([response.body?.cancel()]);
  return response.ok ? undefined : failureOf(service, response, timing.now());
}

const RETRYABLE = new Set([408, 409, 429]);
const ABOUT_THE_BODY = new Set([400, 413, 422]);

function failureOf(service: HttpService, response: Response, now: number): Failure {
  const { status, headers } = response;
  const id = service.requestIdOf?.(headers);
  const reason = `${service.name} answered ${status}${id ? ` (${id})` : ''}: ${service.advice?.[status] ?? meaning(status)}`;
  const advice = headers.get('x-should-retry')?.trim().toLowerCase();
  const usual = RETRYABLE.has(status) || status >= 500;
  const retryAfterMs = requestedDelayMs(headers, now);
  return {
    error: ABOUT_THE_BODY.has(status)
      ? new RefusedBodyError('export_failed', reason)
      : new SluiceError('export_failed', reason, { retryAfterMs }),
    retryable: status >= 400 && (advice === 'true' || (advice !== 'false' && usual)),
    retryAfterMs,
  };
}

function meaning(status: number): string {
  if (status >= 300 && status < 400) {
    return 'redirects are not followed, so that credentials go nowhere else; configure the final address.';
  }
  if (status === 401 || status === 403) return 'the credentials are not accepted.';
  if (status === 404) return 'there is no ingest at this address.';
  if (status === 413) return 'the batch is too large.';
  if (status === 429) return 'too many requests.';
  return status >= 500 ? 'the service failed.' : 'it does not accept the records.';
}

/** Delay that a server asked for, in milliseconds. */
function requestedDelayMs(headers: Headers, now: number): number | undefined {
  const exact = delayOf(headers.get('retry-after-ms'), 1);
  if (exact !== undefined) return exact;
  const header = headers.get('retry-after');
  const seconds = delayOf(header, 1000);
  if (seconds !== undefined || !header) return seconds;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function delayOf(header: string | null, unitMs: number): number | undefined {
  if (!header?.trim()) return undefined;
  const value = Number(header);
  return Number.isFinite(value) && value >= 0 ? value * unitMs : undefined;
}

/** Ends early when the signal ends the export. */
function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
