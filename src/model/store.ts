import type { Chunk } from './envelope.ts';
import type { SpanRecord, TraceStatus } from './records.ts';

/** One row of a list of traces. Times are milliseconds since the epoch. */
export interface StoredTrace {
  traceId: string;
  workflow: string;
  groupId: string | null;
  requestId: string | null;
  status: TraceStatus;
  startedAt: number;
  endedAt: number;
  spanCount: number;
  errorCount: number;
  inputTokens: number;
  outputTokens: number;
  metadata: Record<string, string>;
  /** Spans that the requests behind the trace say to have captured; null where their producer did not say. */
  captured: number | null;
  /** Those of them that stayed behind on purpose, by reason. */
  dropped: Record<string, number>;
  /** Spans that were captured, were not dropped, and are not here: on their way still, or lost. 0 where `captured` is null. */
  missing: number;
  /** How many traces this one stands for: 1 over its chance of being kept. */
  sampleWeight: number;
  /** Names of the tools that it called, in alphabetical order, at most 64. */
  tools: string[];
  /** What its errors were about, such as `tool_error`. */
  errorKinds: string[];
  /** Its tokens by model; they add up to `inputTokens` and `outputTokens`. */
  models: ModelUsage[];
}

/** Tokens of one model. */
export interface ModelUsage {
  /** As the provider names it, or empty where no span said. */
  model: string;
  inputTokens: number;
  /** Of `inputTokens`, those that the provider had cached. */
  cachedInputTokens: number;
  outputTokens: number;
  /** Of `outputTokens`, those that the model reasoned with. */
  reasoningTokens: number;
}

export interface StoredTraceWithSpans extends StoredTrace {
  /** In order of start; a span stored twice appears once. */
  spans: SpanRecord[];
  /** How many stored pieces could not be read and are missing from `spans`. Absent where all could. */
  unreadable?: number;
  /** How many stored spans are over what is read of one trace, 24 MB, and are not in `spans`. Absent where all were read. */
  left?: number;
}

export interface TraceQuery {
  /** 1 to 200. @default 50 */
  limit?: number;
  /** `next` of the page before. */
  cursor?: string;
  groupId?: string;
  requestId?: string;
  workflow?: string;
  status?: TraceStatus;
  /** Milliseconds since the epoch, inclusive. */
  from?: number;
  /** Milliseconds since the epoch, exclusive. */
  to?: number;
  /** Values that the metadata must have, such as `{ release: '7', prompt_version: 'b' }`. */
  metadata?: Record<string, string>;
  /** The name of a tool that it called. */
  tool?: string;
  /** What one of its errors was about, such as `tool_error`. */
  errorKind?: string;
  /** A model that it used, or its `model_alias`. */
  model?: string;
  minDurationMs?: number;
  /** Input and output together. */
  minTokens?: number;
}

export interface TracePage {
  traces: StoredTrace[];
  /** Present when there may be more. */
  next?: string;
  /**
   * Present when a filter without an index has looked at as many traces as one page may, and
   * found less than a page: how far back it got, in milliseconds since the epoch. `next` looks further.
   */
  searchedBackTo?: number;
}

export interface HourlyQuery {
  /** Milliseconds since the epoch: from the start of the hour, or with `hours: 24` of the day, that this is in. */
  from?: number;
  /** Milliseconds since the epoch, exclusive: to the end of the hour, or day, that the millisecond before is in. */
  to?: number;
  workflow?: string;
  /** How many hours an entry stands for: a whole day, in UTC, where a week or more is looked at. @default 1 */
  hours?: 1 | 24;
}

/** One hour, or day, of one workflow, in UTC. Traces go on counting when they are pruned. */
export interface HourlyTotals {
  /** Its start, in milliseconds since the epoch. */
  hour: number;
  workflow: string;
  /** Stored traces, each in the hour in which it began. */
  traces: number;
  /** How many traces they stand for, where sampling left some behind. */
  tracesEstimated: number;
  /** Of `tracesEstimated`, how many have each status. */
  statuses: Partial<Record<TraceStatus, number>>;
  /** Of `tracesEstimated`, how many took about so many milliseconds: pairs within 9 % of the truth, shortest first. */
  durations: [milliseconds: number, traces: number][];
}

export interface HourlyPage {
  /** Newest first; hours without anything are absent. */
  hours: HourlyTotals[];
  /** False where the range has more than 5,000 of them, of which these are the newest. */
  complete: boolean;
}

export interface UsageQuery extends HourlyQuery {
  /** What to add up by. */
  by: 'workflow' | 'model' | 'release' | 'day';
}

/** Tokens of one model under one alias, added up by what was asked for. */
export interface UsageTotals extends ModelUsage {
  /** The workflow, model, release or day (`YYYY-MM-DD`, UTC); empty where it was not said. */
  key: string;
  /** The metadata's `model_alias`, or empty. */
  modelAlias: string;
}

/** What `spansOf` found. */
export interface SpansPage {
  /** By trace id; a trace of which nothing is stored is absent. */
  spans: Map<string, SpanRecord[]>;
  /** Traces that the byte budget left out. */
  left: string[];
}

