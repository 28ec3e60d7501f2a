import { flushOtherProcessors } from '../capture/processor.ts';
import { register, runOutsideScope, unregister } from '../capture/registry.ts';
import type { Drops, Scope } from '../capture/scope.ts';
import type { FlushReason, FlushReport, TraceExporter } from '../model/exporter.ts';
import type { HmacKey } from '../model/hmac.ts';
import { FALLBACK_RESERVE_MS, FLUSH_GRACE_MS } from '../model/limits.ts';
import { compose } from './compose.ts';
import type { Rules } from './compose.ts';
import { startDeadline } from './deadline.ts';
import { deliver } from './deliver.ts';
import type { Delivery, Step } from './deliver.ts';
import { owe } from './ledger.ts';
import { observers } from './observe.ts';
import { untilQuiet } from './quiet.ts';
import { randomHex } from './random.ts';
import { emptyReport, isLossy, mergeReports } from './report.ts';
import { decidesAtEnd, isAlwaysKept } from './sampling.ts';

/** What a flush does with what a scope captured. */
export interface FlushPlan extends Omit<Rules, 'fingerprintKey' | 'exporters'> {
  readonly exporters: readonly TraceExporter[];
  readonly flush: { readonly deadlineMs: number };
  readonly fingerprintKey?: HmacKey | undefined;
  readonly onFlush?: ((report: FlushReport) => void) | undefined;
  readonly logFlushes: boolean;
}

/** Keeps a promise alive past the response: `waitUntil`, or nothing where there is no ExecutionContext. */
export type Background = (work: Promise<unknown>) => void;

/** Flushes one scope: in steps while it runs, once at its end, and again for what comes late. */
export class Flusher {
  readonly scope: Scope;
  /** Resolves with the account of all flushes, when the scope's end has been flushed. */
  readonly done: Promise<FlushReport>;

  /** What work has after the request's end, and a step from its beginning. */
  readonly deadlineMs: number;

  readonly #plan: FlushPlan;
  readonly #rules: Rules;
  readonly #background: Background;
  readonly #steps = new Set<Promise<unknown>>();
  /** Spans that a destination did not take since it last took any. */
  readonly #unheard = new Map<TraceExporter, number>();
  /** The delivery of the last step to each destination: it takes one step after the other. */
  readonly #tails = new Map<TraceExporter, Promise<unknown>>();
  #total: FlushReport | undefined;
  #doneBy = 0;
  #ending = new AbortController();
  #stepAsked = false;
  #flushing = 0;
  #finish!: (report: FlushReport) => void;

