import type { Chunk } from '../model/envelope.ts';
import { describeError } from '../model/errors.ts';
import { isHandedOver } from '../model/handed-over.ts';
import { isPlainJson } from '../model/json.ts';
import type { DeadLetter, LetterOwed } from '../model/store.ts';

/** What a dead-letter consumer knows of a message beside the message itself. */
export interface Notice {
  queue: string;
  /** What kept the message from being delivered: an error of ours, without content. */
  error: unknown;
  owedTo: LetterOwed;
  /** Whether nothing of it is owed any more, so that its body need not be kept. */
  done: boolean;
  /** Milliseconds since the epoch. */
  now: number;
}

/**
 * Where what was read of a letter has to go. What an exporter handed over was never
 * meant for a store, which has its spans in other chunks or is not to have them.
 */
export function owedOf(chunks: readonly Chunk[], otherwise: LetterOwed): LetterOwed {
  const isForExporters = chunks.some(({ trace }) => isHandedOver(trace));
  return isForExporters ? 'exporters' : otherwise;
}

/** The letter that a message becomes. Its body may be anything: it is kept as text and read by nobody but `redrive`. */
export function toLetter(
  message: Message,
  { queue, error, owedTo, done, now }: Notice,
): DeadLetter {
  const { body, cut } = done ? { body: null, cut: false } : bodyText(message.body);
  return {
    queue,
    messageId: message.id,
    reason: describeError(error),
    attempts: message.attempts,
    receivedAt: now,
    owedTo,
    body,
    cut,
  };
}

/** A body as JSON; of one that has none (bytes, a Map, a cycle), what kind it was. */
function bodyText(body: unknown): { body: string; cut: boolean } {
  if (isPlainJson(body) && isOfJson(body)) return { body: JSON.stringify(body), cut: false };
  return { body: JSON.stringify({ $unserializable: kindOf(body) }), cut: true };
}

/** Whether JSON keeps the value as it is: of bytes, dates and maps it would make something else. */
function isOfJson(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value !== undefined;
  const items: unknown[] = Object.values(value);
  const isKept = Array.isArray(value) || kindOf(value) === 'Object';
  return isKept && items.every((item) => item === undefined || isOfJson(item));
}

function kindOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}
