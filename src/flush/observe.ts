import type { Scope } from '../capture/scope.ts';
import type { FlushReport } from '../model/exporter.ts';
import type { TraceBatch } from '../model/records.ts';

/**
 * Lets a test see what production does, without another code path: a set of
 * observers on `globalThis`, absent everywhere else.
 */
export interface FlushObserver {
  opened(scope: Scope): void;
  /** What a destination is handed, after the policy. */
  handed(scope: Scope, destination: string, batch: TraceBatch): void;
  flushed(scope: Scope, report: FlushReport): void;
  settled(scope: Scope): void;
}

const OBSERVERS: unique symbol = Symbol.for('sluice.flushObservers');
const holder = globalThis as { [OBSERVERS]?: Set<FlushObserver> };

export function observers(): Iterable<FlushObserver> {
  return holder[OBSERVERS] ?? [];
}

export function addObserver(observer: FlushObserver): () => void {
  const set = (holder[OBSERVERS] ??= new Set());
  set.add(observer);
  return () => set.delete(observer);
}
