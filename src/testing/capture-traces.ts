import { addObserver } from '../flush/observe.ts';
import type { Scope } from '../capture/scope.ts';
import { SluiceError } from '../model/errors.ts';
import type { FlushReport } from '../model/exporter.ts';
import type { SpanRecord, TraceBatch, TraceRecord } from '../model/records.ts';

/** What one destination was handed, after the policy. */
export interface CapturedDestination {
  batches: TraceBatch[];
  traces: TraceRecord[];
  spans: SpanRecord[];
}

/** What `flushed()` resolves with. */
export interface FlushedTraces {
  reports: FlushReport[];
  /** By the exporter's name. */
  destinations: Record<string, CapturedDestination>;
  /** Of the first destination that was handed anything. */
  traces: TraceRecord[];
  spans: SpanRecord[];
}

export interface CapturedTraces {
  /**
   * Waits until every request or event since `captureTraces()` (or the last `flushed()`) has flushed.
   *
   * @throws SluiceError `flush_timeout` that says which trace waits for what.
   */
  flushed(options?: { timeoutMs?: number }): Promise<FlushedTraces>;
  /** Stops observing. Also called by `using`. */
  stop(): void;
  [Symbol.dispose](): void;
}

const DEFAULT_TIMEOUT_MS = 5_000;
const POLL_MS = 5;

/**
 * Observes what Sluice exports, in a test that runs inside workerd
 * (`@cloudflare/vitest-plugin`). Nothing is mocked: the exporters export. Requests under the
 * middleware, events under `traceHandlers()` and calls under `withAgentTrace()` count alike.
 *
 * @example
 * ```ts
 * const traces = captureTraces();
 * const response = await exports.default.fetch('https://example.com/support', { method: 'POST', body });
 * await response.text();
 * const { spans, reports } = await traces.flushed();
 * ```
 */
export function captureTraces(): CapturedTraces {
  const open = new Set<Scope>();
  // Requests of an earlier test may still flush; only those that open from here on count.
  const ours = new WeakSet<Scope>();
  let seen = 0;
  let collected = emptyCollection();
  const stop = addObserver({
    opened(scope) {
      seen += 1;
      ours.add(scope);
      open.add(scope);
    },
    handed(scope, destination, batch) {
      if (ours.has(scope)) collect(collected, destination, batch);
    },
    flushed(scope, report) {
      if (ours.has(scope)) collected.reports.push(report);
    },
    settled(scope) {
      open.delete(scope);
    },
  });
  return {
    async flushed({ timeoutMs = DEFAULT_TIMEOUT_MS } = {}) {
      const deadline = Date.now() + timeoutMs;
      // Plain polling: a promise that one request resolves must not be awaited by another.
      while (seen === 0 || open.size > 0) {
        if (Date.now() >= deadline) throw timedOut(seen, open, timeoutMs);
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
      const result = { ...collected, ...firstDestination(collected) };
      collected = emptyCollection();
      seen = 0;
      return result;
    },
    stop,
    [Symbol.dispose]: stop,
  };
}

type Collection = Pick<FlushedTraces, 'reports' | 'destinations'>;

function emptyCollection(): Collection {
  return { reports: [], destinations: {} };
}

function collect(into: Collection, name: string, batch: TraceBatch): void {
  const destination = (into.destinations[name] ??= { batches: [], traces: [], spans: [] });
  destination.batches.push(batch);
  destination.traces.push(...batch.traces);
  destination.spans.push(...batch.spans);
}

function firstDestination({ destinations }: Collection): Pick<FlushedTraces, 'traces' | 'spans'> {
  const { traces = [], spans = [] } = Object.values(destinations)[0] ?? {};
  return { traces, spans };
}

function timedOut(seen: number, open: Set<Scope>, timeoutMs: number): SluiceError {
  if (seen === 0) {
    return new SluiceError(
      'flush_timeout',
      `no traced request or event began within ${timeoutMs} ms. Does agentTracing() cover the route, or traceHandlers() or withAgentTrace() the event, and is tracing enabled?`,
    );
  }
  const lines = [...open].map((scope) => {
    const { root, requestId } = scope.options;
    return `  ${root.id} (request ${requestId}) waits for ${waitingFor(scope)}`;
  });
  return new SluiceError('flush_timeout', `no flush within ${timeoutMs} ms:\n${lines.join('\n')}`);
}

function waitingFor({ stage, open }: Scope): string {
  if (stage === 'handler') return 'the handler to return';
  if (stage === 'body') return 'the response body to be read to its end';
  if (stage === 'destinations') return 'the destinations';
  const spans = [...open.values()].map(({ span }) => `the end of a ${span.spanData.type} span`);
  return spans.join(', ') || 'the end of what waitUntil() was given';
}
