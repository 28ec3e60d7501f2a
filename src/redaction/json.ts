/** JSON in texts: read where a text is JSON, written without recursion however deep it is. */
import type { Json } from '../model/records.ts';

/** `{}` and its like have nothing to find. */
const MIN_JSON = 3;

/** `JSON.stringify` recurses; beyond this many levels the value is written by hand. */
const NATIVE_LEVELS = 1_000;

/** What JSON's containers and texts begin with, so that a text in brackets is not parsed in vain. */
const OPENING = /^\s*(?:\{\s*["}]|\[\s*[\]["{\d\-tfn]|")/;

/** The container, or the text, that a text is the JSON of; undefined where it is something else. */
export function parseJson(text: string): Json | undefined {
  if (!mayBeJson(text)) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function mayBeJson(text: string): boolean {
  if (text.length < MIN_JSON) return false;
  const first = text.charCodeAt(0);
  if (first !== 123 && first !== 91 && first !== 34 && first > 32) return false;
  const last = text.trimEnd().charCodeAt(text.trimEnd().length - 1);
  return (last === 125 || last === 93 || last === 34) && OPENING.test(text.slice(0, 64));
}

/** Indentation of a JSON text, so that it comes back as it was written. */
export function indentOf(text: string): string {
  return /^\s*[{[]\r?\n([ \t]{1,10})\S/.exec(text.slice(0, 64))?.[1] ?? '';
}

/** JSON of a value of any depth. */
export function writeJson(value: Json, levels: number, indent: string): string {
  if (levels <= NATIVE_LEVELS) return JSON.stringify(value, null, indent);
  const parts: string[] = [];
  const open: Frame[] = [];
  let next: Json | undefined = value;
  for (;;) {
    if (typeof next === 'object' && next !== null) open.push(frameOf(next, parts));
    else if (next !== undefined) parts.push(JSON.stringify(next));
    const frame = open.at(-1);
    if (frame === undefined) return parts.join('');
    next = step(frame, parts);
    if (frame.closed) open.pop();
  }
}

interface Frame {
  readonly value: Json[] | { [key: string]: Json };
  readonly keys: readonly string[] | undefined;
  at: number;
  closed: boolean;
}

function frameOf(value: Json[] | { [key: string]: Json }, parts: string[]): Frame {
  const keys = Array.isArray(value) ? undefined : Object.keys(value);
  parts.push(keys ? '{' : '[');
  return { value, keys, at: 0, closed: false };
}

/** Writes what stands before the next member and returns it, or closes the container. */
function step(frame: Frame, parts: string[]): Json | undefined {
  const { value, keys, at } = frame;
  const size = keys?.length ?? (value as Json[]).length;
  if (at === size) {
    parts.push(keys ? '}' : ']');
    frame.closed = true;
    return undefined;
  }
  if (at > 0) parts.push(',');
  frame.at += 1;
  const key = keys?.[at];
  if (key === undefined) return (value as Json[])[at];
  parts.push(JSON.stringify(key), ':');
  return (value as { [key: string]: Json })[key];
}
