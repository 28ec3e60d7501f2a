import { activeTrace } from './active-trace.ts';
import type { ActiveTrace } from './active-trace.ts';
import { createTrace, endTrace, startTrace, withinTrace } from '../capture/processor.ts';
import type { Trace } from '../capture/processor.ts';
import { currentScope, register, runInScope } from '../capture/registry.ts';
import { Scope } from '../capture/scope.ts';
import type { TraceIdentity } from '../capture/trace-state.ts';
import type { BodyEnd } from '../flush/body.ts';
import { startDeadline } from '../flush/deadline.ts';
import { Flusher } from '../flush/flusher.ts';
import type { Background } from '../flush/flusher.ts';
import { untilQuiet } from '../flush/quiet.ts';
import type { RequestIdentity } from './identify.ts';
import { isSafeId } from '../identity/ids.ts';
import { screenMetadata } from '../identity/metadata.ts';
import { isSafeName } from '../identity/names.ts';
import { isWorkflowName } from '../identity/workflow.ts';
import type { Runtime } from './runtime.ts';

const requests = new WeakMap<Scope, RequestScope>();

/** The request that a scope belongs to. */
export function requestOf(scope: Scope | undefined): RequestScope | undefined {
  return scope && requests.get(scope);
}

/** The request around the caller, unless it has ended: a timer or a listener that it set outlives it. */
export function ongoingRequest(): RequestScope | undefined {
  const request = requestOf(currentScope());
  return request?.scope.stage === 'destinations' ? undefined : request;
}

/** What `forceFlush()` on the SDK's provider does for the scope of its caller. */
export async function flushScope(scope: Scope): Promise<void> {
  await requests.get(scope)?.flusher.flushForCaller();
}

/**
 * The one primitive that every handler stands on: a trace, the scope that
 * captures what happens within it, and the flush at its end.
 */
export class RequestScope {
  readonly active: ActiveTrace;
  readonly scope: Scope;
  /** The response header that carries the trace id, where one is wanted. */
  readonly traceIdHeader: string | false;
  readonly flusher: Flusher;
  readonly #trace: Trace;
  readonly #runtime: Runtime;
  readonly #background: Background;

  #end!: (end: BodyEnd) => void;
  #handled!: () => void;

  /**
   * @param signal fires when the client leaves
   * @returns nothing where the SDK's own switches have turned tracing off.
   */
  static open(
    runtime: Runtime,
    identity: RequestIdentity,
    background: Background,
    signal?: AbortSignal | null,
  ): RequestScope | undefined {
    const { traceId, workflow: name, groupId, metadata } = identity;
    const trace = createTrace({
      traceId,
      name,
      metadata,
      ...(groupId !== undefined && { groupId }),
    });
    const opened = trace && new RequestScope(runtime, identity, background, trace);
    if (opened) background(opened.#conclude(signal));
    return opened;
  }

  private constructor(
    runtime: Runtime,
    identity: RequestIdentity,
    background: Background,
    trace: Trace,
  ) {
    const { traceId: id, workflow, groupId = null, metadata, requestId, refused } = identity;
    this.#trace = trace;
    this.#runtime = runtime;
    this.#background = background;
    this.traceIdHeader = runtime.exposeTraceId;
    this.scope = new Scope({
      requestId,
      root: { id, workflow, groupId, metadata, startedAt: Date.now() },
      now: Date.now,
      adopt: (nested, nestedId) => this.#adopt(nested, nestedId),
      ...runtime.flush,
    });
    for (const kind of refused) this.scope.refuse(kind);
    this.flusher = new Flusher(
      this.scope,
      { ...runtime, exporters: runtime.exporterList, isSafeName },
      background,
    );
    requests.set(this.scope, this);
    this.active = activeTrace(this.flusher, runtime, background);
  }

  /** Runs the handler inside the trace. What the handler throws is the caller's. */
  async run<T>(handler: () => Promise<T>): Promise<T> {
    register(this.scope, Date.now());
    return runInScope(this.scope, async () => {
      await startTrace(this.#trace, this.scope);
      return withinTrace(this.#trace, handler);
    });
  }

  /** Calls `fn` as part of the request: a stream's `pull()` runs in the context of whoever reads it. */
  within<T>(fn: () => T): T {
    return runInScope(this.scope, () => withinTrace(this.#trace, fn));
  }

  /** Whoever joined the trace saw the request fail, where its handler does not throw. */
  fail(): void {
    this.scope.root.requestFailed = true;
  }

  /** The handler is done; `handOut` says how the body will end. A fault of it is ours and reaches nobody. */
  returned(failed: boolean, handOut: () => Promise<BodyEnd>): void {
    // Whoever outlives the deadline finds the flush under way, and does not turn the clock back.
    if (this.scope.stage === 'handler') this.scope.stage = 'body';
    this.scope.root.requestFailed ||= failed;
    this.#handled();
    const whole = async (): Promise<BodyEnd> => this.within(handOut);
    whole().then(this.#end, () => {
      this.scope.fault('body');
      this.#end('response');
    });
  }

  /**
   * Waits for the end of the body and of the runs, at most until the deadline after the
   * body or after the client has left, and flushes. It begins with the request, since a
   * request with nothing under `waitUntil` is cancelled when its client leaves.
   */
  async #conclude(signal: AbortSignal | null | undefined): Promise<void> {
    this.#handled = this.scope.hold();
    // A body may never end: another middleware has replaced it, or the client reads for hours.
    const beat = setInterval(() => {
      const isIdle = this.scope.stage === 'body' && this.scope.isQuiet();
      if (isIdle) this.#background(this.flusher.flushForCaller());
    }, this.flusher.deadlineMs);
    const end = await new Promise<BodyEnd>((resolve) => {
      this.#end = resolve;
      signal?.addEventListener('abort', () => resolve('cancel'), { once: true });
    });
    clearInterval(beat);
    if (this.scope.stage === 'body') this.scope.stage = 'runs';
    const deadline = startDeadline(this.flusher.deadlineMs, Date.now);
    const outcome = await untilQuiet(this.scope, deadline);
    deadline.clear();
    if (outcome === 'deadline') this.scope.truncateOpen();
    this.scope.stage = 'destinations';
    if (!this.scope.sawStart) this.scope.fault('start_unseen');
    endTrace(this.#trace, this.scope);
    const failed = this.scope.root.requestFailed || end === 'error';
    for (const trace of this.scope.traces.values()) trace.requestFailed = failed;
    const reason = outcome === 'deadline' ? outcome : failed ? 'error' : end;
    await this.flusher.finish(reason, deadline.at - Date.now());
  }

  /** A trace that the application opened itself, or resumed: its own identity where that may leave, else the request's. */
  #adopt(nested: Trace | undefined, id: string): TraceIdentity {
    const { root } = this.scope.options;
    const { name, groupId, metadata } = nested ?? {
      name: root.workflow,
      groupId: null,
      metadata: {},
    };
    // A run that is resumed brings the metadata of the request that began it.
    const { request_id: _, ...others } = { ...metadata };
    const refuse = (kind: string): void => this.scope.refuse(kind);
    if (!isWorkflowName(name)) refuse('workflow');
    if (groupId !== null && !isSafeId(groupId)) refuse('group_id');
    return {
      id,
      workflow: isWorkflowName(name) ? name : root.workflow,
      groupId: isSafeId(groupId) ? groupId : root.groupId,
      metadata: {
        ...root.metadata,
        ...screenMetadata(others, this.#runtime.metadataKeys, refuse),
      },
      startedAt: Date.now(),
    };
  }
}
