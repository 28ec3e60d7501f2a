/** Masks that a redactor put into a text, by the detector's name. */
const MASK = /\[([a-z][a-z0-9_]{1,39})(?::[*#][A-Za-z0-9]{1,64})?\]/g;

/** Counts what is in the one text and was not in the other. */
export class Counts {
  readonly #found = new Map<string, number>();

  add(before: string, after: string): void {
    if (before === after) return;
    this.#tally(after, 1);
    this.#tally(before, -1);
  }

  get total(): number {
    return this.#entries().reduce((sum, [, count]) => sum + count, 0);
  }

  /** `3 email, 1 card`, the most frequent first. */
  toString(): string {
    const found = this.#entries().toSorted(([, a], [, b]) => b - a);
    return found.map(([name, count]) => `${count} ${name}`).join(', ') || 'nothing';
  }

  #tally(text: string, step: number): void {
    for (const [, name = ''] of text.matchAll(MASK))
      this.#found.set(name, (this.#found.get(name) ?? 0) + step);
  }

  #entries(): [string, number][] {
    return [...this.#found].filter(([, count]) => count > 0);
  }
}
