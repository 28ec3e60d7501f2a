import { flushOtherProcessors } from '../capture/processor.ts';
import { readSnapshot } from '../capture/read.ts';
import { register, runOutsideScope, unregister } from '../capture/registry.ts';
import type { Drops, Scope } from '../capture/scope.ts';
import type { TraceState } from '../capture/trace-state.ts';
import type { NameCheck, ReadSpan, Snapshot } from '../model/captured.ts';
import type { DropReason, FlushReason, FlushReport, TraceExporter } from '../model/exporter.ts';
import { importHmacKey } from '../model/hmac.ts';
import type { HmacKey } from '../model/hmac.ts';
import { FLUSH_GRACE_MS } from '../model/limits.ts';
import type { SpanRecord, TraceBatch } from '../model/records.ts';
import { applyPolicy } from '../policy/apply.ts';
import { fingerprintWith } from '../policy/fingerprint.ts';
import type { Policy } from '../policy/policy.ts';
import { startDeadline } from './deadline.ts';
import { deliver } from './deliver.ts';
import type { Delivery } from './deliver.ts';
import { observers } from './observe.ts';
import { untilQuiet } from './quiet.ts';
import { randomHex } from './random.ts';
import { isLossy, mergeReports } from './report.ts';
import { isKept } from './sampling.ts';
import type { Sampling } from '../model/sampling.ts';

/** What a flush does with what a scope captured. */
export interface FlushPlan {
  readonly policy: Policy;
  readonly exporters: readonly TraceExporter[];
  readonly sampling: Sampling;
  readonly exportEmpty: boolean;
  readonly flush: { readonly deadlineMs: number };
  readonly fingerprintKey?: HmacKey | undefined;
  readonly onFlush?: ((report: FlushReport) => void) | undefined;
  readonly isSafeName: NameCheck;
}

/** Keeps a promise alive past the response: `waitUntil`, or nothing where there is no ExecutionContext. */
export type Background = (work: Promise<unknown>) => void;

/** A span that has been read, on its way to the policy. */
interface Read {
  snapshot: Snapshot;
  span: ReadSpan;
}

/** Flushes one scope: in steps while it runs, once at its end, and again for what comes late. */
export class Flusher {
  readonly scope: Scope;
  /** Resolves with the account of all flushes, when the scope's end has been flushed. */
  readonly done: Promise<FlushReport>;

  /** What work has after the request's end, and a step from its beginning. */
  readonly deadlineMs: number;

  readonly #plan: FlushPlan;
  readonly #background: Background;
  readonly #reports: FlushReport[] = [];
  readonly #steps = new Set<Promise<unknown>>();
  readonly #randomKey = randomHex(32);
  #flushing = 0;
  #finish!: (report: FlushReport) => void;

