import type { Span, SpanData, Trace } from '@openai/agents';
import type { Snapshot } from '../model/captured.ts';
import type { DropReason } from '../model/exporter.ts';
import { MAX_BUFFERED_BYTES } from '../model/limits.ts';
import { changeHolding, mayHold, newHolding } from './holding.ts';
import { snapshotOf } from './snapshot.ts';
import { TraceState } from './trace-state.ts';
import type { TraceIdentity } from './trace-state.ts';

export interface ScopeOptions {
  requestId: string;
  root: TraceIdentity;
  now: () => number;
  /** Who a trace is that the application opened itself inside this scope. */
  adopt: (trace: Trace | undefined, traceId: string) => TraceIdentity;
  /** A flush in steps begins past these. */
  maxSpans: number;
  maxBytes: number;
  stepMs: number;
}

/** What wakes the request that owns a scope. Called from inside SDK hooks: they must not do I/O at once. */
export interface ScopeListener {
  /** It is time for a step: enough has gathered, or what has gathered has waited long enough. */
  full(why: 'size' | 'time'): void;
  /** Something came after the scope had flushed. */
  late(): void;
}

export type Drops = Partial<Record<DropReason, number>>;

/** What a flush takes out of a scope. */
export interface Drained {
  spans: Snapshot[];
  /** Records that were dropped since the last flush, by reason. */
  drops: Drops;
  /** Says how many bytes the flush still holds; they count against what the scope may buffer. */
  hold: (bytes: number) => void;
}

/** A record that no SDK span stands behind, such as an outcome. */
export type OwnRecord = Pick<Snapshot, 'id' | 'traceId' | 'parentId' | 'startedAt' | 'json'>;

interface OpenSpan {
  span: Span<SpanData>;
  started: number;
  turnId: string | undefined;
}

/**
 * All that one request captures. Scopes share nothing: no buffer, no promise,
 * no timer; what dies with a request takes nothing from another.
 */
export class Scope {
  readonly options: ScopeOptions;
  readonly traces: Map<string, TraceState> = new Map();
  readonly root: TraceState;
  readonly open: Map<string, OpenSpan> = new Map();
  /** Refused inputs and absorbed faults, by kind; cumulative. */
  readonly refused: Record<string, number> = {};
  readonly faults: Record<string, number> = {};
  listener: ScopeListener | undefined;
  /** What the flush waits for. */
  stage: 'handler' | 'body' | 'runs' | 'destinations' = 'handler';
  /** True between the last flush and whatever comes after it. */
  resting = false;
  /** Whether the SDK reported this scope's own trace to our processor. */
  sawStart = false;
  lastActiveAt: number;

  #held = 0;
  #buffer: Snapshot[] = [];
  #bytes = 0;
  #inFlight = 0;
  readonly #holding = newHolding();
  #drainedAt: number;
  #drops: Drops = {};
  readonly #exportedOpen = new Set<string>();
  #order = 0;
  #waiters: (() => void)[] = [];

  constructor(options: ScopeOptions) {
    this.options = options;
    this.lastActiveAt = options.root.startedAt;
    this.#drainedAt = options.root.startedAt;
    this.root = new TraceState(options.root);
    this.traces.set(options.root.id, this.root);
  }

  traceStarted(trace: Trace): void {
    this.sawStart ||= trace.traceId === this.root.identity.id;
    this.#trace(trace.traceId, trace).active = true;
    this.stirred();
  }

  traceEnded(trace: Trace): void {
    const state = this.#trace(trace.traceId, trace);
    state.active = false;
    this.#wake();
    state.endedAt = this.lastActiveAt;
  }

