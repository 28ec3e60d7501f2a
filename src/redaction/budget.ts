/** How much a redactor may read: shared by the values of one flush, and failing closed. */

/**
 * Characters are the measure, as the time is linear in them and a Worker's clock
 * stands still while it computes. A clock may be given beside them.
 */
export interface RedactionBudget {
  /** Characters that may still be read; the redactor takes off what it reads. */
  characters: number;
  /** Values that were dropped because the budget did not suffice. */
  dropped: number;
  /** The time in ms at which nothing more is read. */
  readonly deadlineAt?: number;
  /** The clock of `deadlineAt`, in ms. */
  readonly now?: () => number;
}

/** Takes a cost off; false when the budget does not suffice. */
export function take(budget: RedactionBudget | undefined, cost: number): boolean {
  if (budget === undefined) return true;
  budget.characters -= cost;
  return !isSpent(budget);
}

function isSpent({ characters, deadlineAt, now }: RedactionBudget): boolean {
  return characters < 0 || (deadlineAt !== undefined && now !== undefined && now() >= deadlineAt);
}
