import { ERROR_IDENTITY, isDroppedMessage, SDK_MESSAGES } from '../model/error-text.ts';
import type { DroppedContent, SpanRecord } from '../model/records.ts';
import type { ValuePath } from './value-path.ts';

/** A part of a span that the panel shows under a heading. */
export interface Section {
  title: string;
  path: ValuePath;
  value: unknown;
}

/** What a section is called; all else goes by its key. */
const TITLES: Readonly<Record<string, string>> = {
  input: 'Input',
  output: 'Output',
  instructions: 'Instructions',
  tools: 'Tools offered',
  data: 'Data',
  model_config: 'Model settings',
  handoffs: 'Handoffs offered',
  result: 'Result',
  output_type: 'Output type',
};

/** In this order; what is not listed comes after. */
const ORDER = [
  'instructions',
  'input',
  'output',
  'data',
  'result',
  'tools',
  'handoffs',
  'output_type',
  'model_config',
];

/** These are in the panel's table of facts already. */
const IN_FACTS = new Set([
  'type',
  'name',
  'model',
  'usage',
  'agent_name',
  'turn',
  'triggered',
  'from_agent',
  'to_agent',
  'sdk_span_type',
  'response_id',
  'passed',
  'code',
]);

/** Content of a span, wherever it stands in the record. */
export function sectionsOf(span: SpanRecord): Section[] {
  const places: [ValuePath, unknown][] = [
    [['span_data'], span.span_data],
    [['extra'], span.extra ?? {}],
  ];
  const sections: Section[] = [];
  for (const [path, fields] of places) {
    for (const [key, value] of Object.entries(Object(fields) as Record<string, unknown>)) {
      // Tasks, turns and outcomes are `custom` on the wire, with what they are in `data`.
      const isWrapper = key === 'data' && path[0] === 'span_data' && isWrapped(value);
      if (IN_FACTS.has(key) || isWrapper || value === null || value === undefined) continue;
      sections.push({
        title: Object.hasOwn(TITLES, key) ? (TITLES[key] ?? key) : key,
        path: [...path, key],
        value,
      });
    }
  }
  const place = ({ path }: Section): number => {
    const at = ORDER.indexOf(String(path[1]));
    return at === -1 ? ORDER.length : at;
  };
  return sections.toSorted((a, b) => place(a) - place(b));
}

function isWrapped(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'sdk_span_type');
}

export function asDropped(value: unknown): DroppedContent | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, '$dropped'))
    return undefined;
  const { $dropped, bytes } = value as Partial<DroppedContent>;
  return typeof $dropped === 'string' && typeof bytes === 'number'
    ? (value as DroppedContent)
    : undefined;
}

/** Whether any of the spans has content that the policy has kept: what an audit is about. */
export function hasContent(spans: readonly SpanRecord[]): boolean {
  return spans.some(
    (span) =>
      sectionsOf(span).some(({ value }) => !asDropped(value)) ||
      (span.error !== null && isContent(span.error)),
  );
}

/** What the SDK itself says of an error, such as “Max turns exceeded”, is no content. */
function isContent({ message, data }: NonNullable<SpanRecord['error']>): boolean {
  const isOwnWords =
    typeof message !== 'string' ||
    isDroppedMessage(message) ||
    Object.hasOwn(SDK_MESSAGES, message);
  return !isOwnWords || (data !== undefined && data !== null && !isWithout(data));
}

/** Nothing but identity, and what stands for dropped content. */
function isWithout(data: unknown): boolean {
  if (asDropped(data)) return true;
  return (
    typeof data === 'object' &&
    data !== null &&
    Object.entries(data).every(([key, item]) => ERROR_IDENTITY.includes(key) || asDropped(item))
  );
}

/** One message of a conversation with a model. */
export interface Message {
  role: string;
  /** A tool that it calls or answers, or undefined. */
  tool?: string;
  path: ValuePath;
  content: unknown;
}

/** A value as messages, where it is a list of them in one of the shapes that the SDK writes. */
export function messagesIn(value: unknown, path: ValuePath): Message[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const messages = value.flatMap((item: unknown, index) => messageOf(item, [...path, index]));
  const isSpoken = messages.some(
    ({ path: of, content }) => of.length > path.length + 1 || typeof content === 'string',
  );
  return isSpoken && messages.length >= value.length ? messages : undefined;
}

function messageOf(item: unknown, path: ValuePath): Message[] {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return [];
  const fields = item as Record<string, unknown>;
  const { role, type, content, choices } = fields;
  // A chat completion is a list of choices, each with one message.
  if (Array.isArray(choices)) {
    return choices.flatMap((choice: unknown, index) => {
      const message = (Object(choice) as Record<string, unknown>)['message'];
      return messageOf(message, [...path, 'choices', index, 'message']);
    });
  }
  if (type === 'function_call') {
    return [
      {
        role: 'tool call',
        tool: named(fields['name']),
        path: [...path, 'arguments'],
        content: fields['arguments'],
      },
    ];
  }
  if (type === 'function_call_output' || type === 'function_call_result') {
    return [
      {
        role: 'tool result',
        tool: named(fields['name'] ?? fields['call_id']),
        path: [...path, 'output'],
        content: fields['output'],
      },
    ];
  }
  // Reasoning, searches and the like stand between messages.
  if (typeof role !== 'string')
    return typeof type === 'string' ? [{ role: type, path, content: item }] : [];
  const calls = Array.isArray(fields['tool_calls']) ? (fields['tool_calls'] as unknown[]) : [];
  const own =
    content === null || content === undefined
      ? []
      : [{ role, path: [...path, 'content'], content: joined(content) }];
  return [...own, ...calls.flatMap((call, index) => callOf(call, [...path, 'tool_calls', index]))];
}

function callOf(call: unknown, path: ValuePath): Message[] {
  const called = (Object(call) as Record<string, unknown>)['function'];
  const { name, arguments: args } = Object(called) as Record<string, unknown>;
  return [
    {
      role: 'tool call',
      tool: named(name),
      path: [...path, 'function', 'arguments'],
      content: args,
    },
  ];
}

/** Parts of one text are read as one. */
function joined(content: unknown): unknown {
  if (!Array.isArray(content)) return content;
  const texts = content.map((part: unknown) => {
    const { text, refusal } = Object(part) as Record<string, unknown>;
    return typeof text === 'string' ? text : refusal;
  });
  return texts.every((text) => typeof text === 'string') ? texts.join('\n') : content;
}

function named(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
