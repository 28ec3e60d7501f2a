/** Walks into a value by keys, through texts that are JSON too, to take parts out and put others in their place. */
import type { Json } from '../model/records.ts';

/** What has parts: an object, or an array, by own keys. */
export type Members = { [key: string]: Json };

/** A text that is JSON, while it is walked into. It stands in the tree where the text stood. */
class OpenText {
  readonly text: string;
  readonly root: Members;
  /** The text that holds this one. */
  readonly within: OpenText | undefined;
  holder: Members;
  key: string;
  isChanged = false;

  constructor(text: string, json: Json, { holder, key, within }: Place) {
    this.text = text;
    this.root = { '': json };
    this.within = within;
    this.holder = holder;
    this.key = key;
  }
}

/** Where a part stands: what holds it, under which key, and the way there. */
export interface Place {
  readonly holder: Members;
  readonly key: string;
  readonly path: readonly string[];
  readonly within: OpenText | undefined;
}

/** A part that was taken out, to be read when the excerpt is closed. */
export interface Part {
  readonly path: readonly string[];
  readonly value: Json;
}

/** A value of which parts can be exchanged. It works on what it is given. */
export class Excerpt {
  readonly top: Place;
  readonly #opened: OpenText[] = [];

  constructor(value: Json) {
    this.top = { holder: { '': value }, key: '', path: [], within: undefined };
  }

  /**
   * The places that a path leads to, `*` being any one key. None for what is not there.
   *
   * @throws RangeError where there are more of them than a value of honest size has.
   */
  places(path: readonly string[]): Place[] {
    let found: Place[] = [this.top];
    for (const step of path) {
      const next: Place[] = [];
      for (const place of found) {
        const holder = this.membersAt(place);
        if (!holder) continue;
        const keys = step === '*' ? Object.keys(holder) : Object.hasOwn(holder, step) ? [step] : [];
        if (next.length + keys.length > MAX_PLACES) throw new RangeError('too many places');
        for (const key of keys) next.push(this.at(place, key));
      }
      found = next;
    }
    return found;
  }

  /** The place of one member, of a place that has members. */
  at(place: Place, key: string): Place {
    const holder = this.membersAt(place) ?? {};
    const value: unknown = place.holder[place.key];
    const within = value instanceof OpenText ? value : place.within;
    return { holder, key, path: [...place.path, key], within };
  }

  /** What stands at a place, where it has members, be it as the JSON of a text. */
  membersAt(place: Place): Members | undefined {
    const value: unknown = place.holder[place.key];
    if (value instanceof OpenText) return membersOf(value.root['']);
    if (typeof value !== 'string') return membersOf(value);
    const json = parsed(value);
    const members = membersOf(json);
    if (json === undefined || !members) return undefined;
    const text = new OpenText(value, json, place);
    define(place.holder, place.key, text as unknown as Json);
    this.#opened.push(text);
    return members;
  }

  /** Takes out what stands at a place. What is left there says nothing. */
  take(place: Place): Part {
    const value: unknown = place.holder[place.key];
    const box = { path: place.path, value: value as Json };
    if (value instanceof OpenText) {
      value.holder = box as unknown as Members;
      value.key = 'value';
    }
    this.put(place, 0);
    return box;
  }

  put({ holder, key, within }: Place, value: Json): void {
    define(holder, key, value);
    for (let text = within; text; text = text.within) text.isChanged = true;
  }

  /** The value that is left. Texts that were walked into are texts again, in what was taken out too. */
  close(): Json {
    // The innermost were opened last.
    for (const { holder, key, text, root, isChanged } of this.#opened.splice(0).toReversed())
      define(holder, key, isChanged ? JSON.stringify(root['']) : text);
    return this.top.holder[''] ?? null;
  }
}

/** Each costs some hundred bytes of an isolate's memory while a value is divided. */
const MAX_PLACES = 50_000;

function membersOf(value: unknown): Members | undefined {
  return typeof value === 'object' && value !== null ? (value as Members) : undefined;
}

/** The JSON in a text, where that is an object or an array. */
function parsed(text: string): Json | undefined {
  if (!/^\s*[[{"]/.test(text)) return undefined;
  try {
    const json = JSON.parse(text) as Json;
    return typeof json === 'string' ? parsed(json) : json;
  } catch {
    return undefined;
  }
}

/** `__proto__` is a key like any other in hostile data. */
export function define(holder: Members, key: string, value: Json): void {
  Object.defineProperty(holder, key, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}
