import { describeError, SluiceError } from '../model/errors.ts';

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

function write(line: Record<string, string | number>): void {
  console.error(JSON.stringify(line));
}
