import { inactiveTrace } from './active-trace.ts';
import type { ActiveTrace } from './active-trace.ts';
import { handOut } from './hand-out.ts';
import { backgroundOf, openRequest } from './open.ts';
import type { WaitUntil } from './open.ts';
import { ongoingRequest } from './request-scope.ts';
import type { RequestScope } from './request-scope.ts';
import type { RuntimeFor } from './runtime.ts';
import type { TracedEvent } from '../options.ts';

/**
 * Serves one event that has no Hono context: inside the trace around it where
 * there is one, else in one of its own. What `fn` returns and throws is the caller's.
 */
export async function serve<T>(
  runtimeFor: RuntimeFor,
  event: TracedEvent<object>,
  ctx: WaitUntil | undefined,
  fn: (trace: ActiveTrace) => T | Promise<T>,
): Promise<T> {
  const outer = ongoingRequest();
  if (outer) return fn(outer.active);
  const background = backgroundOf(ctx);
  const request = await openRequest(runtimeFor, event, background, event.request?.signal);
  if (!request) return fn(inactiveTrace(background));
  return serveTraced(request, event, ctx === undefined, () => fn(request.active));
}

/** @param isDetached nothing keeps the flush alive, so that the caller has to wait for it */
async function serveTraced<T>(
  request: RequestScope,
  event: TracedEvent<object>,
  isDetached: boolean,
  fn: () => T | Promise<T>,
): Promise<T> {
  const method = event.request?.method ?? 'GET';
  let value = undefined as T;
  let failed = true;
  let isStreaming = false;
  try {
    value = await request.run(async () => fn());
    // Hono and others answer with what a handler has thrown.
    failed = event.kind === 'fetch' && value instanceof Response && value.status >= 500;
  } finally {
    request.returned(failed, () => {
      // Whoever called for it may still read the body of an answer to HEAD; the platform does not.
      if (method === 'HEAD' && event.kind !== 'fetch') return Promise.resolve('response');
      const handed = handOut(request, value, method);
      ({ value, isStreaming } = handed);
      return handed.ended;
    });
    if (isDetached && !isStreaming) await request.flusher.done;
  }
  return value;
}
