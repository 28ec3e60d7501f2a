/** Walks into a value by keys, through texts that are JSON too, to take parts out and put others in their place. */
import type { Json } from '../model/records.ts';

/** What holds parts: an object, or an array, by own keys. */
export type Members = { [key: string]: Json };

/** A text that is JSON, while it is walked into. It stands in the tree where the text stood. */
class OpenText {
  readonly root: Members;
  holder: Members;
  key: string;

  constructor(json: Json, holder: Members, key: string) {
    this.root = { '': json };
    this.holder = holder;
    this.key = key;
  }
}

/** Where a part stands: what holds it, under which key, and the way there. */
export interface Place {
  readonly holder: Members;
  readonly key: string;
  readonly path: readonly string[];
}

/** A part that was taken out, to be read when the excerpt is closed. */
export interface Part {
  readonly path: readonly string[];
  readonly value: Json;
}

/** A value of which parts can be exchanged. It works on what it is given. */
export class Excerpt {
  readonly #root: Members;
  readonly #opened: OpenText[] = [];

  constructor(value: Json) {
    this.#root = { '': value };
  }

  get top(): Place {
    return { holder: this.#root, key: '', path: [] };
  }

  /** The places that a path leads to, `*` being any one key. None for what is not there. */
  places(path: readonly string[]): Place[] {
    let found: Place[] = [this.top];
    for (const step of path) {
      found = found.flatMap((place) => {
        const members = this.membersAt(place);
        if (!members) return [];
        if (step === '*') return Object.keys(members).map((key) => below(place, members, key));
        return Object.hasOwn(members, step) ? [below(place, members, step)] : [];
      });
    }
    return found;
  }

  /** What stands at a place, where it has members, be it as the JSON of a text. */
  membersAt({ holder, key }: Place): Members | undefined {
    const value: unknown = holder[key];
    if (value instanceof OpenText) return membersOf(value.root['']);
    if (typeof value !== 'string') return membersOf(value);
    const json = parsed(value);
    const members = membersOf(json);
    if (json === undefined || !members) return undefined;
    const text = new OpenText(json, holder, key);
    put(holder, key, text as unknown as Json);
    this.#opened.push(text);
    return members;
  }

  /** Takes out what stands at a place. What is left there says nothing. */
  take({ holder, key, path }: Place): Part {
    const value: unknown = holder[key];
    const box = { path, value: value as Json };
    if (value instanceof OpenText) {
      value.holder = box as unknown as Members;
      value.key = 'value';
    }
    put(holder, key, 0);
    return box;
  }

  /** The value that is left. Texts that were walked into are texts again, in what was taken out too. */
  close(): Json {
    // The innermost were opened last.
    for (const { holder, key, root } of this.#opened.splice(0).toReversed())
      put(holder, key, JSON.stringify(root['']));
    return this.#root[''] ?? null;
  }
}

/** The place of a member of what stands at another. */
export function below({ path }: Place, holder: Members, key: string): Place {
  return { holder, key, path: [...path, key] };
}

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
export function put(holder: Members, key: string, value: Json): void {
  Object.defineProperty(holder, key, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}
