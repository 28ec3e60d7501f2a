import type { Chunk } from '../model/envelope.ts';
import { SluiceError } from '../model/errors.ts';
import type { TraceExporter } from '../model/exporter.ts';
import type { DeadLetter, DeadLetterStore, LetterOwed, TraceStore } from '../model/store.ts';
import type { Readable } from './deliver.ts';
import { owedOf } from './letter.ts';
import { tryRead } from './read.ts';

/** Where letters are brought: to what they are owed to, or back into a queue whose consumer knows. */
export interface RedriveTarget {
  store?: Pick<TraceStore, 'write'>;
  exporters?: readonly TraceExporter[];
  /** Instead of the others. */
  queue?: Pick<Queue, 'send'>;
}

/** A page of letters, looked through. */
export interface SortedPage {
  /** Letters to try, by what they are owed to. */
  groups: Record<LetterOwed, Readable<DeadLetter>[]>;
  /** How many letters `groups` has. */
  tried: number;
  unreadable: number;
  skipped: number;
  /** Present when there may be more behind it. */
  next?: string;
}

/** So many letters at once: each may be 128 kB, and exporters hold them all. */
const PAGE = 25;

/**
 * The letters behind a cursor. Only a store can say where a page ends, so one with
 * more to try than `most` is read again, shorter.
 */
export async function readPage(
  from: Pick<DeadLetterStore, 'deadLetters'>,
  cursor: string | undefined,
  to: RedriveTarget,
  most: number,
): Promise<SortedPage> {
  const { letters, next } = await from.deadLetters({ limit: PAGE, cursor });
  const page = sort(letters, to);
  if (page.tried <= most) return { ...page, next };
  let end = 0;
  for (let tried = 0; tried < most; end += 1) tried += sort(letters.slice(end, end + 1), to).tried;
  const shorter = await from.deadLetters({ limit: end, cursor });
  return { ...sort(shorter.letters, to), next: shorter.next };
}

function sort(letters: readonly DeadLetter[], to: RedriveTarget): SortedPage {
  const groups: SortedPage['groups'] = { store: [], exporters: [], both: [] };
  let [tried, unreadable, skipped] = [0, 0, 0];
  for (const letter of letters) {
    const chunks = read(letter);
    // Whoever noted a letter that it could not read did not know that an exporter had handed it over.
    const owedTo = owedOf(chunks ?? [], letter.owedTo);
    if (!chunks) unreadable += 1;
    else if (!isServed(owedTo, to)) skipped += 1;
    else {
      groups[owedTo].push({ message: letter, chunks });
      tried += 1;
    }
  }
  return { groups, tried, unreadable, skipped };
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
  // A list without exporters takes everything and brings it nowhere.
  return isStored && (owedTo === 'store' || (exporters?.length ?? 0) > 0);
}