export interface TotalsQuery {
  /** Milliseconds since the epoch: from the day that this is in. */
  from?: number;
  /** Milliseconds since the epoch, exclusive: to the day that the millisecond before is in. */
  to?: number;
}

/** One day of all workflows. A chunk counts once, however often it is delivered, and goes on counting when its trace is pruned. */
export interface DailyTotals {
  /** `YYYY-MM-DD`, UTC: the day on which the traces and the requests behind them began. */
  day: string;
  /** Stored traces, each on the day of its first request. */
  traces: number;
  /** How many traces they stand for, those included that head sampling left out. */
  tracesEstimated: number;
  /** Stored spans. */
  spans: number;
  spansEstimated: number;
  /** Spans with an error; such traces are always kept, so there is nothing to estimate. */
  errors: number;
  inputTokens: number;
  inputTokensEstimated: number;
  outputTokens: number;
  outputTokensEstimated: number;
  /** Spans that the stored traces' requests say to have captured; where they do not say, those that are stored. */
  captured: number;
  /** Those of them that stayed behind on purpose, by reason. */
  dropped: Record<string, number>;
  /** Captured, not dropped, and not stored: on their way still, or lost. */
  missing: number;
  /** Spans that a producer could not deliver and that a later chunk of its isolate told of. */
  lost: number;
  /** Messages that reached a dead-letter consumer on that day. */
  deadLetters: number;
}

/** Where the consumer writes and the viewer reads. */
export interface TraceStore {
  /**
   * Writes chunks; a chunk that is already there changes nothing.
   *
   * @throws SluiceError `missing_schema` when the migrations have not run, `store_failed` otherwise.
   */
  write(chunks: readonly Chunk[]): Promise<void>;
  /** Newest first, keyset-paginated. */
  listTraces(query?: TraceQuery): Promise<TracePage>;
  getTrace(traceId: string): Promise<StoredTraceWithSpans | undefined>;
  /**
   * The spans of several traces, whole traces in the order asked for, until the budget of stored bytes is used.
   *
   * @param limit.bytes at most 20,000,000 @default 4,000,000
   */
  spansOf(traceIds: readonly string[], limit?: { bytes?: number }): Promise<SpansPage>;
  /** What came in, day by day, newest first; days without anything are absent. */
  totals(query?: TotalsQuery): Promise<DailyTotals[]>;
  /**
   * Traces hour by hour and workflow by workflow, with their statuses and durations. Entries are
   * whole: with `hours: 24` the first has all of the UTC day that `from` is in, up to a day before it.
   */
  hourly(query?: HourlyQuery): Promise<HourlyPage>;
  /**
   * Tokens by model over whole hours, as they were stored; sampling is not made up for. With
   * `hours: 24` over whole UTC days: those of the day that `from` is in count from its start, up to
   * a day before `from`. Pass the start of a day, or ask for single hours, where that matters.
   */
  usage(query: UsageQuery): Promise<UsageTotals[]>;
  /**
   * Deletes traces that started before `before` (milliseconds since the epoch),
   * and dead letters that were received before it. Totals stay.
   *
   * @returns how many traces went.
   */
  prune(before: number): Promise<number>;
}

/** Where a dead letter has still to go: into the store, to exporters, or both. */
export type LetterOwed = 'store' | 'exporters' | 'both';

/** A message that its queue's consumer could not deliver, as it is kept. */
export interface DeadLetter {
  /** The queue that it was in last, whose name with the message's id is the letter's identity. */
  queue: string;
  messageId: string;
  /** What kept it from being delivered, with a code and without content. */
  reason: string;
  /** Deliveries of the dead-letter queue so far. */
  attempts: number;
  /** Milliseconds since the epoch. */
  receivedAt: number;
  owedTo: LetterOwed;
  /** The message's body as JSON, hostile as any input; null where all of it is delivered. */
  body: string | null;
  /** Whether `body` is only the beginning of what came, or stands for what has no JSON. */
  cut: boolean;
}

export interface DeadLetterQuery {
  /** 1 to 50, as bodies come along. @default 50 */
  limit?: number;
  /** `next` of the page before. */
  cursor?: string;
}

export interface DeadLetterPage {
  letters: DeadLetter[];
  /** Present when there may be more. */
  next?: string;
}

/** Where a dead-letter consumer keeps what could not be delivered. */
export interface DeadLetterStore {
  /**
   * Notes letters, and raises the day's count by those that are new. A letter that is
   * known already changes nothing.
   */
  bury(letters: readonly DeadLetter[]): Promise<void>;
  /** Letters that are still owed, oldest first. */
  deadLetters(query?: DeadLetterQuery): Promise<DeadLetterPage>;
  /** How many letters are still owed. */
  countDeadLetters(): Promise<number>;
  /** Lets go of the bodies of letters that have arrived. That there were letters stays known, so none counts twice. */
  settle(letters: readonly Pick<DeadLetter, 'queue' | 'messageId'>[]): Promise<void>;
}
