/**
 * Tracing for everything that is no Hono app: the other handlers of a Worker,
 * Durable Objects, Workflows, RPC. It stands on the middleware's own primitive,
 * and keeps its promise: no fault of ours reaches a handler or its caller.
 */
import type { Metadata } from './identity/metadata.ts';
import { describeError } from './model/errors.ts';
import { invalid } from './options.ts';
import type { HandlerOptions, TracedEvent } from './options.ts';
import type { ActiveTrace } from './request/active-trace.ts';
import { eachMessage } from './request/each-message.ts';
import type { WaitUntil } from './request/open.ts';
import { createRuntime } from './request/runtime.ts';
import type { RuntimeFor } from './request/runtime.ts';
import { serve } from './request/serve.ts';
import { tracedEvent } from './request/traced-event.ts';
import { warnOnce } from './request/warn-once.ts';

/** Where `withAgentTrace()` is called from, and who its trace is. */
export interface TraceCall<B extends object = Cloudflare.Env> {
  env: B;
  /**
   * Keeps the flush alive after the call has returned: an ExecutionContext, or the `ctx` of a Durable
   * Object. Without one the call itself waits for the flush, at most until the deadline, so that what
   * a Workflow step did is delivered before the step counts as done; give one where a stream is returned.
   */
  ctx?: WaitUntil;
  /** What several traces belong to, in place of the option. Checked like a header. */
  groupId?: string;
  /** Joins the trace to product logs; the declared keys. */
  metadata?: Metadata;
  /** Gives the ids in its headers, and says when the client has left. */
  request?: Request;
}

/**
 * Runs `fn` in a trace of its own and flushes it when `fn`, the stream or response that it returned,
 * and the runs have ended: for methods, alarms and WebSocket messages of Durable Objects, steps of
 * Workflows, RPC entrypoints. Inside a traced request it joins that request's trace.
 *
 * Options that are wrong turn tracing off with one logged error. They are resolved once for each
 * options object, so keep it in a constant.
 *
 * @returns what `fn` returns; a response or stream that is still going on is observed on its way.
 * @throws what `fn` throws, and `invalid_option` where there is no `fn`; nothing else.
 * @example
 * ```ts
 * class SupportRoom extends DurableObject<Env> {
 *   async webSocketMessage(socket: WebSocket, text: string) {
 *     await withAgentTrace(tracing, { env: this.env, ctx: this.ctx, groupId: this.ctx.id.toString() }, async () => {
 *       const { finalOutput } = await run(agent, text);
 *       socket.send(finalOutput ?? '');
 *     });
 *   }
 * }
 * ```
 */
export async function withAgentTrace<T, B extends object = Cloudflare.Env>(
  options: HandlerOptions<B> | ((env: B) => HandlerOptions<B>),
  call: TraceCall<B>,
  fn: (trace: ActiveTrace) => T | Promise<T>,
): Promise<T> {
  if (typeof fn !== 'function')
    invalid('`fn` of withAgentTrace(options, call, fn) must be a function: what is to be traced');
  warnOfCall(call);
  const { env, ctx, groupId, metadata, request } = Object(call) as TraceCall<B>;
  const event = tracedEvent('call', env, { request });
  const runtimeFor = runtimeOf(options);
  const grouped: RuntimeFor = (key) => {
    const runtime = runtimeFor(key);
    return runtime && { ...runtime, groupId: () => groupId };
  };
  return serve(groupId === undefined ? runtimeFor : grouped, event, ctx, (trace) => {
    trace.setMetadata(metadata ?? {});
    return fn(trace);
  });
}

const CALL: readonly string[] = ['env', 'ctx', 'groupId', 'metadata', 'request'];

/** What is wrong with a call costs its trace something, not its work. */
function warnOfCall(call: unknown): void {
  const keys = typeof call === 'object' && call !== null ? Object.keys(call) : [];
  const unknown = keys.find((key) => !CALL.includes(key));
  if (unknown !== undefined)
    warnOnce(
      `withAgentTrace(): \`${unknown.slice(0, 64)}\` of the call is unknown; check its spelling. It takes ${CALL.join(', ')}`,
    );
  const { env } = Object(call) as { env?: unknown };
  if (typeof env !== 'object' || env === null)
    warnOnce('withAgentTrace(): the call has no `env`, which exporters need: { env: this.env, … }');
}

const runtimes = new WeakMap<object, RuntimeFor>();

