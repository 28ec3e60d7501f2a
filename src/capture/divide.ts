import type { ContentField, NameCheck } from '../model/captured.ts';
import type { DataClass } from '../model/data-class.ts';
import { nestsDeeper } from '../model/json.ts';
import { MAX_CONTENT_DEPTH } from '../model/limits.ts';
import type { Json } from '../model/records.ts';
import { asStandIn } from '../model/stand-in.ts';

/** Stands in a name field where the name itself did not pass the shape check. */
export const REFUSED_NAME = '[refused name]';

export type Fields = { [key: string]: Json };

export function isFields(value: Json | undefined): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The type has a place of its own, and what begins with `_` the SDK does not send. */
const PRIVATE = /^(_|type$)/;

const IDENTIFIER = /^[a-z]\w{0,47}$/i;

/** Objects of settings and counts: their numbers are identity, their texts are not. */
const OF_NUMBERS = ['usage', 'model_config'];

/** Takes a span's identity apart from its content. */
export class Division {
  readonly content: ContentField[] = [];
  /** Fields that the snapshot had to cut, with the bytes that they had. */
  cut?: Record<string, number>;
  readonly #isSafeName: NameCheck;
  readonly #class: DataClass;
  readonly #mayBeDeep: boolean;
  #unknown = 0;

  /**
   * @param of what content is where nothing else is said of it
   * @param mayBeDeep whether a field may be nested deeper than anything can copy
   */
  constructor(isSafeName: NameCheck, of: DataClass, mayBeDeep: boolean) {
    this.#isSafeName = isSafeName;
    this.#class = of;
    this.#mayBeDeep = mayBeDeep;
  }

  /** Notes a field as content. */
  add(place: ContentField['place'], key: string, given: Json, of: DataClass = this.#class): void {
    const isTooDeep = this.#mayBeDeep && nestsDeeper(given, MAX_CONTENT_DEPTH);
    const value: Json = isTooDeep ? { $dropped: 'unserializable', bytes: 0 } : given;
    const isSafe = IDENTIFIER.test(key) && this.#isSafeName(key);
    const label = isSafe ? key : `unknown_field${this.#unknown++ ? `_${this.#unknown}` : ''}`;
    this.content.push({
      class: place.startsWith('error') ? 'errors' : of,
      place,
      key,
      label,
      value,
    });
    const standIn = asStandIn(value);
    if (standIn?.$cut) (this.cut ??= {})[`${place}.${label}`] = standIn.bytes;
  }

  /**
   * Notes the content among fields. A field that is identity in part is in both.
   *
   * @returns the identity: what of the fields called `names` may leave.
   */
  divide(
    fields: Fields,
    names: readonly string[],
    place: ContentField['place'],
    others: ContentField['place'] = place,
  ): Fields {
    const identity: Fields = {};
    for (const [key, value] of Object.entries(fields)) {
      if (place.startsWith('span_data') && PRIVATE.test(key)) continue;
      const isName = names.includes(key);
      const kept = isName
        ? OF_NUMBERS.includes(key)
          ? this.#numbersOf(value, 3)
          : this.#namesOf(value)
        : undefined;
      if (kept !== undefined) identity[key] = kept;
      const isWhole =
        kept === value || (kept !== undefined && JSON.stringify(kept) === JSON.stringify(value));
      if (!isWhole) this.add(isName ? place : others, key, value);
    }
    return identity;
  }

  /** Names, flags and numbers, alone or in a list. */
  #namesOf(value: Json): Json {
    if (Array.isArray(value))
      return value
        .slice(0, MAX_ITEMS)
        .map((item) => (Array.isArray(item) ? REFUSED_NAME : this.#namesOf(item)));
    const isSafe = value === null || (typeof value !== 'object' && this.#isSafeName(String(value)));
    return isSafe ? value : REFUSED_NAME;
  }

  #numbersOf(value: Json, depth: number): Json | undefined {
    if (typeof value === 'number') return this.#isSafeName(String(value)) ? value : undefined;
    if (value === null || typeof value === 'boolean') return value;
    if (!isFields(value) || depth === 0) return undefined;
    const numbers: Fields = {};
    for (const [key, item] of Object.entries(value).slice(0, MAX_ITEMS)) {
      const kept =
        WORD.test(key) && this.#isSafeName(key) ? this.#numbersOf(item, depth - 1) : undefined;
      if (kept !== undefined) numbers[key] = kept;
    }
    return numbers;
  }
}

/** Lists of names and settings longer than this have the rest among their content. */
const MAX_ITEMS = 256;

/** One lower-case word. */
export const WORD: RegExp = /^[a-z][a-z0-9_]{0,31}$/;
