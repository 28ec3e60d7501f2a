import { describe, expect, test } from 'vitest';
import { createFlushLog } from '../../../scripts/start/flushes.ts';
import type { FlushLog } from '../../../scripts/start/flushes.ts';
import type { FlushReport } from '../../../src/model/exporter.ts';

const report = (more: Partial<FlushReport> = {}): FlushReport => ({
  traceIds: ['trace_1'],
  captured: 3,
  truncated: 0,
  reason: 'response',
  refused: {},
  faults: {},
  destinations: { queue: { exported: 3, dropped: {}, failed: 0 } },
  ...more,
});

function logOf(...reports: FlushReport[]): FlushLog {
  const log = createFlushLog();
  for (const each of reports)
    log.onLine(`[worker] ${JSON.stringify({ event: 'trace_flush', ...each })}`);
  return log;
}

describe('the flush log', () => {
  test('adds up the flushes of a trace', () => {
    const log = logOf(
      report({ reason: 'step' }),
      report({ captured: 2, destinations: { queue: { exported: 2, dropped: {}, failed: 0 } } }),
    );
    expect(log.account('trace_1')).toMatchObject({
      captured: 5,
      exported: 5,
      failed: 0,
      reasons: ['step', 'response'],
    });
  });

  test('knows that a step is not the last word', () => {
    expect(logOf(report({ reason: 'step' })).finished('trace_1')).toBe(false);
    expect(logOf(report()).finished('trace_1')).toBe(true);
    expect(logOf(report()).finished('trace_2')).toBe(false);
  });

  test('tells what failed and why from what was exported already', () => {
    const log = logOf(
      report({
        captured: 4,
        destinations: {
          queue: {
            exported: 1,
            dropped: { already_truncated: 1, policy_failed: 1 },
            failed: 1,
            error: 'queue is down',
          },
        },
      }),
    );
    expect(log.account('trace_1')).toMatchObject({
      repeated: 1,
      dropped: 1,
      failed: 1,
      errors: ['queue: queue is down'],
    });
  });

  test('passes over other lines and counts reports that it cannot read', () => {
    const log = createFlushLog();
    for (const line of [
      '',
      'GET / 200',
      '{"event":"other"}',
      '{"event":"trace_flush","traceIds":[',
    ])
      log.onLine(line);
    expect(log.all()).toEqual([]);
    expect(log.malformed()).toBe(1);
  });
});
