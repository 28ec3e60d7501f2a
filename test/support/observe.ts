import { afterEach, beforeEach, vi } from 'vitest';
import { captureTraces } from '../../src/testing/capture-traces.ts';
import type { CapturedTraces, FlushedTraces } from '../../src/testing/capture-traces.ts';

/** Observes what each test of a file exports, and gives spies back after it. */
export function observeTraces(): { flushed(): Promise<FlushedTraces> } {
  let traces: CapturedTraces;
  beforeEach(() => {
    traces = captureTraces();
  });
  afterEach(() => {
    traces.stop();
    vi.restoreAllMocks();
  });
  return { flushed: () => traces.flushed() };
}
