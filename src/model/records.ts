/**
 * The records that every room shares, in the SDK's own wire shape (snake_case)
 * with Sluice's knowledge beside it, never inside it: an exporter that speaks
 * the SDK's format sends `object … error` and leaves the rest.
 */

/** A value that JSON can carry. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** What kind of work a span records; unknown kinds of later SDKs keep their name. */
type SpanKind =
  | 'agent'
  | 'task'
  | 'turn'
  | 'function'
  | 'generation'
  | 'response'
  | 'handoff'
  | 'guardrail'
  | 'custom'
  | 'mcp_tools'
  | 'transcription'
  | 'speech'
  | 'speech_group'
  | 'outcome'
  | (string & {});

/** Tokens of one span. Fields that the provider did not report are absent. */
export interface Usage {
  input_tokens?: number;
  output_tokens?: number;
  cached_input_tokens?: number;
  reasoning_tokens?: number;
}

/** Closed list of what an error was about, readable without its text. */
export type ErrorKind =
  | 'tool_error'
  | 'tool_rejected'
  | 'tool_arguments_invalid'
  | 'model_error'
  | 'guardrail_tripped'
  | 'max_turns'
  | 'multiple_handoffs'
  | 'run_error'
  | 'other';

/** Why a value was dropped that the policy wanted treated: no characters left to read, a function of the policy failed, or only its head was captured. */
export type DropCause = 'over_budget' | 'transform_failed' | 'cut';

/** Stands where content stood that the policy took out. */
export interface DroppedContent {
  /** Shape of the dropped value. */
  $dropped: 'string' | 'json' | 'unserializable';
  /** Length of the value's JSON in UTF-8 bytes. */
  bytes: number;
  /** First 16 hex digits of an HMAC-SHA-256 of the value, equal for equal values under the same key. */
  fingerprint?: string;
  /** Absent where the policy drops it. */
  reason?: DropCause;
}

/** What is known of a span without its content; it survives every policy. */
export interface SpanFacts {
  kind: SpanKind;
  /** Agent, tool, guardrail, or custom name, after the shape check. */
  name?: string;
  model?: string;
  usage?: Usage;
  /** True where `usage` enters the trace's totals (a task repeats its turns, a turn its generations). */
  counts_usage?: boolean;
  /** The provider's word for why generation ended: `stop`, `length`, `completed`, `incomplete` … */
  finish_reason?: string;
  refusal?: boolean;
  /** Whether a tool call's arguments parse as JSON. */
  arguments_valid?: boolean;
  /** Whether a tool's output that begins like JSON is JSON; absent for other text. */
  output_valid?: boolean;
  tool_calls?: number;
  handoff_from?: string;
  handoff_to?: string;
  guardrail_triggered?: boolean;
  turn?: number;
  max_turns?: number;
  error_kind?: ErrorKind;
  /** Class name of the error, letters only, where the SDK recorded one. */
  error_class?: string;
  /** Set on records of `trace.outcome()`. */
  outcome?: { name: string; passed: boolean; code?: string };
  /** Still open when it was exported: the end is unknown. */
  truncated?: boolean;
  /** Fields that a size budget cut, with the bytes that they had. */
  cut?: Record<string, number>;
}

/** A span as a destination receives it: after the policy. */
export interface SpanRecord {
  object: 'trace.span';
  id: string;
  trace_id: string;
  parent_id: string | null;
  /** ISO 8601, or null where the SDK gave none. */
  started_at: string | null;
  /** ISO 8601, or null where the span was still open. */
  ended_at: string | null;
  span_data: { type: string; [key: string]: Json };
  error: { message: string; data?: Json } | null;
  facts: SpanFacts;
  /** Content that the SDK keeps from its wire shape (a response's input, output, instructions, tools). */
  extra?: { [key: string]: Json };
}

/**
 * - `ok`: the runs ended and none of them failed
 * - `error`: a run, or the handler, failed
 * - `blocked`: a guardrail tripped
 * - `truncated`: work was still open when the deadline came
 * - `incomplete`: a step of work that goes on; the last word is still to come
 */
export type TraceStatus = 'ok' | 'error' | 'blocked' | 'truncated' | 'incomplete';

/** A trace as of one flush. */
export interface TraceRecord {
  object: 'trace';
  id: string;
  workflow_name: string;
  group_id: string | null;
  /** Flat; the declared keys only. */
  metadata: Record<string, string>;
  request_id: string | null;
  status: TraceStatus;
  /** Milliseconds since the epoch. */
  started_at: number;
  /** Milliseconds since the epoch; while work goes on, the time of the flush. */
  ended_at: number;
  /** The flush that carries this record, unique; redelivery repeats it. */
  flush_id: string;
  /** Counts the flushes of one trace in one request, from 0. */
  flush_seq: number;
  /** Inputs that were refused so far, by what they were (`group_id`, `metadata`, …). */
  refused?: Record<string, number>;
  /** Spans of this trace that the request has captured so far, whatever became of them. */
  captured?: number;
  /**
   * Whose word `captured` and `dropped` are: random, the same in all flushes of one trace in one
   * request or call, so that two services which were forwarded one request id are told apart.
   */
  scope_id?: string;
  /** Those of them that stayed behind, by reason. What is in neither and not in the store is missing. */
  dropped?: Record<string, number>;
  /** How many traces this one stands for in totals: 1 over its chance of being kept. @default 1 */
  sample_weight?: number;
}

/** What a destination receives in one export. */
export interface TraceBatch {
  /** Unique to the flush; the same for every destination and every retry. */
  id: string;
  traces: TraceRecord[];
  spans: SpanRecord[];
  /**
   * Spans of earlier requests of this isolate that this destination did not take and was
   * not told of yet, so that a loss shows where the traces are. Absent where there are none.
   */
  lost?: number;
}
