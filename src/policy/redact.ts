/** A redactor at work on one field. */
import type { Json } from '../model/records.ts';
import { asStandIn } from '../model/stand-in.ts';
import type { Outcome, ReadingBudget, Treatment } from './matrix.ts';

/** Takes sensitive data out of a value. `createRedactor()` of `sluice/redaction` makes one. */
export interface ValueRedactor {
  value(value: Json, budget?: ReadingBudget): Json;
  valueAsync(value: Json, budget?: ReadingBudget): Promise<Json>;
}

/** One value that a redactor is given, with what is left of the flush's budget. */
export class Reading {
  /** The key goes with its value, as the two are judged together. */
  readonly given: Json;
  /** Takes from the budget of all, and knows whether this value stood beyond it. */
  readonly own: ReadingBudget;

  constructor(key: string, value: Json, shared: ReadingBudget) {
    this.given = Object.fromEntries([[key, value]]);
    this.own = {
      get characters() {
        return shared.characters;
      },
      set characters(left) {
        shared.characters = left;
      },
      dropped: 0,
    };
  }

  outcome(result: Json): Outcome {
    if (this.own.dropped > 0) return 'over_budget';
    const [member] = Object.entries(Object(result) as { [key: string]: Json });
    return member ? { key: member[0], value: member[1] } : 'transform_failed';
  }
}

/** A field as a whole under one redactor. */
export function redacting(redactor: ValueRedactor): Treatment {
  return {
    decision: 'redact',
    async later(_field, key, value, budget) {
      // Of a value that was cut only the head is known, which may end in half a secret.
      if (asStandIn(value)) return 'cut';
      const reading = new Reading(key, value, budget);
      return redactor.valueAsync(reading.given, reading.own).then(
        (result) => reading.outcome(result),
        () => 'transform_failed',
      );
    },
    now(_field, key, value, budget) {
      const reading = new Reading(key, value, budget);
      return reading.outcome(redactor.value(reading.given, reading.own));
    },
  };
}
