/**
 * What all requests of an isolate hold for their flushes, in bytes. Requests share
 * nothing but this sum: an isolate has 128 MB for all of them, so that no bound of
 * one alone can keep it alive.
 */
import {
  HOLDING_IDLE_MS,
  MAX_ISOLATE_BYTES,
  SMALL_SCOPE_BYTES,
  SMALL_SCOPES_BYTES,
} from '../model/limits.ts';

/** What one request holds. It refers to nothing of the request, as a killed one leaves it behind. */
export interface Holding {
  bytes: number;
  /** How much of it is in the sum: all, or nothing once it was taken for a killed request's. */
  counted: number;
  /** When it last changed, in milliseconds since the epoch. */
  changedAt: number;
}

let total = 0;
/** Oldest change first. */
const holdings = new Set<Holding>();

export function newHolding(): Holding {
  return { bytes: 0, counted: 0, changedAt: 0 };
}

/** Whether a request may hold so much more. For those that hold little there is room that no large one can take. */
export function mayHold(holding: Holding, more: number, now: number): boolean {
  const isSmall = holding.bytes + more <= SMALL_SCOPE_BYTES;
  const most = isSmall ? MAX_ISOLATE_BYTES + SMALL_SCOPES_BYTES : MAX_ISOLATE_BYTES;
  if (total + more > most) sweep(now);
  return total + more <= most;
}

/** Notes that a request holds more, or less. */
export function changeHolding(holding: Holding, by: number, now: number): void {
  holding.bytes += by;
  total += holding.bytes - holding.counted;
  holding.counted = holding.bytes;
  holding.changedAt = now;
  holdings.delete(holding);
  if (holding.bytes > 0) holdings.add(holding);
}

/** Bytes that the requests of this isolate hold; for tests of leaks. */
export function heldInIsolate(): number {
  return total;
}

/** A request that was killed never gives back. A live one that was taken for killed counts again at its next change. */
function sweep(now: number): void {
  for (const holding of holdings) {
    if (now - holding.changedAt < HOLDING_IDLE_MS) return;
    total -= holding.counted;
    holding.counted = 0;
    holdings.delete(holding);
  }
}
