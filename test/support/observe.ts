import { afterEach, beforeEach, vi } from 'vitest';
import { captureTraces } from '../../src/testing/capture-traces.ts';
import type { CapturedTraces } from '../../src/testing/capture-traces.ts';

/** Observes what each test of a file exports, and gives spies back after it. */
export function observeTraces(): Pick<CapturedTraces, 'flushed'> {
  let traces: CapturedTraces;
  beforeEach(() => {
    traces = captureTraces();
  });
  afterEach(() => {
    traces.stop();
    vi.restoreAllMocks();
  });
  return { flushed: (options) => traces.flushed(options) };
}

/** What each test of a file writes to the console, a line an entry. */
export function observeLogs(): { errors: string[]; lines: string[] } {
  const logs = { errors: [] as string[], lines: [] as string[] };
  beforeEach(() => {
    logs.errors.length = 0;
    logs.lines.length = 0;
    vi.spyOn(console, 'error').mockImplementation((line: string) => void logs.errors.push(line));
    vi.spyOn(console, 'log').mockImplementation((line: string) => void logs.lines.push(line));
  });
  return logs;
}
