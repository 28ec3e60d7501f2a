/** Sizes of text in UTF-8 bytes, the unit of every limit of a queue or a database. */

/** The part of Node's Buffer that measures without making a copy. */
interface ByteMeter {
  byteLength(text: string): number;
}

const meter = (globalThis as { Buffer?: ByteMeter }).Buffer;
const encoder = new TextEncoder();

/** Bytes that a text has in UTF-8. */
export function byteLength(text: string): number {
  return meter ? meter.byteLength(text) : encoder.encode(text).length;
}

/** Bytes that a value has as JSON, quotes and escapes included. */
export function jsonBytes(value: unknown): number {
  return byteLength(JSON.stringify(value));
}

/** Bytes of one code point of JSON text, as `JSON.stringify` writes it. */
function jsonBytesOf(point: number): number {
  if (point === 0x22 || point === 0x5c) return 2;
  // Backspace, tab, newline, form feed and return have short escapes; other controls are \u00xx.
  if (point < 0x20) return point >= 0x08 && point <= 0x0d && point !== 0x0b ? 2 : 6;
  if (point < 0x80) return 1;
  if (point < 0x800) return 2;
  if (point >= 0xd800 && point <= 0xdfff) return 6;
  return point < 0x10000 ? 3 : 4;
}

/**
 * The longest beginning of a text whose JSON has at most `maxBytes` bytes,
 * quotes included. Never ends inside a surrogate pair.
 */
export function clipToJsonBytes(text: string, maxBytes: number): string {
  let bytes = 2;
  for (let index = 0; index < text.length;) {
    const point = text.codePointAt(index) ?? 0;
    bytes += jsonBytesOf(point);
    if (bytes > maxBytes) return text.slice(0, index);
    index += point > 0xffff ? 2 : 1;
  }
  return text;
}

/**
 * Puts items in order into groups that stay within a size and a count. An item
 * that is too large by itself gets a group of its own.
 */
export function groupBySize<T>(
  items: readonly T[],
  bytesOf: (item: T) => number,
  max: { bytes: number; count?: number },
): T[][] {
  const groups: T[][] = [];
  let bytes = Infinity;
  for (const item of items) {
    const size = bytesOf(item);
    const last = groups.at(-1);
    if (last && bytes + size <= max.bytes && last.length < (max.count ?? Infinity)) {
      last.push(item);
      bytes += size;
    } else {
      groups.push([item]);
      bytes = size;
    }
  }
  return groups;
}
