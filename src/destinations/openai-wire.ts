/**
 * From Sluice's records to the wire shape of the SDK's own tracing exporter.
 * Only what the SDK would send leaves; the rest of a record is Sluice's.
 */
import { byteLength } from '../model/bytes.ts';
import { MAX_INGEST_FIELD_BYTES } from '../model/limits.ts';
import type { Json, SpanRecord, TraceRecord } from '../model/records.ts';
import { cutJson } from './cut.ts';

type Fields = { [key: string]: Json };

export interface WireOptions {
  /** Leaves the models' reasoning out of generations, as the SDK does towards OpenAI's own ingest. */
  omitReasoning: boolean;
}

/** The types that the ingest knows. `task` and `turn` reach it as `custom`. */
const WIRE_TYPES = new Set([
  'agent',
  'custom',
  'function',
  'generation',
  'guardrail',
  'handoff',
  'mcp_tools',
  'response',
  'speech',
  'speech_group',
  'transcription',
]);

export function wireTrace(record: TraceRecord): Fields {
  const flat = Object.entries(record.metadata).filter(([, value]) => typeof value === 'string');
  return {
    object: 'trace',
    id: record.id,
    workflow_name: record.workflow_name,
    group_id: record.group_id,
    metadata: Object.fromEntries(flat),
  };
}

export function wireSpan(record: SpanRecord, options: WireOptions): Fields {
  const span: Fields = {
    object: 'trace.span',
    id: record.id,
    trace_id: record.trace_id,
    parent_id: record.parent_id,
    started_at: record.started_at,
    ended_at: record.ended_at,
    span_data: wireData(record, options),
    error: wireError(record.error),
  };
  // A span that fits as a whole has no field to cut, so most are measured once.
  if (byteLength(JSON.stringify(span)) <= MAX_INGEST_FIELD_BYTES) return span;
  return { ...span, span_data: cutFields(span.span_data), error: cutFields(span.error) };
}

function wireData(record: SpanRecord, options: WireOptions): Fields {
  const { type, ...fields } = record.span_data;
  const data: Fields = {};
  for (const [key, value] of Object.entries(fields)) {
    if (key.startsWith('_')) continue;
    const kept = isDropped(value) ? standIn(record, key) : wireField(type, key, value, options);
    if (kept !== undefined) data[key] = kept;
  }
  if (WIRE_TYPES.has(type)) return { type, ...data };
  // A type that the ingest does not know would cost the whole batch; the SDK wraps its own such types the same way.
  return {
    type: 'custom',
    name: record.facts.name ?? type,
    data: { ...data, sdk_span_type: type },
  };
}

/** What the SDK sends in a field that it was told not to fill. */
function standIn(record: SpanRecord, key: string): Json | undefined {
  const { type } = record.span_data;
  if (type === 'function' && (key === 'input' || key === 'output')) return '';
  if (type === 'custom' && key === 'data') return {};
  if (type === 'guardrail' && key === 'triggered') return record.facts.guardrail_triggered ?? false;
  return key === 'name' ? (record.facts.name ?? type) : undefined;
}

/** The ingest refuses a batch for one wrong type in it, and an application's own spans are typed by no one. */
function wireField(type: string, key: string, raw: Json, options: WireOptions): Json | undefined {
  const value = withoutDropped(raw);
  if (value === undefined || value === null) return value;
  if (type === 'function' && (key === 'input' || key === 'output')) {
    return typeof value === 'string' ? value : JSON.stringify(value);
  }
  if (type === 'custom' && key === 'data') return isFields(value) ? value : { value };
  if (type !== 'generation') return value;
  if (key === 'usage') return isFields(value) ? wireUsage(value) : undefined;
  if (key !== 'input' && key !== 'output') return value;
  const items = Array.isArray(value) ? value : [value];
  return options.omitReasoning ? withoutReasoning(items) : items;
}

/** The ingest takes two numbers at the top of usage, and anything under `details`. */
function wireUsage(usage: Fields): Fields | undefined {
  const { input_tokens, output_tokens, details, ...rest } = usage;
  if (!Number.isFinite(input_tokens) || !Number.isFinite(output_tokens)) return undefined;
  const merged = { ...(isFields(details) ? details : {}), ...rest };
  const counts = { input_tokens, output_tokens } as Fields;
  return Object.keys(merged).length > 0 ? { ...counts, details: merged } : counts;
}

/** Takes reasoning out of the known shapes of model items; what tools and users wrote is not walked. */
function withoutReasoning(items: Json[]): Json[] {
  return items
    .filter((item) => !isFields(item) || item.type !== 'reasoning')
    .map((item) => {
      if (!isFields(item) || item.object !== 'chat.completion' || !Array.isArray(item.choices)) {
        return messageWithoutReasoning(item);
      }
      const choices = item.choices.map((choice) =>
        isFields(choice) && isFields(choice.message)
          ? { ...choice, message: messageWithoutReasoning(choice.message) }
          : choice,
      );
      return { ...item, choices };
    });
}

function messageWithoutReasoning(item: Json): Json {
  if (!isFields(item) || item.role !== 'assistant') return item;
  const { reasoning: _reasoning, ...message } = item;
  if (!Array.isArray(message.content)) return message;
  const content = message.content
    .filter((part) => !isFields(part) || part.type !== 'reasoning')
    .map((part) => {
      if (!isFields(part) || (part.type !== 'text' && part.type !== 'refusal')) return part;
      const { reasoning: _copy, ...rest } = part;
      return rest;
    });
  return { ...message, content };
}

function wireError(error: SpanRecord['error']): Json {
  if (error === null) return null;
  const data = error.data === undefined ? undefined : withoutDropped(error.data);
  if (data === undefined) return { message: error.message };
  return { message: error.message, data: isFields(data) || data === null ? data : { value: data } };
}

/** Takes out what a policy left in place of content; undefined where that was all. */
function withoutDropped(value: Json): Json | undefined {
  if (value === null || typeof value !== 'object') return value;
  if (isDropped(value)) return undefined;
  if (Array.isArray(value)) return value.map(withoutDropped).filter((item) => item !== undefined);
  const kept = Object.entries(value).map(([key, item]) => [key, withoutDropped(item)] as const);
  return Object.fromEntries(
    kept.filter((entry): entry is [string, Json] => entry[1] !== undefined),
  );
}

function cutFields(value: Json | undefined): Json {
  if (!isFields(value ?? null)) return value ?? null;
  const cut = Object.entries(value as Fields).map(([key, item]) => [
    key,
    cutJson(item, MAX_INGEST_FIELD_BYTES),
  ]);
  return Object.fromEntries(cut) as Fields;
}

function isDropped(value: Json): boolean {
  return isFields(value) && typeof value.$dropped === 'string' && typeof value.bytes === 'number';
}

function isFields(value: Json | undefined): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
