/**
 * Walks a parsed value with a stack of its own, so that no depth overflows, and
 * copies only what changes. Keys and values are judged together.
 */
import type { Json } from '../model/records.ts';
import { kindOfKey } from './keys.ts';
import type { KeyKind } from './keys.ts';

/** What decides on the leaves. */
export interface Judge {
  /** A text, with the key that holds it and what the key says; undefined when the budget is exhausted. */
  text(text: string, key: string, kind: KeyKind): string | undefined;
  number(value: number, key: string, kind: KeyKind): Json;
  /** What stands for a key, and what it says. */
  key(key: string): JudgedKey;
  /** Takes a member off the budget; false when it is exhausted. */
  spend(): boolean;
}

export interface JudgedKey {
  readonly name: string;
  readonly kind: KeyKind;
}

/** A walked value: the same one where nothing changed. */
export interface Walked {
  value: Json;
  /** How deep the value is. */
  levels: number;
}

type Fields = { [key: string]: Json };

interface Frame {
  readonly source: Json[] | Fields;
  readonly keys: readonly string[] | undefined;
  /** What it holds, in the order of its keys. */
  readonly members: readonly Json[];
  /** The key that holds this container, or its list. */
  readonly key: string;
  /** What that key says of the texts in it. */
  readonly kind: KeyKind;
  at: number;
  /** The members so far, once one has changed. */
  values: Json[] | undefined;
  /** The keys, once one has changed. */
  names: string[] | undefined;
}

const CIRCULAR = '[circular]';

/** @returns undefined when the budget was exhausted on the way. */
export function walk(root: Json, judge: Judge): Walked | undefined {
  // A list around it makes a leaf a member like any other.
  const top = frameOf([root], '', 'none');
  const open: Frame[] = [top];
  const deep = new Set<object>();
  const isCircle = (value: object): boolean => isOpen(open, value) || deep.has(value);
  let levels = 0;
  for (let frame: Frame | undefined = top; frame !== undefined; frame = open.at(-1)) {
    if (frame.at === frame.members.length) {
      open.pop();
      if (open.length >= SHALLOW) deep.delete(frame.source);
      const parent = open.at(-1);
      if (parent === undefined) break;
      const value = closed(frame);
      if (value !== frame.source) put(parent, value);
      parent.at += 1;
      continue;
    }
    const member = judge.spend() ? childOf(frame, judge, isCircle) : undefined;
    if (member === undefined) return undefined;
    if (member === DONE) continue;
    open.push(member);
    if (open.length > SHALLOW) deep.add(member.source);
    levels = Math.max(levels, open.length);
  }
  return { value: (top.values ?? [root])[0] ?? null, levels };
}

/** So many levels are compared one by one, which is quicker than a set where there are few. */
const SHALLOW = 32;

function isOpen(open: readonly Frame[], value: object): boolean {
  const levels = Math.min(open.length, SHALLOW);
  for (let level = 0; level < levels; level += 1) if (open[level]?.source === value) return true;
  return false;
}

const DONE = 'done';

/** Judges the next member: a leaf is done with, a container becomes a frame; undefined when the budget is exhausted. */
function childOf(
  frame: Frame,
  judge: Judge,
  isCircle: (value: object) => boolean,
): Frame | typeof DONE | undefined {
  const { keys, members, at } = frame;
  const name = keys?.[at];
  const value = members[at] ?? null;
  const judged = name === undefined ? undefined : judge.key(name);
  const kind =
    judged === undefined ? inList(frame, value) : kindOf(frame, judged.name, judged.kind);
  if (judged !== undefined && judged.name !== name) rename(frame, judged.name);
  const key = judged?.name ?? frame.key;
  const isContainer = typeof value === 'object' && value !== null;
  if (isContainer && !isCircle(value)) return frameOf(value, key, kind);
  const next = isContainer ? CIRCULAR : leaf(value, key, kind, judge);
  if (next === undefined) return undefined;
  if (next !== value) put(frame, next);
  frame.at += 1;
  return DONE;
}

function leaf(value: Json, key: string, kind: KeyKind, judge: Judge): Json | undefined {
  if (typeof value === 'string') return judge.text(value, key, kind);
  return typeof value === 'number' ? judge.number(value, key, kind) : value;
}

function frameOf(source: Json[] | Fields, key: string, kind: KeyKind): Frame {
  const isList = Array.isArray(source);
  const keys = isList ? undefined : Object.keys(source);
  const members = isList ? source : Object.values(source);
  return { source, keys, members, key, kind, at: 0, values: undefined, names: undefined };
}

const NAMES: readonly string[] = [
  'name',
  'key',
  'Name',
  'Key',
  'header',
  'field',
  'variable',
  'id',
];

function isValueKey(name: string): boolean {
  return name === 'value' || name === 'Value' || name === 'values' || name === 'val';
}

/** `{ name: 'API_KEY', value: … }`: what a sibling says of the value. */
function nameKind(fields: Fields): KeyKind {
  for (const name of NAMES) {
    const text = fields[name];
    const kind = typeof text === 'string' ? kindOfKey(text) : 'none';
    if (kind !== 'none') return kind;
  }
  return 'none';
}

function kindOf(frame: Frame, name: string, own: KeyKind): KeyKind {
  if (own !== 'none') return own;
  const said = isValueKey(name) ? nameKind(frame.source as Fields) : 'none';
  if (said !== 'none') return said;
  // In `credentials: { … }` a member may be a secret; in a schema of one it is a description.
  return frame.kind === 'secret' || frame.kind === 'likely' ? 'likely' : 'none';
}

const MAX_OPTION = 64;

/** A list's texts are what its key says, or what the text before says: `["--password", "…"]`. */
function inList({ members, kind, at }: Frame, value: Json): KeyKind {
  if (kind !== 'none' || at === 0 || typeof value !== 'string') return kind;
  const before = members[at - 1];
  if (typeof before !== 'string' || before.length > MAX_OPTION) return kind;
  if (/^(?:-u|--user|--proxy-user)$/.test(before)) return value.includes(':') ? 'secret' : 'none';
  const said = kindOfKey(before);
  return said === 'secret' && !before.startsWith('--') ? 'likely' : said;
}

function put(frame: Frame, value: Json): void {
  frame.values ??= [...frame.members];
  frame.values[frame.at] = value;
}

/** Two keys that become the same mask stay two keys. */
function rename(frame: Frame, masked: string): void {
  frame.names ??= [...(frame.keys ?? [])];
  let unique = masked;
  for (let count = frame.at + 1; frame.names.includes(unique); count += 1) {
    unique = `${masked}~${count}`;
  }
  frame.names[frame.at] = unique;
}

/** The container when all of its members are done with. */
function closed(frame: Frame): Json[] | Fields {
  const { source, values, names, keys } = frame;
  if (!values && !names) return source;
  const members = values ?? [...frame.members];
  if (!keys) return members;
  // `__proto__` is a key like any other in hostile data, which an entry stays and an assignment does not.
  return Object.fromEntries((names ?? keys).map((key, place) => [key, members[place] ?? null]));
}
