/** Puts parts back into the value that they were taken from, when each has been treated. */
import type { Json } from '../model/records.ts';
import { define, Excerpt } from './excerpt.ts';
import type { Members, Place } from './excerpt.ts';

/** Under this key stands what stands for the rest of a value of which only parts may leave. */
const REST = '$rest';

export class Collage {
  readonly #excerpt: Excerpt;
  /** What stands for dropped values; parts of them that may leave are put beside it. */
  readonly #openings = new WeakSet<object>();

  private constructor(value: Json) {
    this.#excerpt = new Excerpt(value);
  }

  /** Parts go where they were, as far as the treated value still has the place. */
  static on(value: Json): Collage {
    return new Collage(value);
  }

  /** Of the value itself nothing is left but what stands for it. */
  static beside(standIn: Json): Collage {
    const opening: Members = { [REST]: standIn };
    const collage = new Collage(opening);
    collage.#openings.add(opening);
    return collage;
  }

  put(path: readonly string[], value: Json): void {
    const place = this.#placeOf(path);
    if (place) this.#excerpt.put(place, value);
  }

  /** A part that was dropped, of which other parts may be left. */
  putOpening(path: readonly string[], standIn: Json): void {
    const opening: Members = { [REST]: standIn };
    this.#openings.add(opening);
    this.put(path, opening);
  }

  close(): Json {
    return this.#excerpt.close();
  }

  /** A key that is no longer there was taken out by what treated the whole, and does not come back. */
  #placeOf(path: readonly string[]): Place | undefined {
    let place = this.#excerpt.top;
    for (const key of path) {
      const members = this.#excerpt.membersAt(place);
      if (!members) return undefined;
      if (!Object.hasOwn(members, key)) {
        if (!this.#openings.has(members)) return undefined;
        const opening: Members = {};
        this.#openings.add(opening);
        define(members, key, opening);
      }
      place = this.#excerpt.at(place, key);
    }
    return place;
  }
}
