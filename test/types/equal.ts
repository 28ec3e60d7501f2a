/** What type tests state their proofs with. */

/** Both ways, so that `any` and subtypes do not pass for the type itself. */
export type Equal<A, B> = [A] extends [B]
  ? [B] extends [A]
    ? 0 extends 1 & A
      ? false
      : true
    : false
  : false;

export function holds(proof: true): boolean {
  return proof;
}
