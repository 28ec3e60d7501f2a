import { describeError, SluiceError } from '../model/errors.ts';
import type { DeadLetter } from '../model/store.ts';

/**
 * Lines for the Workers log, one JSON object each. They name messages by id and
 * failures by code, and never carry anything of a message's body.
 */

/** The code of an error, `store_failed` where it has none of ours. */
export function codeOf(error: unknown): string {
  return error instanceof SluiceError ? error.code : 'store_failed';
}

/** A message that cannot be read. */
export function logMessage(batch: MessageBatch, message: Message, error: SluiceError): void {
  write({
    event: 'sluice.queue.unreadable',
    code: error.code,
    queue: batch.queue,
    message_id: message.id,
    attempts: message.attempts,
    reason: describeError(error),
  });
}

/** Messages that are retried because their destination failed. */
export function logBatch(batch: MessageBatch, error: unknown, messages: number): void {
  write({
    event: 'sluice.queue.undelivered',
    code: codeOf(error),
    queue: batch.queue,
    messages,
    reason: describeError(error),
  });
}

/** Letters that a dead-letter consumer took out of their queue, so that an operator looks at them. */
export function logDead(batch: MessageBatch, letters: readonly DeadLetter[]): void {
  const kept = letters.filter(({ body }) => body !== null);
  write({
    event: 'sluice.queue.dead_letters',
    queue: batch.queue,
    delivered: letters.length - kept.length,
    kept: kept.length,
    // What waits for somebody is what the line is read for.
    reason: (kept[0] ?? letters[0])?.reason ?? '',
  });
}

function write(line: Record<string, string | number>): void {
  console.error(JSON.stringify(line));
}