  constructor(scope: Scope, plan: FlushPlan, background: Background) {
    this.scope = scope;
    this.#plan = plan;
    this.#rules = { ...plan, fingerprintKey: plan.fingerprintKey ?? randomHex(32) };
    this.deadlineMs = plan.flush.deadlineMs;
    this.#background = background;
    this.done = new Promise((resolve) => (this.#finish = resolve));
    scope.listener = {
      full: (why) => {
        const isOver = this.#ending.signal.aborted;
        if (isOver || this.#stepAsked || (why === 'time' && this.#waitsForTheEnd())) return;
        this.#stepAsked = true;
        background(afterThisHook(() => this.step()));
      },
      late: () => background(this.#late()),
    };
    for (const observer of observers()) observer.opened(scope);
  }

  /** Exports what has ended so far; the trace goes on. Never rejects, never waits past the deadline. */
  async step(budgetMs: number = this.deadlineMs): Promise<FlushReport> {
    const step = this.#flush('step', budgetMs, { ending: this.#ending.signal, tails: this.#tails });
    this.#steps.add(step);
    await step;
    this.#steps.delete(step);
    return this.#sum();
  }

  /** The flush at the scope's end. `remainingMs` is what the deadline leaves for the destinations. */
  async finish(reason: FlushReason, remainingMs: number): Promise<void> {
    // Off the map before the first I/O: a request that is killed from here on leaves nothing behind.
    unregister(this.scope);
    const budgetMs = Math.max(remainingMs, this.#graceMs());
    this.#doneBy = this.scope.options.now() + budgetMs + this.#graceMs();
    this.#background(this.#flushOthers(budgetMs));
    await this.#conclude(reason, budgetMs);
  }

  /** The account so far, with what may go out by now gone out. */
  async soFar(): Promise<FlushReport> {
    if (!this.#waitsForTheEnd()) await this.step();
    return this.#sum();
  }

  /** Flushes what there is, and ends the steps that are under way or still begin meanwhile. */
  async #conclude(reason: FlushReason, budgetMs: number): Promise<void> {
    const lastMs = Math.min(FALLBACK_RESERVE_MS, budgetMs / 3);
    const end = setTimeout(() => this.#ending.abort(lastMs), budgetMs - lastMs);
    await this.#flush(reason, budgetMs);
    while (this.#steps.size > 0) await Promise.all(this.#steps);
    clearTimeout(end);
    this.#rest();
  }

  /** Called by whoever calls `forceFlush()` on the SDK's provider, for their own scope. */
  async flushForCaller(): Promise<void> {
    if (this.#waitsForTheEnd() || this.#flushing || !this.scope.hasRecords()) return;
    await this.step(this.#graceMs());
  }

  /** Where sampling decides, it decides over the whole trace, so there is no step before a trace is sure to be kept. */
  #waitsForTheEnd(): boolean {
    const { sampling } = this.#plan;
    return decidesAtEnd(sampling) && !isAlwaysKept(this.scope.root, sampling);
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
    await this.#conclude('late', this.#graceMs());
  }

  /** From here on whatever comes is late, as is what came while the destinations were served. */
  #rest(): void {
    unregister(this.scope);
    const { scope } = this;
    this.#ending = new AbortController();
    const isOwed = [...scope.traces.values()].some((trace) => trace.owed);
    if (isOwed || scope.hasRecords() || scope.open.size > 0) {
      // What is left running may run for ever, and nobody waits so long for the account.
      if (scope.options.now() >= this.#doneBy) this.#finish(this.#sum());
      this.#background(this.#late());
      return;
    }
    for (const [exporter, spans] of this.#unheard) owe(exporter, spans);
    this.#unheard.clear();
    this.#finish(this.#sum());
    this.scope.resting = true;
    for (const observer of observers()) observer.settled(this.scope);
  }

  async #flush(reason: FlushReason, budgetMs: number, step?: Step): Promise<void> {
    const { exporters } = this.#plan;
    const drained = this.scope.drain();
    const { drops, hold } = drained;
    const report = emptyReport(reason);
    report.truncated = drained.spans.filter((span) => span.truncated).length;
    report.captured = drained.spans.length + sum(drops);
    this.#stepAsked = false;
    this.#flushing += 1;
    let delivered = new Map<TraceExporter, Delivery>();
    try {
      const { batchFor, sends, traceIds } = await compose(this.scope, this.#rules, drained, reason);
      report.traceIds = traceIds;
      // The raw snapshots go before the destinations are waited for.
      drained.spans = [];
      if (sends) delivered = await deliver(this.scope, exporters, batchFor, budgetMs, step);
    } catch {
      this.scope.fault('flush');
      drops.flush_failed = report.captured - sum(drops);
      // Nothing is owed any longer, so that a flush that fails each time is not tried for ever.
      for (const trace of this.scope.traces.values()) trace.owed = false;
    }
    hold(0);
    this.#flushing -= 1;
    this.#account(report, delivered, drops);
  }

  #account(report: FlushReport, delivered: Map<TraceExporter, Delivery>, dropped: Drops): void {
    const { exporters, onFlush, logFlushes } = this.#plan;
    for (const exporter of exporters) {
      const outcome: Delivery = { exported: 0, failed: 0, ...delivered.get(exporter) };
      report.destinations[exporter.name] = { ...outcome, dropped: { ...dropped } };
      this.#heard(exporter, delivered.get(exporter));
    }
    const onFault = (): void => {
      this.scope.fault('onFlush');
      report.faults = { ...this.scope.faults };
    };
    report.refused = { ...this.scope.refused };
    report.faults = { ...this.scope.faults };
    this.#total = this.#total ? mergeReports(this.#total, report) : report;
    const isTold = isWorthTelling(report);
    try {
      const called: unknown = isTold && onFlush?.(report);
      Promise.resolve(called).catch(onFault);
    } catch {
      onFault();
    }
    const isLoss = isLossy(report);
    if (isLoss || (isTold && logFlushes)) writeLine(report, isLoss);
    for (const observer of observers()) observer.flushed(this.scope, report);
  }

  /** A trace record that arrives tells of all that was captured before it, with spans or without. */
  #heard(exporter: TraceExporter, delivery: Delivery | undefined): void {
    if (!delivery) return;
    const { error, exported, failed } = delivery;
    if (error === undefined || exported > 0) this.#unheard.delete(exporter);
    else this.#unheard.set(exporter, (this.#unheard.get(exporter) ?? 0) + failed);
  }

  #sum(): FlushReport {
    return this.#total ?? emptyReport('response');
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

/** A lost record is never silent. */
function writeLine(report: FlushReport, isLoss: boolean): void {
  if (isLoss) console.error(JSON.stringify({ event: 'sluice_flush_incomplete', ...report }));
  // oxlint-disable-next-line no-console -- a log line is what was asked for
  else console.log(JSON.stringify({ event: 'sluice_flush', ...report }));
}

function sum(drops: Drops): number {
  return Object.values(drops).reduce((total, n) => total + n, 0);
}

/** SDK hooks must not do I/O, so what they ask for begins after they have returned. */
async function afterThisHook(work: () => Promise<unknown>): Promise<void> {
  await Promise.resolve();
  await work();
}
