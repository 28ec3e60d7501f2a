import { createExecutionContext, createMessageBatch, getQueueResult } from 'cloudflare:test';
import { vi } from 'vitest';
import type { Envelope } from '../../src/model/envelope.ts';
import type { TraceConsumer } from '../../src/queue/consumer.ts';

/** What the queue was told, and what the consumer logged. */
export interface Consumed {
  acked: string[];
  /** Delay in seconds by message id; undefined where none was asked for. */
  retried: Record<string, number | undefined>;
  logged: Record<string, unknown>[];
}

/** Delivers bodies as one real batch, with ids `m0`, `m1`, … */
export async function consume<Env>(
  consumer: TraceConsumer<Env>,
  bodies: readonly unknown[],
  env: Env,
  attempts = 1,
): Promise<Consumed> {
  const messages = bodies.map((body, n) => ({
    id: `m${n}`,
    timestamp: new Date(0),
    attempts,
    body,
  }));
  const batch = createMessageBatch('traces', messages);
  // The result of a batch does not tell how long a message is to wait, so the call is looked at.
  const retries = batch.messages.map((message) => vi.spyOn(message, 'retry'));
  const ctx = createExecutionContext();
  const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  try {
    await consumer(batch, env, ctx);
    const { explicitAcks, retryMessages } = await getQueueResult(batch, ctx);
    const delayOf = (id: string): number | undefined =>
      retries[Number(id.slice(1))]?.mock.calls[0]?.[0]?.delaySeconds;
    return {
      acked: explicitAcks.toSorted(),
      retried: Object.fromEntries(retryMessages.map(({ msgId }) => [msgId, delayOf(msgId)])),
      logged: log.mock.calls.map(([line]) => JSON.parse(String(line)) as Record<string, unknown>),
    };
  } finally {
    log.mockRestore();
  }
}

/** Sent messages, call by call, in place of a broker that keeps them to itself. */
export function recordingQueue(answer: (call: number) => Promise<unknown> = async () => ({})): {
  queue: Pick<Queue, 'sendBatch'>;
  calls: MessageSendRequest<Envelope>[][];
} {
  const calls: MessageSendRequest<Envelope>[][] = [];
  const sendBatch = async (
    messages: Iterable<MessageSendRequest>,
  ): Promise<QueueSendBatchResponse> => {
    calls.push([...messages] as MessageSendRequest<Envelope>[]);
    await answer(calls.length - 1);
    return { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } };
  };
  return { queue: { sendBatch }, calls };
}
