import { SluiceError } from '../model/errors.ts';
import { withSignal } from '../model/signal.ts';
import type { DeadLetter, DeadLetterStore, LetterOwed, TraceStore } from '../model/store.ts';
import { backoffSeconds } from './backoff.ts';
import type { ConsumerOptions, TraceConsumer } from './consumer.ts';
import { allOrEach, assertDeadline, deliver, startDeadline } from './deliver.ts';
import type { Deadline, Delivery, Readable } from './deliver.ts';
import { owedOf, toLetter } from './letter.ts';
import type { Notice } from './letter.ts';
import { logBatch, logDead } from './log.ts';
import { resolveTarget, tryRead } from './read.ts';

/** Where dead letters end: a store of traces that also keeps letters, as `d1Store` does. */
export interface DeadLetterTarget {
  store: Pick<TraceStore, 'write'> & Pick<DeadLetterStore, 'bury'>;
}

export interface DeadLetterOptions extends ConsumerOptions {
  /**
   * Where the letters' own consumer delivers to, and so where they still have to go:
   *
   * - `'store'`: their traces are written into the store, and that is all
   * - `'both'`: their traces are written into the store, and they are kept for `redrive` to bring to exporters
   * - `'exporters'`: they are kept for `redrive`; the store has their traces by another way
   *
   * Letters that the `fallback` of an exporter sent are owed to exporters, whatever this says.
   *
   * @default 'store'
   */
  owedTo?: LetterOwed;
}

const DEFAULT_DEADLINE_MS = 120_000;

/** A readable letter that the store has refused so often is kept as it is: a dead-letter queue has none behind it. */
const KEEP_AFTER_ATTEMPTS = 3;

/** A message, and what it is noted as; undefined where it is to come again. */
interface Noted {
  message: Message;
  letter: DeadLetter | undefined;
}

/**
 * Makes the `queue()` handler of a dead-letter queue. Letters that can be read are
 * stored like any message, but for those of an exporter's `fallback`; these and what cannot be read, or not be delivered yet, are kept in
 * the store for `redrive`, inertly and without being logged. Each message raises the
 * day's count of dead letters once, however often it is delivered.
 *
 * While the store is down, letters are retried with growing waits. A queue deletes
 * what has used up its `max_retries`, so give a dead-letter queue many: 100 are a day.
 *
 * @throws SluiceError `invalid_option` when there is no store, or for an option that is none. A function of env is judged at
 *   the first batch: its failure is logged and the messages are retried.
 *
 * @example
 * ```ts
 * import { d1Store } from 'sluice/d1';
 * import { deadLetterConsumer, traceConsumer } from 'sluice/queue';
 *
 * interface Env { TRACES_DB: D1Database }
 *
 * const target = (env: Env) => ({ store: d1Store(env.TRACES_DB) });
 * const consume = traceConsumer<Env>(target);
 * const consumeDead = deadLetterConsumer<Env>(target);
 *
 * export default {
 *   queue: (batch, env, ctx) =>
 *     batch.queue.endsWith('-dead') ? consumeDead(batch, env, ctx) : consume(batch, env, ctx),
 * } satisfies ExportedHandler<Env>;
 * ```
 */
export function deadLetterConsumer<Env = Cloudflare.Env>(
  target: DeadLetterTarget | ((env: Env) => DeadLetterTarget),
  options: DeadLetterOptions = {},
): TraceConsumer<Env> {
  if (typeof target !== 'function') assertTarget(target);
  const { owedTo = 'store', random = Math.random, deadlineMs = DEFAULT_DEADLINE_MS } = options;
  assertOwedTo(owedTo);
  assertDeadline('deadLetterConsumer', deadlineMs);
  return async function consumeDeadLetters(batch, env): Promise<void> {
    const retry = (message: Message): void => {
      message.retry({ delaySeconds: backoffSeconds(message.attempts, random()) });
    };
    const now = Date.now();
    const deadline = startDeadline(deadlineMs, now);
    try {
      const resolved = resolveTarget(target, env, 'deadLetterConsumer');
      assertTarget(resolved);
      const noted = await storeAll(batch, resolved, { owedTo, now }, deadline);
      await buryAll(batch, noted, resolved, deadline, retry);
    } catch (error) {
      // Only what was not settled yet is retried: the first of ack and retry counts.
      logBatch(batch, error, batch.messages.length);
      for (const message of batch.messages) retry(message);
    } finally {
      deadline.clear();
    }
  };
}

