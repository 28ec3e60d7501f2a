import { SluiceError } from '../model/errors.ts';
import type { TraceExporter } from '../model/exporter.ts';
import type { TraceStore } from '../model/store.ts';
import { backoffSeconds } from './backoff.ts';
import { assertDeadline, deliver, retryAfterOf, startDeadline } from './deliver.ts';
import type { Delivery, Readable } from './deliver.ts';
import { codeOf, logBatch, logMessage } from './log.ts';
import { resolveTarget, tryRead } from './read.ts';
import { UnknownVersionError } from './schema.ts';

/** Where a consumer delivers to: a store, exporters, or both. */
export interface ConsumerTarget {
  store?: Pick<TraceStore, 'write'>;
  /** A message that one of them refuses comes again to all of them: see `traceConsumer`. */
  exporters?: readonly TraceExporter[];
}

export interface ConsumerOptions {
  /** For the jitter of retries. @default Math.random */
  random?: () => number;
  /**
   * How long one batch may take, in milliseconds; what is undelivered then is
   * retried. Queues allow a consumer 15 minutes. @default 120_000
   */
  deadlineMs?: number;
}

/** A `queue()` handler. */
export type TraceConsumer<Env> = (
  batch: MessageBatch,
  env: Env,
  ctx: ExecutionContext,
) => Promise<void>;

const DEFAULT_DEADLINE_MS = 120_000;

/**
 * Makes the `queue()` handler that takes traces out of a queue.
 *
 * Each message is acknowledged or retried by itself, with growing waits. One
 * that cannot be read is never acknowledged, so that after `max_retries` the
 * queue moves it into its dead-letter queue, where it can be looked at; each
 * time it is logged as one line without any of its content. The handler never
 * throws, as that would retry the messages that are delivered already.
 *
 * Queues deliver at least once. A store recognises what it has; an exporter
 * cannot, so a destination behind `exporters` may get a batch twice, with the
 * same `batch.id` and span ids. A message is retried as a whole, also to the
 * exporters that took it: give each exporter that may fail a queue of its own.
 * A queue's dead letters are for `deadLetterConsumer`.
 *
 * @throws SluiceError `invalid_option` when there is nothing to deliver to, or for a `deadlineMs` that is none. A function of env is judged at
 *   the first batch: its failure is logged and the messages are retried.
 *
 * @example
 * ```ts
 * import { d1Store } from 'sluice/d1';
 * import { traceConsumer } from 'sluice/queue';
 *
 * interface Env { TRACES_DB: D1Database }
 *
 * export default {
 *   queue: traceConsumer<Env>((env) => ({ store: d1Store(env.TRACES_DB) })),
 * };
 * ```
 */
export function traceConsumer<Env = Cloudflare.Env>(
  target: ConsumerTarget | ((env: Env) => ConsumerTarget),
  options: ConsumerOptions = {},
): TraceConsumer<Env> {
  if (typeof target !== 'function') assertTarget(target);
  const { random = Math.random, deadlineMs = DEFAULT_DEADLINE_MS } = options;
  assertDeadline('traceConsumer', deadlineMs);
  return async function consumeTraces(batch, env): Promise<void> {
    const retry: Retry = (message, error) => {
      const delaySeconds = backoffSeconds(message.attempts, random(), retryAfterOf(error));
      message.retry({ delaySeconds });
    };
    let deadline: ReturnType<typeof startDeadline> | undefined;
    try {
      const resolved = resolveTarget(target, env, 'traceConsumer');
      assertTarget(resolved);
      const readable = readAll(batch, retry);
      deadline = startDeadline(deadlineMs, Date.now());
      settle(batch, await deliver(readable, resolved, deadline), retry);
    } catch (error) {
      // Only what was not settled yet is retried: the first of ack and retry counts.
      logBatch(batch, error, batch.messages.length);
      for (const message of batch.messages) retry(message);
    } finally {
      deadline?.clear();
    }
  };
}

/** Has a message come again later, by what its delivery failed with. */
type Retry = (message: Message, error?: unknown) => void;

/** The messages of a batch that are envelopes. The others are on their way to the dead-letter queue. */
function readAll(batch: MessageBatch, retryLater: (message: Message) => void): Readable<Message>[] {
  const readable: Readable<Message>[] = [];
  for (const message of batch.messages) {
    const chunks = tryRead(message.body);
    if (!(chunks instanceof SluiceError)) {
      readable.push({ message, chunks });
      continue;
    }
    logMessage(batch, message, chunks);
    // Waiting cannot mend a broken message, but a rollout may bring a consumer that reads a newer one.
    if (chunks instanceof UnknownVersionError) retryLater(message);
    else message.retry();
  }
  return readable;
}

function settle(batch: MessageBatch, deliveries: readonly Delivery<Message>[], retry: Retry): void {
  const failures = new Map<string, { error: unknown; count: number }>();
  for (const { message, error } of deliveries) {
    if (error === undefined) {
      message.ack();
      continue;
    }
    retry(message, error);
    const known = failures.get(codeOf(error));
    if (known) known.count += 1;
    else failures.set(codeOf(error), { error, count: 1 });
  }
  // An outage fails every message in the same way, so it is one line for each way.
  for (const { error, count } of failures.values()) logBatch(batch, error, count);
}

function assertTarget(target: unknown): asserts target is ConsumerTarget {
  const { store, exporters } = (target ?? {}) as Partial<ConsumerTarget>;
  const storeIsUsable = store === undefined || typeof store?.write === 'function';
  const exportersAreUsable =
    exporters === undefined ||
    (Array.isArray(exporters) &&
      exporters.every(
        (exporter: Partial<TraceExporter> | null) => typeof exporter?.export === 'function',
      ));
  const hasDestination = store !== undefined || (exporters?.length ?? 0) > 0;
  if (storeIsUsable && exportersAreUsable && hasDestination) return;
  throw new SluiceError(
    'invalid_option',
    'traceConsumer() needs somewhere to deliver to: { store: d1Store(env.TRACES_DB) } or { exporters: [...] }, or a function of env that returns one.',
  );
}
