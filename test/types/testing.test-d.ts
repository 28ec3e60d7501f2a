/** Checked by `tsc -p tsconfig.json`, never run: what the types of `sluice/testing` let through and what not. */
import { expect } from 'vitest';
import type { ActiveTrace, FlushReport, TraceExporter } from '../../src/index.ts';
import { exporterContract, storeContract } from '../../src/testing/index.ts';
import type { FlushedTraces } from '../../src/testing/index.ts';

/** Both ways, so that a promise does not pass for nothing. */
type Equal<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
function assertEqual<A, B>(_same: Equal<A, B>): void {}

export function matchers(flushed: FlushedTraces, report: FlushReport, trace: ActiveTrace): void {
  const now = expect(flushed);
  assertEqual<ReturnType<typeof now.toHaveFlushed>, void>(true);
  const told = expect(report);
  assertEqual<ReturnType<typeof told.toHaveLostNothing>, void>(true);
  // Its account is still to come, and a matcher that is not awaited would pass in silence.
  const later = expect(trace);
  assertEqual<ReturnType<typeof later.toHaveExported>, Promise<void>>(true);

  // @ts-expect-error -- no such reason
  now.toHaveFlushed('bored');
  // @ts-expect-error -- a count is a number
  now.toHaveExported('queue', '7');
  now.toHaveSpans(['function lookup_order']);
  now.not.toHaveOutcome('schema_valid', false);
}

const exporter: TraceExporter = { name: 'x', export: async () => {} };
const arrived = (): string[] => [];

export function contracts(): void {
  exporterContract({ make: () => ({ exporter, arrived }), fail() {} });
  // @ts-expect-error -- a contract that cannot see what has arrived would let everything pass
  exporterContract({ make: () => ({ exporter }), fail() {} });
  // @ts-expect-error -- a contract that cannot break the destination would miss half
  exporterContract({ make: () => ({ exporter, arrived }) });
  // @ts-expect-error -- no store
  storeContract({ make: () => ({}) });
}
