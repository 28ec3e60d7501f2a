import { AsyncLocalStorage } from 'node:async_hooks';
import type { Scope } from './scope.ts';

/**
 * Finds the scope that a span belongs to. The async context knows the request;
 * the map serves callbacks that have lost it. One isolate serves many requests.
 */
const current = new AsyncLocalStorage<Scope>();
const byTraceId = new Map<string, Scope>();

/** A killed request cannot clean up after itself; a live one that is swept is found through its context. */
const IDLE_SCOPE_MS = 10 * 60_000;

export function runInScope<T>(scope: Scope, fn: () => T): T {
  return current.run(scope, fn);
}

/** Runs `fn` as if no request were around it. */
export function runOutsideScope<T>(fn: () => T): T {
  return current.run(undefined as unknown as Scope, fn);
}

export function currentScope(): Scope | undefined {
  return current.getStore();
}

/** The caller's own scope goes first: two requests may share a trace id, through a header or a resumed run. */
export function scopeOf(traceId: string, endedSpanId?: string): Scope | undefined {
  const own = current.getStore();
  const known = byTraceId.get(traceId);
  // A span may end in another event of its object than it began in.
  if (endedSpanId !== undefined && known?.open.has(endedSpanId)) return known;
  if (own && !known) byTraceId.set(traceId, own);
  return own ?? known;
}

export function register(scope: Scope, now: number): void {
  sweep(now);
  for (const traceId of scope.traces.keys()) byTraceId.set(traceId, scope);
}

/** To be called before a scope's last I/O, so that a request killed during it leaves nothing. */
export function unregister(scope: Scope): void {
  for (const traceId of scope.traces.keys()) {
    if (byTraceId.get(traceId) === scope) byTraceId.delete(traceId);
  }
}

/** How many traces are routed right now; for tests of leaks. */
export function registeredTraces(): number {
  return byTraceId.size;
}

/** The map keeps insertion order, so the oldest come first and the walk stops at the first young one. */
function sweep(now: number): void {
  for (const [traceId, scope] of byTraceId) {
    if (now - scope.options.root.startedAt < IDLE_SCOPE_MS) return;
    if (now - scope.lastActiveAt >= IDLE_SCOPE_MS) byTraceId.delete(traceId);
  }
}
