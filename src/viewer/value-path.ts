import type { SpanRecord } from '../model/records.ts';

/** Where in a span a value is, as keys and places from its top. */
export type ValuePath = readonly (string | number)[];

export function pathText(path: ValuePath): string {
  return JSON.stringify(path);
}

/** The value at a path that came in an address; undefined where there is none, or what came is no path. */
export function valueAt(span: SpanRecord, text: string): unknown {
  let path: unknown;
  try {
    path = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (!Array.isArray(path)) return undefined;
  let value: unknown = span;
  for (const key of path as unknown[]) {
    if (typeof key !== 'string' && typeof key !== 'number') return undefined;
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string | number, unknown>)[key];
  }
  return value;
}
