import { describe, expect, test } from 'vitest';
import type { Account } from '../../../scripts/start/flushes.ts';
import { printDelivery, printSearch, printTotals } from '../../../scripts/start/report.ts';
import type { Arrival, Sent } from '../../../scripts/start/round.ts';
import type { SearchResult } from '../../../scripts/start/search.ts';
import type { StoreTotals } from '../../../scripts/start/traces.ts';
import { recordingOutput } from './recording-output.ts';

const account: Account = {
  reasons: ['response'],
  captured: 2,
  exported: 2,
  failed: 0,
  repeated: 0,
  dropped: 0,
  truncated: 0,
  errors: [],
};
const stored = { spans: [{}, {}], status: 'ok' } as Arrival['stored'];
const sent = [{}] as Sent[];

describe('printDelivery', () => {
  test('is satisfied when every captured span is stored', () => {
    const output = recordingOutput();
    expect(printDelivery(sent, [{ traceId: 'trace_1', account, stored, lost: 0 }], output)).toBe(
      true,
    );
    expect(output.lines).toEqual(['✓ 1 of 1 traces, 2 spans captured, 2 in D1, 0 lost']);
  });

  test('names the trace that lost spans, how many, and what the destination said', () => {
    const output = recordingOutput();
    const failed = { ...account, failed: 2, errors: ['queue: down'] };
    expect(printDelivery(sent, [{ traceId: 'trace_1', account: failed, lost: 2 }], output)).toBe(
      false,
    );
    expect(output.lines.join('\n')).toContain('trace_1: 2 of 2 spans lost');
    expect(output.lines.join('\n')).toContain('queue: down');
  });

  test('does not take a trace whose end has not arrived for a success, although no span is lost', () => {
    const output = recordingOutput();
    const open = { ...stored, status: 'incomplete' } as Arrival['stored'];
    const arrival = { traceId: 'trace_1', account, stored: open, lost: 0 };
    expect(printDelivery(sent, [arrival], output)).toBe(false);
    expect(output.lines).toContain('✗ trace_1: its end has not arrived');
  });

  test('is not satisfied when a request has no trace', () => {
    expect(printDelivery(sent, [], recordingOutput())).toBe(false);
  });
});

function totals(patch: Partial<StoreTotals> = {}): StoreTotals {
  const days = [{ traces: 3, spans: 30 }];
  return { lost: 2, missing: 1, deadLetters: { received: 4, waiting: 4 }, days, ...patch };
}

describe('printTotals', () => {
  test('shows what the store counted since the run began, and that nothing was lost', () => {
    const output = recordingOutput();
    const days = [
      { traces: 1, spans: 5 },
      { traces: 5, spans: 40 },
    ];
    expect(printTotals(totals(), totals({ days }), output)).toBe(true);
    expect(output.lines).toEqual([
      "✓ the store's daily totals: 3 traces, 15 spans",
      '✓ lost: 0 · missing: 0 · dead letters: 0',
    ]);
  });

  test.each<[string, Partial<StoreTotals>]>([
    ['lost: 1 · missing: 0 · dead letters: 0', { lost: 3 }],
    ['lost: 0 · missing: 4 · dead letters: 0', { missing: 5 }],
    ['lost: 0 · missing: 0 · dead letters: 1', { deadLetters: { received: 5, waiting: 0 } }],
  ])('is not satisfied with %s', (line, patch) => {
    const output = recordingOutput();
    expect(printTotals(totals(), totals(patch), output)).toBe(false);
    expect(output.lines).toContain(`✗ ${line}`);
  });
});

function search(files: number): SearchResult {
  return {
    filesSearched: 1,
    bytesSearched: 1,
    rowsSearched: 1,
    found: new Map([
      ['prompt', { files, rows: 0 }],
      ['tool error', { files, rows: 0 }],
    ]),
  };
}

describe('printSearch', () => {
  test('is satisfied when only the control has the secrets', () => {
    expect(printSearch(search(0), search(1), true, recordingOutput())).toBe(true);
  });

  test('is not when a secret was stored', () => {
    const output = recordingOutput();
    expect(printSearch(search(1), search(1), true, output)).toBe(false);
    expect(output.lines).toContain('✗ a planted secret was stored');
  });

  test('is not when the control shows that the search finds nothing', () => {
    expect(printSearch(search(0), search(0), true, recordingOutput())).toBe(false);
  });
});
