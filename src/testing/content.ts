/** Where in exported records there is content: what users, models and tools wrote. */
import { readSnapshot } from '../capture/read.ts';
import { isDroppedMessage } from '../model/error-text.ts';
import type { Json, SpanRecord, TraceBatch } from '../model/records.ts';
import { contentOf, isFields, snapshotOf } from './snapshot-of.ts';
import { labelOf } from './span-tree.ts';

/**
 * The places of a span that hold content, such as `span_data.input`. What is
 * identity is judged by what judged it at capture, so the two cannot drift apart.
 */
export function contentPlaces(span: SpanRecord): string[] {
  // What stands under `extra` is content wherever it came from.
  const { extra: _extra, ...record } = span;
  const { content } = readSnapshot(snapshotOf(contentOf(record)), () => true);
  const places = content
    .filter(({ value }) => !isDropped(value))
    .map(({ place, label }) => `${place}.${label}`);
  const extras = Object.entries(span.extra ?? {})
    .filter(([, value]) => !isDropped(value))
    .map(([key]) => `extra.${key}`);
  return [...places, ...extras];
}

function isDropped(value: Json): boolean {
  if (typeof value === 'string') return isDroppedMessage(value);
  return isFields(value) && typeof value['$dropped'] === 'string';
}

/** Where a text stands in what a destination was handed, as a value, a key, or inside of JSON in a string. */
export function placesOf(text: string, batch: TraceBatch): string[] {
  const forms = [text, JSON.stringify(text).slice(1, -1)];
  const holds = (value: string): boolean => forms.some((form) => value.includes(form));
  const found: string[] = [];
  const visit = (value: unknown, path: string): void => {
    if (typeof value === 'string' && holds(value)) found.push(path);
    if (typeof value !== 'object' || value === null) return;
    for (const [key, item] of Object.entries(value)) {
      if (!Array.isArray(value) && holds(key)) found.push(`a key in ${path}`);
      visit(item, `${path}.${key.slice(0, 40)}`);
    }
  };
  for (const trace of batch.traces) visit(trace, 'trace');
  for (const span of batch.spans) visit(span, labelOf(span));
  return found;
}
