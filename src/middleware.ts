/**
 * The Hono middleware. It orchestrates only: who the trace is, the handler inside
 * it, the body's end, the flush. No fault of its own reaches the response.
 */
import type { Context, MiddlewareHandler } from 'hono';
import { inactiveTrace } from './request/active-trace.ts';
import type { ActiveTrace } from './request/active-trace.ts';
import { observeBody } from './flush/body.ts';
import type { BodyEnd } from './flush/body.ts';
import type { TracingOptions } from './options.ts';
import { backgroundOf, openRequest } from './request/open.ts';
import { ongoingRequest } from './request/request-scope.ts';
import type { RequestScope } from './request/request-scope.ts';
import { createRuntime } from './request/runtime.ts';

declare module 'hono' {
  interface ContextVariableMap {
    /** The trace of this request; a no-op where tracing is off. Set by `agentTracing()`. */
    agentTrace: ActiveTrace;
  }
}

/**
 * Opens one trace for each request, captures every run of the OpenAI Agents SDK
 * within it, and flushes it through `waitUntil` when the response body and the
 * runs have ended.
 *
 * @param options or a function of env that returns them
 * @throws SluiceError `invalid_option` for static options that are wrong. What depends
 *   on env is checked on first use: one logged error, and tracing is off for the isolate.
 * @example
 * ```ts
 * const app = new Hono<{ Bindings: Env }>();
 * app.use(agentTracing<Env>({
 *   workflow: 'support_triage',
 *   exporters: (env) => [queueExporter(env.TRACES_QUEUE)],
 * }));
 * ```
 */
// oxlint-disable-next-line typescript/no-explicit-any -- any variables will do, as in Hono's own types
export function agentTracing<B extends object = Cloudflare.Env, V extends object = any>(
  options: TracingOptions<B, V> | ((env: B) => TracingOptions<B, V>),
): MiddlewareHandler<{ Bindings: B; Variables: V }> {
  const runtimeFor = createRuntime(options);
  return async function agentTracing(c, next) {
    const context = c as unknown as Context;
    const outer = context.get('agentTrace') ?? ongoingRequest()?.active;
    if (outer) {
      context.set('agentTrace', outer);
      await next();
      if (isFailure(context.error)) ongoingRequest()?.fail();
      return;
    }
    // Hono throws where there is no ExecutionContext, as in a plain `app.request()`.
    const background = backgroundOf({ waitUntil: (work) => c.executionCtx.waitUntil(work) });
    const scope = await openRequest(runtimeFor, context, background, c.req.raw.signal);
    context.set('agentTrace', scope?.active ?? inactiveTrace(background));
    if (!scope) return next();
    let failed = true;
    try {
      await scope.run(next);
      failed = isFailure(context.error);
    } finally {
      scope.returned(failed, () => handOut(context, scope));
    }
  };
}

/** A thrown `HTTPException` below 500 is an answer, not a failure of the request. */
function isFailure(error: unknown): boolean {
  if (error === undefined) return false;
  const { status } = error as { status?: unknown };
  return typeof status !== 'number' || status >= 500;
}

/** It must not touch `c.res` where nothing was produced: reading it would fabricate an answer. */
function handOut(c: Context, { active, scope, traceIdHeader }: RequestScope): Promise<BodyEnd> {
  if (!c.finalized) return Promise.resolve('response');
  if (traceIdHeader && c.res.status !== 101) c.header(traceIdHeader, active.traceId);
  const { replacement, ended } = observeBody(c.res, c.req.method, !scope.isQuiet());
  if (replacement) {
    // Without this, Hono would merge the old headers into the new.
    c.res = undefined;
    c.res = replacement;
  }
  return ended;
}
