import { jsonBytes } from './bytes.ts';
import { MAX_JSON_DEPTH } from './limits.ts';
import type { Json, SpanRecord } from './records.ts';

/** A record and the UTF-8 bytes of its JSON. */
export interface Fitted {
  record: SpanRecord;
  bytes: number;
}

type Fields = { [key: string]: Json };

/** A message nests records a few levels deep, and its reader counts from the top. */
const MAX_DEPTH = MAX_JSON_DEPTH - 10;

const QUOTES_BYTES = 2;

/** What a cut field takes beside its head: `{"$cut":"","bytes":1234567}` and its note in `facts.cut`. */
const CUT_BYTES = 110;

/** So much of a field's name is enough to tell it in `facts.cut`, which must stay small. */
const LABEL_CHARACTERS = 48;

/** What stays of an error's message when nothing else does, as JSON, where a control character takes six bytes. */
const MESSAGE_BYTES = 128;

/**
 * Brings a span's JSON within `budget` bytes. Identity, times, usage and the
 * other facts stay; content is cut to its head, the largest fields first and to
 * one size, and `facts.cut` says which fields and how many bytes they had. A
 * field nested deeper than readers can follow is cut as well. A span that is
 * still too large loses all of its content, and `facts.cut.span` says so.
 *
 * The result is larger than `budget` only where ids and facts alone are.
 */
export function fitSpan(span: SpanRecord, budget: number): Fitted {
  const total = jsonBytes(span);
  if (total <= budget && !isDeeper(span, MAX_DEPTH)) return { record: span, bytes: total };
  // A copy, as other exporters may hold the same batch.
  let record = JSON.parse(JSON.stringify(span)) as SpanRecord;
  cutContent(record, budget - total);
  if (jsonBytes(record) > budget) record = withoutContent(span, total);
  return { record, bytes: jsonBytes(record) };
}

/** @param room bytes that are free; negative where they are missing. */
function cutContent(record: SpanRecord, room: number): void {
  const cut = (record.facts.cut ??= {});
  const fields = (['span_data', 'extra', 'error'] as const)
    .flatMap((place) => {
      const holder = (record[place] ?? {}) as Fields;
      return Object.entries(holder).map(([key, value]) => {
        const size = key === 'type' ? 0 : jsonBytes(value);
        room += size;
        return { place, holder, key, value, size };
      });
    })
    .toSorted((a, b) => a.size - b.size);
  let left = fields.length;
  for (const { place, holder, key, value, size } of fields) {
    // Smallest first: what a field leaves of its share goes to those that are larger.
    const kept = Math.min(size, room / left);
    left -= 1;
    room -= kept;
    if (kept < size || isDeeper(value, MAX_DEPTH)) {
      // A field that was cut at its capture had more than it has now.
      const had = (cut[`${place}.${key.slice(0, LABEL_CHARACTERS)}`] ??= size);
      holder[key] = headOf(value, kept - CUT_BYTES, had);
    }
  }
}

/** The beginning of a value, within `bytes` of JSON without its quotes; a string stays a string. */
function headOf(value: Json, bytes: number, had: number): Json {
  const { $cut } = Object(value) as Fields;
  const isText = typeof value === 'string';
  const text = isText ? value : typeof $cut === 'string' ? $cut : JSON.stringify(value);
  const head = withinBytes(text, bytes);
  return isText ? `${head}…` : { $cut: head, bytes: had };
}

function withinBytes(text: string, bytes: number): string {
  let head = text.slice(0, Math.max(0, bytes));
  while (head && jsonBytes(head) > bytes + QUOTES_BYTES) head = head.slice(0, head.length * 0.9);
  // Half of a surrogate pair is no character.
  return head.replace(/[\ud800-\udbff]$/, '');
}

function withoutContent(span: SpanRecord, total: number): SpanRecord {
  const { span_data, error, facts } = span;
  return {
    ...span,
    span_data: { type: span_data.type },
    error: error && { message: withinBytes(error.message, MESSAGE_BYTES) },
    facts: { ...facts, cut: { span: total } },
    extra: undefined,
  };
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeper(item, levels - 1));
}