  spanStarted(span: Span<SpanData>): void {
    this.#trace(span.traceId);
    const parent = this.open.get(span.parentId ?? '');
    const opened: OpenSpan = { span, started: this.#order++, turnId: parent?.turnId };
    this.open.set(span.spanId, opened);
    this.stirred();
    // Last, as the data is the application's and may throw.
    if (parent?.span.spanData.type === 'turn') opened.turnId = parent.span.spanId;
  }

  spanEnded(span: Span<SpanData>): void {
    if (this.#exportedOpen.delete(span.spanId)) {
      const trace = this.#trace(span.traceId);
      trace.captured += 1;
      this.drop(trace, 'already_truncated');
    } else this.#close(span, false);
    this.#gathered();
  }

  add(record: OwnRecord): void {
    const position = { started: this.#order, ended: this.#order++, truncated: false };
    this.#push({ ...record, ...position, endedAt: record.startedAt, bytes: record.json.length });
    this.#gathered();
  }

  /**
   * Declares work that the flush has to wait for.
   *
   * @returns what to call, once, when the work has ended.
   */
  hold(): () => void {
    this.#held += 1;
    return () => {
      this.#held -= 1;
      this.#wake();
    };
  }

  /** Nothing is open but the scope's own trace. */
  isQuiet(): boolean {
    if (this.open.size > 0 || this.#held > 0) return false;
    return [...this.traces.values()].every((trace) => trace === this.root || !trace.active);
  }

  /** Resolves at the next event of this scope. Made anew for each wait, by the request that waits. */
  nextChange(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** Takes the finished records out, each once. */
  drain(): Drained {
    let held = 0;
    const hold = (bytes: number): void => {
      this.#inFlight += bytes - held;
      changeHolding(this.#holding, bytes - held, this.options.now());
      held = bytes;
    };
    // What was buffered is in flight from here on.
    held = this.#bytes;
    this.#inFlight += held;
    const drained = { spans: this.#buffer, drops: this.#drops, hold };
    this.#buffer = [];
    this.#bytes = 0;
    this.#drops = {};
    this.#drainedAt = this.options.now();
    return drained;
  }

  /** Counts a record that stays behind. */
  drop(trace: TraceState, reason: DropReason): void {
    count(this.#drops, reason);
    count(trace.dropped, reason);
  }

  /** Moves what is still open into the buffer, marked, the innermost first. Should one end after all, that is counted. */
  truncateOpen(): void {
    for (const trace of this.traces.values()) trace.truncated ||= trace.active;
    for (const { span } of [...this.open.values()].toReversed()) {
      this.#close(span, true);
      this.#exportedOpen.add(span.spanId);
    }
  }

  hasRecords(): boolean {
    return this.#buffer.length > 0 || Object.keys(this.#drops).length > 0;
  }

  refuse(kind: string): void {
    count(this.refused, kind);
  }

  fault(where: string): void {
    count(this.faults, where);
  }

  #close(span: Span<SpanData>, truncated: boolean): void {
    const { started = 0, turnId } = this.open.get(span.spanId) ?? {};
    this.open.delete(span.spanId);
    const position = {
      started,
      ended: this.#order++,
      truncated,
      ...(turnId !== undefined && { turnId }),
    };
    this.#push(snapshotOf(span, position));
  }

  #push(snapshot: Snapshot): void {
    const trace = this.#trace(snapshot.traceId);
    trace.workedUntil = Math.max(trace.workedUntil, this.options.now());
    trace.endedAt = Math.max(trace.endedAt, trace.workedUntil);
    trace.captured += 1;
    const { bytes } = snapshot;
    const now = this.options.now();
    const isFull = this.#inFlight + this.#bytes + bytes > MAX_BUFFERED_BYTES;
    if (isFull || !mayHold(this.#holding, bytes, now)) {
      this.drop(trace, 'buffer_full');
      return;
    }
    changeHolding(this.#holding, bytes, now);
    this.#buffer.push(snapshot);
    this.#bytes += bytes;
  }

  #trace(traceId: string, trace?: Trace): TraceState {
    let state = this.traces.get(traceId);
    if (!state) {
      state = new TraceState(this.options.adopt(trace, traceId));
      state.active = trace !== undefined;
      this.traces.set(traceId, state);
    }
    return state;
  }

  #gathered(): void {
    this.stirred();
    const { maxBytes, maxSpans, stepMs } = this.options;
    if (this.#buffer.length >= maxSpans || this.#bytes >= maxBytes) this.listener?.full('size');
    else if (this.lastActiveAt - this.#drainedAt >= stepMs) this.listener?.full('time');
  }

  #wake(): void {
    this.lastActiveAt = this.options.now();
    for (const wake of this.#waiters.splice(0)) wake();
  }

  /** Something came that a flush has to carry. */
  stirred(): void {
    this.#wake();
    if (!this.resting) return;
    this.resting = false;
    this.listener?.late();
  }
}

/** Kinds may come from hostile input, so there is an end to how many are told apart. */
const MAX_KINDS = 32;

export function count(counts: Record<string, number>, kind: string): void {
  const known = Object.hasOwn(counts, kind) || Object.keys(counts).length < MAX_KINDS;
  const key = known ? kind : 'other';
  counts[key] = (counts[key] ?? 0) + 1;
}
