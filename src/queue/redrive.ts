import { describeError } from '../model/errors.ts';
import { withSignal } from '../model/signal.ts';
import type { DeadLetter, DeadLetterStore } from '../model/store.ts';
import { deliver, startDeadline } from './deliver.ts';
import type { Deadline, Delivery, Readable } from './deliver.ts';
import { assertRedrive } from './redrive-options.ts';
import { readPage } from './redrive-page.ts';
import type { RedriveTarget, SortedPage } from './redrive-page.ts';

export interface RedriveOptions {
  from: Pick<DeadLetterStore, 'deadLetters' | 'countDeadLetters' | 'settle'>;
  to: RedriveTarget;
  /**
   * How many letters to try, 1 to 1000: those that can be read and are owed to
   * something in `to`. The others are passed over, up to 10,000. @default 100
   */
  limit?: number;
  /** `next` of the report before, to go on behind the letters that it left. */
  cursor?: string;
  /** Begins no more letters after this, in milliseconds. @default 25_000 */
  deadlineMs?: number;
}

export interface RedriveReport {
  /** Letters that arrived, and are kept no longer. */
  redriven: number;
  /** Letters that this version cannot read. They stay for one that can. */
  unreadable: number;
  /** Letters that a destination did not take. They stay. */
  failed: number;
  /** Letters owed to something that `to` does not have. They stay. */
  skipped: number;
  /** Letters that are kept now, those of the counts before included. */
  remaining: number;
  /** What the first destination that failed said. */
  error?: string;
  /** Present when there may be letters that were not looked at: for `cursor`, where letters in front fail again and again. */
  next?: string;
}

const DEFAULT_LIMIT = 100;
const DEFAULT_DEADLINE_MS = 25_000;

/** Bounds what one call asks of the store: an invocation has 1,000 queries. */
const MAX_PAGES = 400;

type Counts = Omit<RedriveReport, 'remaining' | 'next'>;

/**
 * Brings dead letters back, oldest first: reads each again, as a newer version may
 * read what an older one could not, and delivers it to what it is owed to. Those that
 * arrived are kept no longer.
 *
 * A store recognises what it has, so doing it twice changes nothing there; an exporter
 * may get a letter twice when two of these run at once, or one is cut off. Run it from
 * a cron or a route that only operators reach.
 *
 * @throws SluiceError `invalid_option`, or the store's own when letters cannot be read or let go of
 *
 * @example
 * ```ts
 * import { d1Store } from 'sluice/d1';
 * import { redrive } from 'sluice/queue';
 *
 * interface Env { TRACES_DB: D1Database }
 *
 * export default {
 *   async scheduled(_controller, env) {
 *     const store = d1Store(env.TRACES_DB);
 *     const { redriven, remaining } = await redrive({ from: store, to: { store } });
 *     console.log(JSON.stringify({ event: 'redrive', redriven, remaining }));
 *   },
 * } satisfies ExportedHandler<Env>;
 * ```
 */
export async function redrive(options: RedriveOptions): Promise<RedriveReport> {
  assertRedrive(options);
  const deadline = startDeadline(options.deadlineMs ?? DEFAULT_DEADLINE_MS, Date.now());
  try {
    return await redriveUntil(options, deadline);
  } finally {
    deadline.clear();
  }
}

async function redriveUntil(options: RedriveOptions, deadline: Deadline): Promise<RedriveReport> {
  const { from, to, limit = DEFAULT_LIMIT } = options;
  const counts: Counts = { redriven: 0, unreadable: 0, failed: 0, skipped: 0 };
  let { cursor } = options;
  let left = limit;
  for (let pages = 0; pages < MAX_PAGES && left > 0 && !deadline.signal.aborted; pages += 1) {
    const page = await readPage(from, cursor, to, left);
    counts.unreadable += page.unreadable;
    counts.skipped += page.skipped;
    left -= page.tried;
    const arrived = await redriveAll(page.groups, to, deadline, counts);
    if (arrived.length > 0) await from.settle(arrived);
    counts.redriven += arrived.length;
    cursor = page.next;
    if (cursor === undefined) break;
  }
  const report = { ...counts, remaining: await from.countDeadLetters() };
  return cursor === undefined ? report : { ...report, next: cursor };
}

/** @returns the letters that arrived */
async function redriveAll(
  groups: SortedPage['groups'],
  to: RedriveTarget,
  deadline: Deadline,
  counts: Counts,
): Promise<DeadLetter[]> {
  const { store, exporters, queue } = to;
  const outcomes = queue
    ? [await sendAll(Object.values(groups).flat(), queue, deadline)]
    : await Promise.all([
        deliver(groups.store, { store }, deadline),
        deliver(groups.exporters, { exporters }, deadline),
        deliver(groups.both, { store, exporters }, deadline),
      ]);
  return outcomes.flat().flatMap(({ message, error }) => {
    if (error === undefined) return [message];
    counts.failed += 1;
    counts.error ??= describeError(error);
    return [];
  });
}

/** As they were sent. The queue's consumer sees the same chunks again, under another message id. */
function sendAll(
  readable: readonly Readable<DeadLetter>[],
  queue: Pick<Queue, 'send'>,
  { signal }: Deadline,
): Promise<Delivery<DeadLetter>[]> {
  const send = async ({ message }: Readable<DeadLetter>): Promise<Delivery<DeadLetter>> => {
    const body: unknown = JSON.parse(message.body ?? 'null');
    try {
      await withSignal(signal, 'Sending to the queue', () =>
        queue.send(body, { contentType: 'json' }),
      );
      return { message };
    } catch (error) {
      return { message, error };
    }
  };
  return Promise.all(readable.map(send));
}
