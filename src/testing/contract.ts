/** What the contract suites share: cases that any runner can run, and assertions that say what is wrong. */
import type { StoredTraceWithSpans, TraceStore } from '../model/store.ts';

/** One promise of a contract. */
export interface ContractCase {
  /** A sentence, after the name of what is tested. */
  name: string;
  /** Rejects with what is not kept. Cases run one after the other, in any order. */
  run(): Promise<void>;
}

/** One promise of a store; what it is given makes an empty one. */
export type StoreCheck = (empty: () => Promise<TraceStore>) => Promise<void>;

/** A promise that an exporter or a store does not keep. */
class ContractError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'ContractError';
  }
}

export function ensure(condition: boolean, message: string): asserts condition {
  if (!condition) throw new ContractError(message);
}

const MAX_SHOWN_CHARACTERS = 300;

/** What stands before a difference says where it is. */
const LEAD_CHARACTERS = 80;

/** Compares as JSON, which is what travels; the order of keys does not matter. */
export function ensureEqual(actual: unknown, expected: unknown, what: string): void {
  const [got, wanted] = [canonical(actual), canonical(expected)];
  if (got === wanted) return;
  const from = firstDifference(got, wanted);
  throw new ContractError(
    `${what}\n  expected ${excerpt(wanted, from)}\n  received ${excerpt(got, from)}`,
  );
}

/** Ids as a list without order; names what is missing, too many, or came more than once. */
export function ensureIds(
  actual: readonly string[],
  expected: readonly string[],
  what: string,
): void {
  const [got, wanted] = [new Set(actual), new Set(expected)];
  const faults = [
    ['missing', expected.filter((id) => !got.has(id))],
    ['unexpected', actual.filter((id) => !wanted.has(id))],
    ['more than once', actual.filter((id, index) => actual.indexOf(id) !== index)],
  ] as const;
  const told = faults
    .filter(([, ids]) => ids.length > 0)
    .map(([fault, ids]) => `  ${fault}: ${ids.length} of ${expected.length}, such as ${ids[0]}`);
  if (told.length > 0) throw new ContractError([what, ...told].join('\n'));
}

/** Waits for work that must come to an end. */
export async function ensureWithin<T>(work: Promise<T>, ms: number, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new ContractError(`${what} within ${ms} ms`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** A case says itself that it hangs; a runner's timeout would only say where. */
export function inTime(run: () => Promise<void>, ms = 4_500): Promise<void> {
  return ensureWithin(run(), ms, 'something that was called did not settle');
}

/** Settles what must resolve, with the failure of what does not as its cause. */
export async function ensureResolves<T>(work: Promise<T>, what: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new ContractError(`${what}, but it rejected with ${String(error)}`, error);
  }
}

/** @returns what it rejected with */
export async function ensureRejects(work: Promise<unknown>, what: string): Promise<unknown> {
  const settled = await work.then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  if (settled === undefined) throw new ContractError(`${what}, but it resolved`);
  return settled.error;
}

export async function ensureKnown(store: TraceStore, id: string): Promise<StoredTraceWithSpans> {
  const trace = await store.getTrace(id);
  ensure(trace !== undefined, 'getTrace() has to find a trace that was written');
  return trace;
}

function canonical(value: unknown): string {
  const sorted = (_key: string, item: unknown): unknown =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : item;
  return JSON.stringify(value, sorted) ?? 'undefined';
}

function firstDifference(a: string, b: string): number {
  let index = 0;
  while (index < a.length && a[index] === b[index]) index += 1;
  return index;
}

/** The part of a long text in which the difference is. */
function excerpt(text: string, difference: number): string {
  if (text.length <= MAX_SHOWN_CHARACTERS) return text;
  const from = Math.max(0, difference - LEAD_CHARACTERS);
  const to = from + MAX_SHOWN_CHARACTERS;
  return `${from > 0 ? '…' : ''}${text.slice(from, to)}${to < text.length ? '…' : ''}`;
}
