import type { Snapshot } from '../model/captured.ts';
import type { SpanFacts, TraceRecord, TraceStatus } from '../model/records.ts';

/** Who a trace is. */
export interface TraceIdentity {
  id: string;
  workflow: string;
  groupId: string | null;
  metadata: Record<string, string>;
  /** Milliseconds since the epoch. */
  startedAt: number;
}

/** Follows one trace: who it is, how it stands, when it ended. */
export class TraceState {
  readonly identity: TraceIdentity;
  /** Between the SDK's `onTraceStart` and `onTraceEnd`. */
  active = true;
  endedAt: number;
  /** When its last span ended; a client may go on reading for long. */
  workedUntil: number;
  /** Spans that ended, whatever became of them; and those that stayed behind, by reason. */
  captured = 0;
  readonly dropped: Record<string, number> = {};
  spanCount = 0;
  errorCount = 0;
  guardrailTripped = false;
  truncated = false;
  inputTokens = 0;
  outputTokens = 0;
  flushSeq = 0;
  /** Set by the first flush that sends the trace: 1 over its chance of being sent. */
  sampleWeight: number | undefined;
  /** The last record that went out was not the last word. */
  owed = false;
  /** The request around the runs failed: its handler threw, or its body broke off. */
  requestFailed = false;
  #failedAt: number | undefined;
  #scopeId: string | undefined;
  /** Tokens that were counted inside turns that have not ended. */
  readonly #usedBelow = new Map<string, { input_tokens: number; output_tokens: number }>();

  constructor(identity: TraceIdentity) {
    this.identity = identity;
    this.endedAt = identity.startedAt;
    this.workedUntil = identity.startedAt;
  }

  /**
   * Takes in a span, in the order of ends. A trace fails by its outermost spans:
   * an inner failure that the run recovered from is an error to count, not a failed
   * trace; an outermost span that began after a failure and succeeded is a retry.
   */
  add(facts: SpanFacts, snapshot: Snapshot): void {
    const { parentId, started, ended } = snapshot;
    this.spanCount += 1;
    this.guardrailTripped ||= facts.guardrail_triggered === true;
    this.truncated ||= facts.truncated === true;
    this.#countUsage(facts, snapshot);
    const failed = facts.error_kind !== undefined;
    if (failed) this.errorCount += 1;
    if (parentId !== null || facts.kind === 'outcome') return;
    if (failed) this.#failedAt = ended;
    else if (started > (this.#failedAt ?? Infinity)) this.#failedAt = undefined;
  }

  status(): TraceStatus {
    if (this.truncated) return 'truncated';
    if (this.#failedAt === undefined && !this.requestFailed) return 'ok';
    return this.guardrailTripped ? 'blocked' : 'error';
  }

  /** The trace as of a flush. */
  toRecord(
    flushId: string,
    requestId: string,
    incomplete: boolean,
    refused: Record<string, number>,
  ): TraceRecord {
    const { id, workflow, groupId, metadata, startedAt } = this.identity;
    this.owed = incomplete;
    return {
      object: 'trace',
      id,
      workflow_name: workflow,
      group_id: groupId,
      metadata: { ...metadata },
      request_id: requestId,
      status: incomplete ? 'incomplete' : this.status(),
      started_at: startedAt,
      ended_at: this.endedAt,
      flush_id: flushId,
      flush_seq: this.flushSeq++,
      refused: { ...refused },
      captured: this.captured,
      // Unique and fresh as it is, the first flush's id names them all.
      scope_id: (this.#scopeId ??= flushId),
      dropped: { ...this.dropped },
      sample_weight: this.sampleWeight ?? 1,
    };
  }

  /**
   * A task repeats its turns, and a turn its generations and the runs of agents
   * served as tools: each token counts where it was spent, and at a turn only what
   * nothing inside it has said (a failed try, or the SDK withheld the content).
   */
  #countUsage(facts: SpanFacts, { id, turnId }: Snapshot): void {
    const below = this.#usedBelow.get(id) ?? { input_tokens: 0, output_tokens: 0 };
    this.#usedBelow.delete(id);
    const rest = { input_tokens: 0, output_tokens: 0 };
    if (facts.usage && facts.kind !== 'task') {
      for (const key of TOKENS) rest[key] = Math.max(0, (facts.usage[key] ?? 0) - below[key]);
      if (rest.input_tokens + rest.output_tokens > 0) {
        facts.counts_usage = true;
        if (facts.kind === 'turn') Object.assign(facts.usage, rest);
      }
    }
    this.inputTokens += rest.input_tokens;
    this.outputTokens += rest.output_tokens;
    if (turnId === undefined) return;
    const around = this.#usedBelow.get(turnId) ?? { input_tokens: 0, output_tokens: 0 };
    for (const key of TOKENS) around[key] += below[key] + rest[key];
    this.#usedBelow.set(turnId, around);
  }
}

const TOKENS = ['input_tokens', 'output_tokens'] as const;
