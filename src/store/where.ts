import type { SqlValue } from './sql.ts';

/** Conditions with their parameters, numbered as they come. */
export class Where {
  readonly params: SqlValue[];
  readonly #conditions: string[] = [];

  /** @param params those of the conditions before, which are gone on with */
  constructor(params: SqlValue[] = []) {
    this.params = params;
  }

  /** Each `?` in the condition stands for one of the values. */
  add(condition: string, ...values: SqlValue[]): void {
    let text = condition;
    for (const value of values) {
      this.params.push(value);
      text = text.replace(/\?(?!\d)/, `?${this.params.length}`);
    }
    this.#conditions.push(text);
  }

  get isEmpty(): boolean {
    return this.#conditions.length === 0;
  }

  all(): string {
    return this.#conditions.join(' AND ');
  }
}
