/**
 * The seam to the SDK, and the only file that imports it at run time. The
 * processor is synchronous, never throws and never does I/O: a throw in
 * `onTraceStart` would make `run()` reject, and a promise would be shared.
 */
import {
  addTraceProcessor,
  getCurrentSpan,
  getCurrentTrace,
  getGlobalTraceProvider,
  setTraceProcessors,
  withTraceContext,
} from '@openai/agents';
import type { Span, SpanData, Trace, TracingProcessor } from '@openai/agents';
export type { Trace };

import { currentScope, scopeOf } from './registry.ts';
import type { Scope } from './scope.ts';

/** Flushes the caller's scope; set by the floor above, since capture knows no destinations. */
export type FlushCallerScope = (scope: Scope) => Promise<void>;

class ScopeProcessor implements TracingProcessor {
  readonly #flush: FlushCallerScope;

  constructor(flush: FlushCallerScope) {
    this.#flush = flush;
  }

  async onTraceStart(trace: Trace): Promise<void> {
    routed(trace.traceId, 'trace_start', (scope) => scope.traceStarted(trace));
  }

  async onTraceEnd(trace: Trace): Promise<void> {
    routed(trace.traceId, 'trace_end', (scope) => scope.traceEnded(trace));
  }

  async onSpanStart(span: Span<SpanData>): Promise<void> {
    routed(span.traceId, 'span_start', (scope) => scope.spanStarted(span));
  }

  async onSpanEnd(span: Span<SpanData>): Promise<void> {
    routed(span.traceId, 'span_end', (scope) => scope.spanEnded(span), span.spanId);
  }

  async forceFlush(): Promise<void> {
    const scope = currentScope();
    if (scope) await this.#flush(scope);
  }

  async shutdown(): Promise<void> {}
}

function routed(
  traceId: string,
  where: string,
  act: (scope: Scope) => void,
  endedSpanId?: string,
): void {
  const scope = scopeOf(traceId, endedSpanId);
  if (!scope) return;
  try {
    act(scope);
  } catch {
    scope.fault(where);
  }
}

export type OpenAIDefault = 'remove' | 'keep';

let registered: { processor: ScopeProcessor; mode: OpenAIDefault } | undefined;
/** Counts registrations, so that of several requests that miss the processor only one brings it back. */
let generation = 0;

/**
 * Registers the processor, once an isolate. The import above has run the SDK's
 * own registration by now, so that it cannot replace ours afterwards.
 *
 * @param isForced removes the SDK's processor even where an earlier call has kept it
 * @returns the mode in force, which is that of the first call, or the forced one.
 */
export function registerProcessor(
  mode: OpenAIDefault,
  flush: FlushCallerScope,
  isForced = false,
): OpenAIDefault {
  if (!registered || (isForced && registered.mode !== mode)) {
    registered = { processor: registered?.processor ?? new ScopeProcessor(flush), mode };
    generation += 1;
    if (mode === 'remove') setTraceProcessors([registered.processor]);
    else addTraceProcessor(registered.processor);
  }
  return registered.mode;
}

/** The SDK's trace for a scope, or nothing where the SDK's own switches have turned tracing off. */
export function createTrace(options: {
  traceId: string;
  name: string;
  groupId?: string;
  metadata: Record<string, string>;
}): Trace | undefined {
  const trace = getGlobalTraceProvider().createTrace(options);
  return trace.traceId === options.traceId ? trace : undefined;
}

/** Other processors are the application's own; a slow one must not hold up the request for longer than this. */
const START_PATIENCE_MS = 5;

/**
 * Starts the trace and makes sure that our processor heard of it: an
 * application that called `setTraceProcessors` later has removed it, and then
 * it is brought back beside what was set.
 */
export function startTrace(trace: Trace, scope: Scope): Promise<void> | undefined {
  const before = generation;
  const started = trace.start();
  if (scope.sawStart) {
    started.catch(() => scope.fault('other_processor'));
    return undefined;
  }
  const bringBack = (): void => {
    if (scope.sawStart || !registered) return;
    scope.fault('processor_replaced');
    if (generation !== before) return;
    generation += 1;
    addTraceProcessor(registered.processor);
  };
  // One that throws stands before ours, which is there all the same and will see the spans.
  const confirmed = started
    .then(bringBack, () => scope.fault('other_processor'))
    .then(() => {
      // Where ours did hear of it, the trace may have ended by now and must not begin again.
      if (!scope.sawStart) scope.traceStarted(trace);
    });
  return Promise.race([confirmed, sleep(START_PATIENCE_MS)]);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Ends the trace for every processor. What the others make of it delays nobody. */
export function endTrace(trace: Trace, scope: Scope): void {
  trace.end().catch(() => scope.fault('other_processor'));
}

/** Runs `fn` with the trace as the SDK's current one, also for what `fn` leaves running behind it. */
export function withinTrace<T>(trace: Trace, fn: () => T): T {
  return withTraceContext({ trace }, fn);
}

/** Flushes every processor that is registered with the SDK, the application's own included. */
export function flushOtherProcessors(): Promise<void> {
  return getGlobalTraceProvider().forceFlush();
}

/** Where in a run the caller is. */
export function currentPosition(): { traceId: string | undefined; parentId: string | null } {
  return { traceId: getCurrentTrace()?.traceId, parentId: getCurrentSpan()?.spanId ?? null };
}
