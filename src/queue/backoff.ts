/** The first wait outlasts a restart of the database; each next one is twice as long. */
const FIRST_SECONDS = 10;
/** Longer waits only delay the day's traces; a queue takes up to 43,200. */
const MAX_SECONDS = 900;

/** A destination that asks for more is tried all the same: a queue keeps its messages for days, not for ever. */
const MAX_ASKED_SECONDS = 3_600;

/**
 * Seconds to wait before a message is delivered again: 5 to 10 after the first
 * attempt, doubling to at most 900, the upper half of each random so that
 * messages that failed together do not come back together.
 *
 * @param attempts deliveries so far, from 1
 * @param random 0 to 1
 * @param askedMs what the destination asked for, which is waited for up to an hour
 */
export function backoffSeconds(attempts: number, random: number, askedMs = 0): number {
  const doublings = Math.min(Math.max(Math.trunc(attempts) - 1 || 0, 0), 10);
  const ceiling = Math.min(FIRST_SECONDS * 2 ** doublings, MAX_SECONDS);
  const asked = Math.min(Math.max(0, askedMs) / 1_000, MAX_ASKED_SECONDS);
  // Those that were told the same time must not come back together either.
  return Math.ceil(Math.max(ceiling / 2, asked) + (ceiling / 2) * random);
}
