/** One delivery to an HTTP ingest, with a bounded number of tries. */
import { SluiceError } from '../model/errors.ts';

export interface Delivery {
  url: string;
  headers: Record<string, string>;
  body: string;
  /** Ends everything, waits included. */
  signal: AbortSignal;
}

export interface RetryTiming {
  tries: number;
  /** One try, from the connection to the answer's headers. */
  tryTimeoutMs: number;
  /** Before the second try; doubles after each. */
  baseDelayMs: number;
  /** A server that asks for more is not waited for: the request's own deadline would come first. */
  maxRetryAfterMs: number;
  /** From 0 to 1, spreads the tries of many isolates. */
  random: () => number;
}

export const DEFAULT_TIMING: RetryTiming = {
  tries: 3,
  tryTimeoutMs: 8_000,
  baseDelayMs: 250,
  maxRetryAfterMs: 5_000,
  random: Math.random,
};

/** The ingest said no to this body; the next one may please it. */
export class RefusedBodyError extends SluiceError {}

/** What a try ended with, where it did not deliver. */
interface Failure {
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
  const { signal } = delivery;
  let last: SluiceError | undefined;
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    const failure = await post(delivery, timing.tryTimeoutMs);
    if (!failure) return undefined;
    last = failure.error;
    if (signal.aborted) break;
    const { retryable, retryAfterMs = 0 } = failure;
    if (!retryable || attempt >= timing.tries || retryAfterMs > timing.maxRetryAfterMs) return last;
    const backoffMs = timing.baseDelayMs * 2 ** (attempt - 1) * (1 + timing.random());
    await sleep(Math.max(backoffMs, retryAfterMs), signal);
  }
  const message = "OpenAI's trace ingest did not take the batch before the flush deadline.";
  return new SluiceError('export_timeout', message, { cause: last });
}

async function post(delivery: Delivery, timeoutMs: number): Promise<Failure | undefined> {
  const { url, headers, body, signal } = delivery;
  let response: Response;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers,
      body,
      // The key goes to the endpoint that was configured and to no other.
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
  } catch (cause) {
    const what = isTimeout(cause)
      ? `did not answer within ${timeoutMs} ms`
      : 'could not be reached';
    return {
      error: new SluiceError('export_failed', `OpenAI's trace ingest ${what}.`, { cause }),
      retryable: true,
    };
  }
  // An unread body holds one of the Worker's six connections. The status has said
  // whether the delivery arrived, so it does not matter whether this succeeds.
  await Promise.allSettled([response.body?.cancel()]);
  return response.ok ? undefined : failureOf(response);
}

const RETRYABLE = new Set([408, 409, 429]);
const ABOUT_THE_BODY = new Set([400, 413, 422]);

function failureOf(response: Response): Failure {
  const { status, headers } = response;
  // Ids of OpenAI's requests are what its support asks for; anything else could be an echo.
  const id = /^req_[A-Za-z0-9]{1,64}$/.exec(headers.get('x-request-id') ?? '')?.[0];
  const reason = `OpenAI's trace ingest answered ${status}${id ? ` (${id})` : ''}: ${meaning(status)}`;
  const advice = headers.get('x-should-retry')?.trim().toLowerCase();
  const usual = RETRYABLE.has(status) || status >= 500;
  return {
    error: ABOUT_THE_BODY.has(status)
      ? new RefusedBodyError('export_failed', reason)
      : new SluiceError('export_failed', reason),
    retryable: status >= 400 && (advice === 'true' || (advice !== 'false' && usual)),
    retryAfterMs: requestedDelayMs(headers),
  };
}

function meaning(status: number): string {
  if (status >= 300 && status < 400) {
    return 'redirects are not followed, so that the key goes nowhere else; set `endpoint` to the final address.';
  }
  if (status === 401) return 'the key is not accepted; check `apiKey`.';
  if (status === 403) {
    return 'tracing is not allowed for this key; under Zero Data Retention it is not available, so remove openaiExporter.';
  }
  if (status === 404) return 'there is no ingest at this address; check `endpoint`.';
  if (status === 413) return 'the batch is too large.';
  if (status === 429) return 'too many requests.';
  return status >= 500 ? 'the service failed.' : 'it does not accept the records.';
}

/** Delay that a server asked for, in milliseconds. */
function requestedDelayMs(headers: Headers): number | undefined {
  const exact = delayOf(headers.get('retry-after-ms'), 1);
  if (exact !== undefined) return exact;
  const header = headers.get('retry-after');
  const seconds = delayOf(header, 1000);
  if (seconds !== undefined || !header) return seconds;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

function delayOf(header: string | null, unitMs: number): number | undefined {
  if (!header?.trim()) return undefined;
  const value = Number(header);
  return Number.isFinite(value) && value >= 0 ? value * unitMs : undefined;
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError';
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
