import type { Chunk } from '../model/envelope.ts';
import { describeError, SluiceError } from '../model/errors.ts';
import type { TraceExporter } from '../model/exporter.ts';
import { withSignal } from '../model/signal.ts';
import type { DeadLetter, DeadLetterStore, LetterOwed, TraceStore } from '../model/store.ts';
import { deliver, startDeadline } from './deliver.ts';
import type { Deadline, Delivery, Readable } from './deliver.ts';
import { tryRead } from './read.ts';

/** Where letters are brought: to what they are owed to, or back into a queue whose consumer knows. */
export interface RedriveTarget {
  store?: Pick<TraceStore, 'write'>;
  exporters?: readonly TraceExporter[];
  /** Instead of the others. */
  queue?: Pick<Queue, 'send'>;
}

export interface RedriveOptions {
  from: Pick<DeadLetterStore, 'deadLetters' | 'countDeadLetters' | 'settle'>;
  to: RedriveTarget;
  /** How many letters to look at, 1 to 1000. @default 100 */
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
  /** Present when there may be letters that were not looked at. */
  next?: string;
}

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1_000;
const DEFAULT_DEADLINE_MS = 25_000;

/** So many letters at once: each may be 128 kB, and exporters hold them all. */
const PAGE = 25;

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
  assertOptions(options);
  const { from, to, limit = DEFAULT_LIMIT, deadlineMs = DEFAULT_DEADLINE_MS } = options;
  const deadline = startDeadline(deadlineMs, Date.now());
  const counts: Counts = { redriven: 0, unreadable: 0, failed: 0, skipped: 0 };
  let { cursor } = options;
  for (let left = limit; left > 0 && !deadline.signal.aborted; left -= PAGE) {
    const { letters, next } = await from.deadLetters({ limit: Math.min(PAGE, left), cursor });
    const arrived = await redrivePage(letters, to, deadline, counts);
    await from.settle(arrived);
    counts.redriven += arrived.length;
    cursor = next;
    if (next === undefined) break;
  }
  const report = { ...counts, remaining: await from.countDeadLetters() };
  return cursor === undefined ? report : { ...report, next: cursor };
}

/** @returns the letters that arrived */
async function redrivePage(
  letters: readonly DeadLetter[],
  to: RedriveTarget,
  deadline: Deadline,
  counts: Counts,
): Promise<DeadLetter[]> {
  const groups: Record<LetterOwed, Readable<DeadLetter>[]> = { store: [], exporters: [], both: [] };
  for (const letter of letters) {
    const chunks = read(letter);
    if (!chunks) counts.unreadable += 1;
    else if (!isServed(letter.owedTo, to)) counts.skipped += 1;
    else groups[letter.owedTo].push({ message: letter, chunks });
  }
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

/** A cut body is no longer what was sent, whatever it looks like. */
function read({ body, cut }: DeadLetter): Chunk[] | undefined {
  if (body === null || cut) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const chunks = tryRead(parsed);
  return chunks instanceof SluiceError ? undefined : chunks;
}

function isServed(owedTo: LetterOwed, { store, exporters, queue }: RedriveTarget): boolean {
  if (queue) return true;
  const isStored = owedTo === 'exporters' || store !== undefined;
  return isStored && (owedTo === 'store' || exporters !== undefined);
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

function assertOptions({ from, to, limit = DEFAULT_LIMIT }: RedriveOptions): void {
  const { store, exporters, queue } = (to ?? {}) as Partial<RedriveTarget>;
  const isDirect = store !== undefined || (exporters?.length ?? 0) > 0;
  if (typeof from?.deadLetters !== 'function')
    throw invalid('from must be a store that keeps letters, such as d1Store(env.TRACES_DB)');
  if (isDirect === (queue !== undefined))
    throw invalid('to must have a store or exporters, or else a queue');
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT)
    throw invalid(`limit must be a whole number from 1 to ${MAX_LIMIT}`);
}

function invalid(what: string): SluiceError {
  return new SluiceError('invalid_option', `redrive: ${what}.`);
}