  constructor(scope: Scope, plan: FlushPlan, background: Background) {
    this.scope = scope;
    this.#plan = plan;
    this.deadlineMs = plan.flush.deadlineMs;
    this.#background = background;
    this.done = new Promise((resolve) => (this.#finish = resolve));
    scope.listener = {
      full: () => {
        if (!this.#flushing) background(afterThisHook(() => this.step()));
      },
      late: () => background(this.#late()),
    };
    for (const observer of observers()) observer.opened(scope);
  }

  /** Exports what has ended so far; the trace goes on. Never rejects, never waits past the deadline. */
  async step(budgetMs: number = this.deadlineMs): Promise<FlushReport> {
    const step = this.#flush('step', budgetMs);
    this.#steps.add(step);
    await step;
    this.#steps.delete(step);
    return mergeReports(this.#reports);
  }

  /** The flush at the scope's end. `remainingMs` is what the deadline leaves for the destinations. */
  async finish(reason: FlushReason, remainingMs: number): Promise<void> {
    // Off the map before the first I/O: a request that is killed from here on leaves nothing behind.
    unregister(this.scope);
    const budgetMs = Math.max(remainingMs, this.#graceMs());
    this.#background(this.#flushOthers(budgetMs));
    const deadline = startDeadline(budgetMs, this.scope.options.now);
    const steps = Promise.race([Promise.all(this.#steps), deadline.expired]);
    await Promise.all([this.#flush(reason, budgetMs), steps]);
    deadline.clear();
    this.#rest();
  }

  /**
   * Called by whoever calls `forceFlush()` on the SDK's provider, for their own scope.
   * Where sampling decides, it decides over the whole trace, so there is no step.
   */
  async flushForCaller(): Promise<void> {
    const { keep, head = 1 } = this.#plan.sampling;
    if (keep || head < 1 || this.#flushing || !this.scope.hasRecords()) return;
    await this.step(this.#graceMs());
  }

  /** Past the deadline the destinations still get this long. */
  #graceMs(): number {
    return Math.min(FLUSH_GRACE_MS, this.deadlineMs);
  }

  async #late(): Promise<void> {
    const { now } = this.scope.options;
    register(this.scope, now());
    const deadline = startDeadline(this.deadlineMs, now);
    const outcome = await untilQuiet(this.scope, deadline);
    deadline.clear();
    if (outcome === 'deadline') this.scope.truncateOpen();
    unregister(this.scope);
    await this.#flush('late', this.#graceMs());
    this.#rest();
  }

  /** From here on whatever comes is late, as is what came while the destinations were served. */
  #rest(): void {
    unregister(this.scope);
    const { scope } = this;
    const isOwed = [...scope.traces.values()].some((trace) => trace.owed);
    if (isOwed || scope.hasRecords() || scope.open.size > 0) {
      this.#background(this.#late());
      return;
    }
    this.#finish(mergeReports(this.#reports));
    this.scope.resting = true;
    for (const observer of observers()) observer.settled(this.scope);
  }

  async #flush(reason: FlushReason, budgetMs: number): Promise<void> {
    this.#flushing += 1;
    try {
      this.#account(await this.#export(reason, budgetMs));
    } catch {
      this.scope.fault('flush');
      // Nothing is owed any longer, so that a flush that fails each time is not tried for ever.
      for (const trace of this.scope.traces.values()) trace.owed = false;
    }
    this.#flushing -= 1;
  }

  async #export(reason: FlushReason, budgetMs: number): Promise<FlushReport> {
    const { exporters, policy, sampling } = this.#plan;
    const { spans, drops } = this.scope.drain();
    const captured = spans.length + Object.values(drops).reduce((sum, n) => sum + n, 0);
    const drop = (why: DropReason, n: number): void =>
      void (n > 0 && (drops[why] = (drops[why] ?? 0) + n));
    const read = this.#read(spans);
    drop('policy_failed', spans.length - read.length);
    const traces = this.#tracesToSend(read, reason);
    const kept = traces.filter(
      (trace) =>
        reason === 'step' || isKept(trace, sampling, () => this.scope.fault('sampling.keep')),
    );
    const keptIds = new Set(kept.map((trace) => trace.identity.id));
    const keptSpans = read.filter(({ snapshot }) => keptIds.has(snapshot.traceId));
    drop('sampled_out', read.length - keptSpans.length);
    const records = await this.#judge(keptSpans);
    drop('policy_failed', keptSpans.length - records.length);
    const id = `flush_${randomHex(12)}`;
    const { refused, options } = this.scope;
    const batch: TraceBatch = {
      id,
      traces: kept.map((trace) => {
        const record = trace.toRecord(id, options.requestId, reason === 'step', refused);
        return policy.metadata === 'keep' ? record : { ...record, metadata: {} };
      }),
      spans: records,
    };
    const delivered = await deliver(this.scope, exporters, batch, budgetMs);
    return {
      traceIds: traces.map((trace) => trace.identity.id),
      captured,
      truncated: spans.filter(({ truncated }) => truncated).length,
      reason,
      destinations: destinationsOf(exporters, delivered, drops),
      refused: { ...refused },
      faults: {},
    };
  }

  /** What cannot be read does not leave. */
  #read(snapshots: Snapshot[]): Read[] {
    return snapshots.flatMap((snapshot) => {
      try {
        const span = readSnapshot(snapshot, this.#plan.isSafeName);
        this.scope.traces.get(snapshot.traceId)?.add(span.identity.facts, snapshot);
        return [{ snapshot, span }];
      } catch {
        this.scope.fault('read');
        return [];
      }
    });
  }

  /** What cannot be judged does not leave either. */
  async #judge(spans: Read[]): Promise<SpanRecord[]> {
    const { fingerprintKey = this.#randomKey, policy } = this.#plan;
    try {
      const fingerprint = fingerprintWith(await importHmacKey(fingerprintKey));
      const judged = await Promise.allSettled(
        spans.map(({ snapshot, span }) => applyPolicy(policy, snapshot, span, fingerprint)),
      );
      return judged.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    } catch {
      this.scope.fault('policy');
      return [];
    }
  }

  /** Traces with records, those whose last word is owed, and an empty one where it is wanted. */
  #tracesToSend(spans: Read[], reason: FlushReason): TraceState[] {
    const withSpans = new Set(spans.map(({ snapshot }) => snapshot.traceId));
    const isWanted = (trace: TraceState): boolean =>
      trace.owed || (this.#plan.exportEmpty && trace === this.scope.root && trace.flushSeq === 0);
    return [...this.scope.traces.values()].filter(
      (trace) => withSpans.has(trace.identity.id) || (reason !== 'step' && isWanted(trace)),
    );
  }

  #account(report: FlushReport): void {
    const onFault = (): void => {
      this.scope.fault('onFlush');
      report.faults = { ...this.scope.faults };
    };
    report.faults = { ...this.scope.faults };
    this.#reports.push(report);
    try {
      const called: unknown = isWorthTelling(report) && this.#plan.onFlush?.(report);
      Promise.resolve(called).catch(onFault);
    } catch {
      onFault();
    }
    // A lost record is never silent.
    if (isLossy(report))
      console.error(JSON.stringify({ event: 'sluice_flush_incomplete', ...report }));
    for (const observer of observers()) observer.flushed(this.scope, report);
  }

  /** The application's own processors; one of them that hangs delays nobody, since nobody waits for this. */
  async #flushOthers(budgetMs: number): Promise<void> {
    const deadline = startDeadline(budgetMs, this.scope.options.now);
    await Promise.race([runOutsideScope(flushOtherProcessors), deadline.expired]).catch(() =>
      this.scope.fault('other_processor'),
    );
    deadline.clear();
  }
}

/** A request that ran no agent has nothing to account for. */
function isWorthTelling({ captured, traceIds, faults }: FlushReport): boolean {
  return captured > 0 || traceIds.length > 0 || Object.keys(faults).length > 0;
}

function destinationsOf(
  exporters: readonly TraceExporter[],
  delivered: Map<TraceExporter, Delivery>,
  dropped: Drops,
): FlushReport['destinations'] {
  const reports = exporters.map((exporter) => {
    const outcome = { exported: 0, failed: 0, ...delivered.get(exporter) };
    return [exporter.name, { ...outcome, dropped: { ...dropped } }];
  });
  return Object.fromEntries(reports) as FlushReport['destinations'];
}

/** SDK hooks must not do I/O, so what they ask for begins after they have returned. */
async function afterThisHook(work: () => Promise<unknown>): Promise<void> {
  await Promise.resolve();
  await work();
}
