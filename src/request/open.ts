import type { Background } from '../flush/flusher.ts';
import { describeError } from '../model/errors.ts';
import { identify } from './identify.ts';
import type { Subject } from './identify.ts';
import { RequestScope } from './request-scope.ts';
import type { RuntimeFor } from './runtime.ts';

/** What keeps work alive past an event: an ExecutionContext, or the state of a Durable Object. */
export interface WaitUntil {
  waitUntil(promise: Promise<unknown>): void;
}

/**
 * Work of ours never rejects under `waitUntil`: a queue would deliver its batch
 * again for that, and a cron would count as failed. Without a context it runs detached.
 */
export function backgroundOf(ctx: WaitUntil | undefined): Background {
  return (work) => {
    const settled = work.catch(() => undefined);
    try {
      ctx?.waitUntil(settled);
    } catch {
      // Nothing takes work, or the event has ended and takes no more; what runs still may finish.
    }
  };
}

/**
 * Opens the trace of one event, for every handler alike. A fault of ours leaves the event untraced.
 *
 * @param signal fires when the client leaves
 * @returns nothing where tracing is off, by the options or the SDK's own switches.
 */
export async function openRequest(
  runtimeFor: RuntimeFor,
  c: Subject,
  background: Background,
  signal?: AbortSignal | null,
): Promise<RequestScope | undefined> {
  try {
    const runtime = runtimeFor(c.env as object | undefined);
    const { enabled } = runtime ?? {};
    const isEnabled = typeof enabled === 'function' ? enabled(c) : enabled;
    if (!runtime || isEnabled !== true) return undefined;
    return RequestScope.open(runtime, await identify(runtime, c), background, signal);
  } catch (error) {
    console.error(`sluice: this request is not traced. ${describeError(error)}`);
    return undefined;
  }
}