/** A call has no definition time at which it could throw, so that wrong options only turn tracing off. */
function runtimeOf(options: unknown): RuntimeFor {
  const key = Object(options) as object;
  let runtimeFor = runtimes.get(key);
  if (!runtimeFor) {
    try {
      runtimeFor = createRuntime(options);
    } catch (error) {
      console.error(`sluice: withAgentTrace() is off. ${describeError(error)}`);
      runtimeFor = () => undefined;
    }
    runtimes.set(key, runtimeFor);
  }
  return runtimeFor;
}

/** What each handler that is traced is called with first, as an event. */
const TRACED = {
  fetch: (request: Request) => ({ request }),
  queue: (batch: MessageBatch) => ({ batch, requestId: batch.messages[0]?.id }),
  scheduled: (controller: ScheduledController) => ({
    controller,
    requestId: `scheduled-${controller.scheduledTime}`,
  }),
  email: (email: ForwardableEmailMessage) => ({ email }),
  tail: (items: TraceItem[]) => ({ items }),
} satisfies {
  [K in Exclude<TracedEvent['kind'], 'call'>]: (input: never) => Partial<TracedEvent<object>>;
};

/** All that a Worker can handle, since a class keeps its methods where no loop finds them. */
const METHODS = [...Object.keys(TRACED), 'connect', 'test', 'trace', 'tailStream'];

/**
 * Gives each event of a Worker a trace of its own: `fetch`, `queue`, `scheduled`, `email` and
 * `tail`. Other handlers pass through; `this` stays what it was.
 *
 * What a handler returns, throws, acknowledges and retries is as it was without tracing.
 *
 * @param options or a function of env that returns them
 * @throws SluiceError `invalid_option` for static options that are wrong. What depends
 *   on env is checked on first use: one logged error, and tracing is off for the isolate.
 * @example
 * ```ts
 * export default traceHandlers<Env>(
 *   { workflow: 'nightly_report', exporters: (env) => [queueExporter(env.TRACES_QUEUE)] },
 *   {
 *     async scheduled(controller, env, ctx) {
 *       await run(reporter, 'Summarise what customers wrote today.');
 *     },
 *   },
 * );
 * ```
 */
export function traceHandlers<B extends object = Cloudflare.Env, M = unknown>(
  options: HandlerOptions<B> | ((env: B) => HandlerOptions<B>),
  handlers: ExportedHandler<B, M>,
): ExportedHandler<B, M> {
  if (typeof handlers !== 'object' || handlers === null)
    invalid(
      '`handlers` must be an object of handlers; in the methods of a class call withAgentTrace()',
    );
  const runtimeFor = createRuntime(options);
  const isPerMessage = (env: object): boolean =>
    (runtimeFor(env)?.queue ?? declaredQueue(options, env)) === 'message';
  const traced: Record<string, unknown> = {};
  for (const name of new Set([...METHODS, ...Object.keys(handlers)])) {
    const original = (handlers as Record<string, unknown>)[name];
    if (original === undefined) continue;
    if (typeof original !== 'function') traced[name] = original;
    else
      traced[name] = tracedHandler(
        name,
        original.bind(handlers) as Handler,
        runtimeFor,
        isPerMessage,
      );
  }
  return traced;
}

type Handler = (input: unknown, env: object, ctx: ExecutionContext) => unknown;

function tracedHandler(
  name: string,
  handler: Handler,
  runtimeFor: RuntimeFor,
  isPerMessage: (env: object) => boolean,
): Handler {
  if (!Object.hasOwn(TRACED, name)) return handler;
  const kind = name as keyof typeof TRACED;
  return async (input, env, ctx) => {
    const event = tracedEvent(kind, env, TRACED[kind](input as never));
    const { batch } = event;
    const runtime = kind === 'queue' || kind === 'tail' ? withoutEmpty(runtimeFor) : runtimeFor;
    if (!batch || !isPerMessage(env))
      return serve(runtime, event, ctx, () => handler(input, env, ctx));
    return eachMessage(batch, (message, view) => {
      const one = { ...event, message, requestId: message.id };
      return serve(runtime, one, ctx, () => handler(view, env, ctx));
    });
  };
}

/** The consumer of the traces themselves would make an empty trace of each batch, and so the next batch, for ever. */
function withoutEmpty(runtimeFor: RuntimeFor): RuntimeFor {
  return (env) => {
    const runtime = runtimeFor(env);
    return runtime?.exportEmpty ? { ...runtime, exportEmpty: false } : runtime;
  };
}

/** A handler that counts on one message a call would lose the others if it depended on whether tracing is on. */
function declaredQueue(options: unknown, env: object): unknown {
  try {
    const declared =
      typeof options === 'function' ? (options as (env: object) => unknown)(env) : options;
    return (declared as { queue?: unknown }).queue;
  } catch {
    // The fault has been logged where the options were resolved.
    return undefined;
  }
}
