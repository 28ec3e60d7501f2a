/** Reads one stored span. A store holds what was sent, so any field may be anything. */
import type { Json } from '../model/records.ts';

/** What the rules know of a span. */
export interface Step {
  /** As it was stored. */
  readonly span: unknown;
  readonly id: string;
  readonly kind: string;
  readonly name: string | undefined;
  /** Milliseconds since the epoch; `Infinity` where it is not known, so that it sorts last. */
  readonly start: number;
  /** Null where the end is not known. */
  readonly end: number | null;
  readonly failed: boolean;
  /** It had not come to its end when it was written. */
  readonly open: boolean;
  /** Marked as still open when it was written. */
  readonly truncated: boolean;
  readonly facts: StepFacts;
  readonly input: Json | undefined;
  readonly output: Json | undefined;
  /** How many handovers were asked for at once, where the SDK took one of several. */
  readonly requestedAgents: number;
  readonly parentId: string | null;
  /** Set by the view: */
  parent: Step | null;
  children: Step[];
  /** The agent whose work this is; itself for an agent. */
  agent: Step | null;
  /** The run of the SDK that this is part of; itself for a task. */
  task: Step | null;
  /** The tool's call inside of which this happens. */
  within: Step | null;
  /** The outermost run around it, which tells how it all ended; itself where there is none. */
  outermost: Step | null;
  /** Whether it ended well, and all that it is part of up to a tool's call. */
  allWell: boolean;
  /** Place in the order of start. */
  order: number;
}

interface StepFacts {
  readonly model: string | undefined;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  readonly countsUsage: boolean;
  readonly finishReason: string | undefined;
  readonly refusal: boolean;
  readonly argumentsValid: boolean | undefined;
  readonly outputValid: boolean | undefined;
  readonly toolCalls: number;
  readonly handoffFrom: string | undefined;
  readonly handoffTo: string | undefined;
  readonly guardrailTriggered: boolean;
  readonly maxTurns: number | undefined;
  readonly errorKind: string | undefined;
  readonly errorClass: string | undefined;
  readonly outcome: { name: string; passed: boolean; code: string | undefined } | undefined;
}

/** The span as a step, or undefined where it has no identity to speak of. */
export function readStep(span: unknown): Step | undefined {
  const record = fieldsOf(span);
  const facts = fieldsOf(record['facts']);
  const data = fieldsOf(record['span_data']);
  const kind = text(facts['kind']) ?? text(data['type']);
  const id = text(record['id']);
  if (id === undefined || kind === undefined) return undefined;
  const end = time(record['ended_at']);
  const error = fieldsOf(record['error']);
  const truncated = facts['truncated'] === true;
  return {
    span,
    id,
    kind,
    name: text(facts['name']) ?? text(fieldsOf(facts['outcome'])['name']),
    start: time(record['started_at']) ?? Infinity,
    end: truncated ? null : end,
    open: truncated || (end === null && !showsEnd(record, facts, data)),
    truncated,
    failed: isPresent(record['error']) || text(facts['error_kind']) !== undefined,
    facts: readFacts(facts),
    input: data['input'] as Json | undefined,
    output: data['output'] as Json | undefined,
    requestedAgents: listLength(fieldsOf(error['data'])['requested_agents']),
    parentId: text(record['parent_id']) ?? null,
    parent: null,
    children: [],
    agent: null,
    task: null,
    within: null,
    outermost: null,
    allWell: false,
    order: 0,
  };
}

/** Not all tracers write when a span ended; what came of it tells as well that it did. */
function showsEnd(record: Fields, facts: Fields, data: Fields): boolean {
  const signs = [record['error'], facts['finish_reason'], facts['usage'], data['output']];
  return signs.some(isPresent);
}

function readFacts(facts: Fields): StepFacts {
  const usage = fieldsOf(facts['usage']);
  return {
    model: text(facts['model']),
    inputTokens: count(usage['input_tokens']),
    outputTokens: count(usage['output_tokens']),
    countsUsage: facts['counts_usage'] === true,
    finishReason: code(facts['finish_reason'])?.toLowerCase(),
    refusal: facts['refusal'] === true,
    argumentsValid: flag(facts['arguments_valid']),
    outputValid: flag(facts['output_valid']),
    toolCalls: count(facts['tool_calls']) ?? 0,
    handoffFrom: text(facts['handoff_from']),
    handoffTo: text(facts['handoff_to']),
    guardrailTriggered: facts['guardrail_triggered'] === true,
    maxTurns: count(facts['max_turns']),
    errorKind: code(facts['error_kind']),
    errorClass: code(facts['error_class']),
    outcome: readOutcome(fieldsOf(facts['outcome'])),
  };
}

function readOutcome(outcome: Fields): StepFacts['outcome'] {
  const name = text(outcome['name']);
  const passed = flag(outcome['passed']);
  if (name === undefined || passed === undefined) return undefined;
  return { name, passed, code: text(outcome['code']) };
}

type Fields = { readonly [key: string]: unknown };

const NONE: Fields = Object.freeze({});

/** The fields of an object, and none of anything else. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : NONE;
}

/** Longer than any name of a class, and short enough for whatever is looked for in it. */
const MAX_CODE_CHARACTERS = 200;

function code(value: unknown): string | undefined {
  return text(value)?.slice(0, MAX_CODE_CHARACTERS);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function flag(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER
    ? value
    : undefined;
}

function time(value: unknown): number | null {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function listLength(value: unknown): number {
  return Array.isArray(value) ? value.length : 0;
}