/** Writes what can be read into the store, where it is owed to it, and says what each message is noted as. */
async function storeAll(
  batch: MessageBatch,
  { store }: DeadLetterTarget,
  { owedTo, now }: Pick<Notice, 'owedTo' | 'now'>,
  deadline: Deadline,
): Promise<Noted[]> {
  const note = (message: Message, what: Omit<Notice, 'queue' | 'now'>): Noted => ({
    message,
    letter: toLetter(message, { queue: batch.queue, now, ...what }),
  });
  const readable: Readable<Message>[] = [];
  const noted: Noted[] = [];
  for (const message of batch.messages) {
    const chunks = tryRead(message.body);
    if (chunks instanceof SluiceError) {
      noted.push(note(message, { error: chunks, owedTo, done: false }));
    } else if (owedOf(chunks, owedTo) === 'exporters') {
      noted.push(note(message, outcomeOf('exporters')));
    } else readable.push({ message, chunks });
  }
  const deliveries = await deliver(readable, { store }, deadline);
  for (const { message, error } of deliveries) {
    if (error === undefined) noted.push(note(message, outcomeOf(owedTo)));
    else if (message.attempts < KEEP_AFTER_ATTEMPTS) noted.push({ message, letter: undefined });
    else noted.push(note(message, { error, owedTo, done: false }));
  }
  logFailures(batch, deliveries);
  return noted;
}

/** What is still owed of a letter that the store has, or does not need. */
function outcomeOf(owedTo: LetterOwed): Omit<Notice, 'queue' | 'now'> {
  const message =
    owedTo === 'store'
      ? 'its consumer did not store it, and the dead-letter consumer did'
      : 'its exporters did not take it';
  const error = new SluiceError('export_failed', message);
  return { error, owedTo: owedTo === 'store' ? 'store' : 'exporters', done: owedTo === 'store' };
}

function logFailures(batch: MessageBatch, deliveries: readonly Delivery<Message>[]): void {
  const failed = deliveries.filter(({ error }) => error !== undefined);
  if (failed[0]) logBatch(batch, failed[0].error, failed.length);
}

/** Notes the letters, and acknowledges those that are noted. */
async function buryAll(
  batch: MessageBatch,
  noted: readonly Noted[],
  { store }: DeadLetterTarget,
  { signal }: Deadline,
  retry: (message: Message) => void,
): Promise<void> {
  const letters = noted.flatMap(({ letter }) => letter ?? []);
  const errors = await allOrEach(letters, (some) =>
    withSignal(signal, 'Keeping dead letters', () => store.bury(some)),
  );
  const failures = new Map(letters.map((letter, index) => [letter, errors[index]]));
  const buried: DeadLetter[] = [];
  for (const { message, letter } of noted) {
    if (letter === undefined || failures.get(letter) !== undefined) {
      retry(message);
      continue;
    }
    message.ack();
    buried.push(letter);
  }
  const failed = errors.filter((error) => error !== undefined);
  if (failed.length > 0) logBatch(batch, failed[0], failed.length);
  if (buried.length > 0) logDead(batch, buried);
}

function assertOwedTo(owedTo: unknown): void {
  const known: readonly unknown[] = ['store', 'both', 'exporters'] satisfies LetterOwed[];
  if (known.includes(owedTo)) return;
  throw new SluiceError(
    'invalid_option',
    `deadLetterConsumer(): owedTo must be one of ${known.join(', ')}, or absent for store.`,
  );
}

function assertTarget(target: unknown): asserts target is DeadLetterTarget {
  const { store } = (target ?? {}) as Partial<DeadLetterTarget>;
  if (typeof store?.write === 'function' && typeof store.bury === 'function') return;
  throw new SluiceError(
    'invalid_option',
    'deadLetterConsumer() needs a store that keeps letters: { store: d1Store(env.TRACES_DB) }, or a function of env that returns one.',
  );
}
