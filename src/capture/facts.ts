import type { NameCheck } from '../model/captured.ts';
import { SDK_MESSAGES } from '../model/error-text.ts';
import { isJson, wholeJson } from '../model/json-text.ts';
import type { ErrorKind, Json, SpanFacts, Usage } from '../model/records.ts';

/** Plain JSON of which nothing is known: any path may lead nowhere. */
interface Loose {
  [key: string]: Loose | undefined;
}

/** What failed, by the class of the error or, where the message is not the SDK's own, by the kind of span. */
const ERROR_KINDS: Record<string, ErrorKind> = {
  MaxTurnsExceededError: 'max_turns',
  InputGuardrailTripwireTriggered: 'guardrail_tripped',
  OutputGuardrailTripwireTriggered: 'guardrail_tripped',
  InvalidToolInputError: 'tool_arguments_invalid',
  generation: 'model_error',
  response: 'model_error',
  function: 'tool_error',
  task: 'run_error',
  agent: 'run_error',
};

const REJECTED = /^Tool execution for \S+ was manually rejected by user\.$/;

/** The runner's own error replaces the one that had the limit as data. */
const MAX_TURNS = /^MaxTurnsExceededError: Max turns \((\d{1,9})\) exceeded$/;

/** Class names are identity, like tool names; letters only, so that no key or number can pass for one. */
const ERROR_CLASS = /^([A-Z][A-Za-z]{0,47}(?:Error|Exception|Exceeded|Triggered))(?::|$)/;

/** A reason is one word of the provider's; a sentence would be content. */
const WORD = /^[a-z_]{1,32}$/i;

/**
 * What is known of a span without its content, read before any of it is dropped.
 *
 * @param names the fields that are identity in a span of this kind
 */
export function readFacts(
  kind: string,
  fields: Json,
  names: string[],
  error: Json | undefined,
  isSafeName: NameCheck,
): SpanFacts {
  const data = fields as unknown as Loose;
  const known: Loose = Object.fromEntries(names.map((key) => [key, data[key]]));
  const name: FirstName = (...found) =>
    found.find((text): text is string => typeof text === 'string' && isSafeName(text));
  const answer =
    kind === 'generation'
      ? data['output']?.[0]
      : kind === 'response'
        ? data['_response']
        : undefined;
  const { model, usage, ...answered } = answerFacts(answer, name);
  return defined<SpanFacts>({
    kind,
    name: name(known['name'], known['agent_name']),
    model: model ?? name(known['model']),
    usage: usageOf(known['usage']) ?? usage,
    ...answered,
    ...(kind === 'function' && {
      arguments_valid: parses(data['input']),
      output_valid: wholeJson(data['output']),
    }),
    handoff_from: name(known['from_agent']),
    handoff_to: name(known['to_agent']),
    guardrail_triggered:
      kind === 'guardrail' ? known['triggered'] === (true as unknown) : undefined,
    turn: count(known['turn']),
    outcome: kind === 'outcome' ? outcomeOf(known, name) : undefined,
    ...(error && errorFacts(kind, error as unknown as Loose, name)),
  });
}

function outcomeOf({ name, passed, code }: Loose, safe: FirstName): SpanFacts['outcome'] {
  const known = safe(name);
  return known
    ? defined({ name: known, passed: passed === (true as unknown), code: safe(code) })
    : undefined;
}

/** The first of the values that is a name which may leave. */
type FirstName = (...found: unknown[]) => string | undefined;

/** What a model's answer says of itself: a completion, or a response. */
function answerFacts(answer: Loose | undefined, name: FirstName): Partial<SpanFacts> {
  const choice = answer?.['choices']?.[0];
  const reasons = [
    choice?.['finish_reason'],
    answer?.['incomplete_details']?.['reason'],
    answer?.['status'],
  ];
  const output = list(answer?.['output']);
  const calls = [
    ...list(choice?.['message']?.['tool_calls']).map((call) => call?.['function']),
    ...output.filter((item) => textOf(item?.['type']) === 'function_call'),
  ].map((call) => call?.['arguments']);
  const validity = calls.map(parses).filter((valid) => valid !== undefined);
  const parts = output.flatMap((item) => list(item?.['content']));
  const refused = parts.some((part) => textOf(part?.['type']) === 'refusal');
  return {
    model: name(answer?.['model']),
    usage: usageOf(answer?.['usage']),
    finish_reason: name(...reasons.filter((reason) => WORD.test(textOf(reason)))),
    refusal: refused || !!choice?.['message']?.['refusal'] || undefined,
    tool_calls: calls.length || undefined,
    arguments_valid: validity.length > 0 ? validity.every(Boolean) : undefined,
  };
}

function defined<T extends object>(facts: T): T {
  return Object.fromEntries(Object.entries(facts).filter(([, fact]) => fact !== undefined)) as T;
}

function list(value: unknown): (Loose | undefined)[] {
  return Array.isArray(value) ? (value as Loose[]) : [];
}

/** Whether a text parses as JSON; unknown for the empty text, which is what the SDK leaves when it withholds content. */
function parses(text: unknown): boolean | undefined {
  return typeof text === 'string' && text ? isJson(text) : undefined;
}

function count(...found: unknown[]): number | undefined {
  return found.find((value): value is number => typeof value === 'number' && value >= 0);
}

/** Reads the three spellings: the SDK's spans, Responses, and Chat Completions. */
function usageOf(usage: Loose | undefined): Usage | undefined {
  const details = { ...usage?.['details'], ...usage };
  const found = defined<Usage>({
    input_tokens: count(usage?.['input_tokens'], usage?.['prompt_tokens']),
    output_tokens: count(usage?.['output_tokens'], usage?.['completion_tokens']),
    cached_input_tokens: count(
      usage?.['cached_input_tokens'],
      details['input_tokens_details']?.['cached_tokens'],
      details['prompt_tokens_details']?.['cached_tokens'],
    ),
    reasoning_tokens: count(
      details['output_tokens_details']?.['reasoning_tokens'],
      details['completion_tokens_details']?.['reasoning_tokens'],
    ),
  });
  return Object.keys(found).length > 0 ? found : undefined;
}

/** The value where it is a text: plain JSON may have a `toString` that is no function. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function errorFacts(kind: string, { message, data }: Loose, name: FirstName): Partial<SpanFacts> {
  const detail = textOf(data?.['error']);
  const text = textOf(message);
  const [, errorClass = ''] = ERROR_CLASS.exec(detail) ?? ERROR_CLASS.exec(text) ?? [];
  return {
    error_kind: REJECTED.test(detail)
      ? 'tool_rejected'
      : (own(ERROR_KINDS, errorClass) ??
        own(SDK_MESSAGES, text) ??
        own(ERROR_KINDS, kind) ??
        'other'),
    error_class: name(errorClass),
    max_turns: count(data?.['max_turns'], Number(MAX_TURNS.exec(detail)?.[1])),
  };
}

/** Keys come from the application, so `constructor` must not find what every object inherits. */
export function own<T>(table: Record<string, T>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
