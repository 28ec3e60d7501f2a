/**
 * Calls a queue handler once a message, so that each can have a trace of its own.
 *
 * It acknowledges and retries nothing while all goes well: what the handler leaves
 * undecided, the platform acknowledges when the call returns. A message whose call
 * throws is retried without the others, unless the handler has decided on it
 * before: of `ack()` and `retry()` the first wins. Where every call throws the batch
 * fails as it would by itself; where only some do, the platform would deliver the good
 * ones again with them, so their errors are logged instead.
 *
 * @throws what the handler threw, where it threw for every message.
 */
export async function eachMessage(
  batch: MessageBatch,
  handle: (message: Message, view: MessageBatch) => Promise<unknown>,
): Promise<void> {
  const failures: { message: Message; error: unknown }[] = [];
  for (const message of batch.messages) {
    try {
      await handle(message, viewOf(batch, message));
    } catch (error) {
      failures.push({ message, error });
    }
  }
  const [first, ...others] = failures;
  if (!first) return;
  if (failures.length === batch.messages.length) {
    if (others.length === 0) throw first.error;
    const errors = failures.map(({ error }) => error);
    throw new AggregateError(errors, `all ${errors.length} messages of the batch failed`);
  }
  for (const { message, error } of failures) {
    message.retry();
    console.error(error);
  }
}

/** The batch as if it had brought this message alone. */
function viewOf({ queue, metadata }: MessageBatch, message: Message): MessageBatch {
  return {
    queue,
    metadata,
    messages: [message],
    ackAll: () => message.ack(),
    retryAll: (options) => message.retry(options),
  };
}
