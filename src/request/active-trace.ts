import { currentPosition } from '../capture/processor.ts';
import type { Scope } from '../capture/scope.ts';
import { nextTurn } from '../flush/deadline.ts';
import type { Background, Flusher } from '../flush/flusher.ts';
import { emptyReport } from '../flush/report.ts';
import { screenMetadata } from '../identity/metadata.ts';
import type { Metadata } from '../identity/metadata.ts';
import { isStableCode } from '../identity/names.ts';
import type { FlushReport } from '../model/exporter.ts';
import { randomHex } from '../flush/random.ts';
import { logLine } from './log-line.ts';
import type { LogRules as Rules } from './log-line.ts';

/** The trace of the request that is being served, as the application sees it. No method of it throws. */
export interface ActiveTrace {
  /** `no-op` where tracing is off. */
  readonly traceId: string;
  readonly groupId: string | undefined;
  readonly workflow: string;
  readonly requestId: string;
  /** Adds declared metadata. A key that is not declared, or a value that may not leave, is dropped and counted. */
  setMetadata(patch: Metadata): void;
  /**
   * Records a check's outcome, such as a schema validation or a business rule. It survives every policy,
   * so `name` and `code` are stable identifiers, never user text.
   */
  outcome(name: string, passed: boolean, code?: string): void;
  /** Writes one JSON line with the join keys; fields are under the policy of the trace. */
  log(event: string, fields?: Record<string, unknown>): void;
  /** Keeps the request alive for a promise, and the flush open for its spans. */
  waitUntil(promise: Promise<unknown>): void;
  /** Resolves when the trace has been flushed, with the account of it. Never rejects. */
  readonly flushed: Promise<FlushReport>;
}

const NO_OP = 'no-op';

/** Stands in where tracing is off, so that application code needs no branch. */
export function inactiveTrace(waitUntil: Background): ActiveTrace {
  const nothing = (): void => {};
  return {
    traceId: NO_OP,
    groupId: undefined,
    workflow: NO_OP,
    requestId: NO_OP,
    setMetadata: nothing,
    outcome: nothing,
    log: nothing,
    waitUntil: (promise) => waitUntil(Promise.resolve(promise)),
    get flushed() {
      return Promise.resolve(emptyReport('response'));
    },
  };
}

export function activeTrace(flusher: Flusher, rules: Rules, background: Background): ActiveTrace {
  const { scope } = flusher;
  const { id, groupId, workflow } = scope.root.identity;
  const absorbed =
    <A extends unknown[]>(where: string, act: (scope: Scope, rules: Rules, ...args: A) => void) =>
    (...args: A): void => {
      try {
        act(scope, rules, ...args);
      } catch {
        scope.fault(where);
      }
    };
  return {
    traceId: id,
    groupId: groupId ?? undefined,
    workflow,
    requestId: scope.options.requestId,
    setMetadata: absorbed('setMetadata', setMetadata),
    outcome: absorbed('outcome', outcome),
    log: absorbed('log', log),
    waitUntil: absorbed('waitUntil', (_scope, _rules, promise: Promise<unknown>) => {
      const work = Promise.resolve(promise);
      const release = scope.hold();
      work.then(release, release);
      background(work);
    }),
    get flushed() {
      const mayDeadlock = scope.stage === 'handler' || scope.stage === 'body';
      return mayDeadlock ? Promise.race([flusher.done, deadlockGuard(flusher)]) : flusher.done;
    },
  };
}

function setMetadata(scope: Scope, { metadataKeys }: Rules, patch: Metadata): void {
  const accepted = screenMetadata(patch, metadataKeys, (kind) => scope.refuse(kind));
  if (Object.keys(accepted).length === 0) return;
  let isLate = false;
  // A trace of the application's own, or a resumed one, is part of the request too.
  for (const trace of scope.traces.values()) {
    Object.assign(trace.identity.metadata, accepted);
    trace.owed ||= trace.flushSeq > 0;
    isLate ||= trace.owed;
  }
  if (isLate) scope.stirred();
}

function outcome(scope: Scope, _rules: Rules, name: string, passed: boolean, code?: string): void {
  if (!isStableCode(name) || !isStableCode(code ?? name)) {
    scope.refuse('outcome');
    return;
  }
  const json = JSON.stringify({ data: { type: 'outcome', name, passed, code } });
  const startedAt = new Date(scope.options.now()).toISOString();
  const { traceId = '', parentId } = currentPosition();
  const position = scope.traces.has(traceId)
    ? { traceId, parentId }
    : { traceId: scope.root.identity.id, parentId: null };
  scope.add({ id: `span_${randomHex(12)}`, ...position, startedAt, json });
}

function log(
  scope: Scope,
  rules: Rules,
  event: string,
  fields: Record<string, unknown> = {},
): void {
  if (!isStableCode(event)) {
    scope.refuse('log.event');
    return;
  }
  const refuse = (kind: string): void => scope.refuse(kind);
  const { requestId } = scope.options;
  // oxlint-disable-next-line no-console -- a log line is what was asked for
  console.log(logLine(rules, event, fields, scope.root.identity, requestId, refuse));
}

/** How long `flushed` may find nothing to wait for but its own request, before that is taken for a deadlock. */
const DEADLOCK_PATIENCE_MS = 5_000;
const DEADLOCK_POLL_MS = 100;

/**
 * The flush waits for the handler and the body, so one that awaits the flush
 * would wait for itself. When nothing happens any more that it could wait for,
 * it gets what is known; a handler that goes on working is waited for, however long.
 */
async function deadlockGuard(flusher: Flusher): Promise<FlushReport> {
  const { scope, deadlineMs } = flusher;
  const { stage } = scope;
  const patienceMs = Math.min(DEADLOCK_PATIENCE_MS, deadlineMs);
  const start = Date.now();
  while (scope.stage === stage) {
    await nextTurn(DEADLOCK_POLL_MS);
    const idleMs = Date.now() - Math.max(start, scope.lastActiveAt);
    // A span that is open may be one around the waiting itself, or a model that takes its time.
    if (idleMs < (scope.open.size > 0 ? deadlineMs : patienceMs)) continue;
    console.warn(
      'sluice: `flushed` was awaited before the response was returned, which the flush waits for; await it under waitUntil()',
    );
    return flusher.soFar();
  }
  return flusher.done;
}
