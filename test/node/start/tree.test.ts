import { describe, expect, test } from 'vitest';
import { printTree } from '../../../scripts/start/tree.ts';
import type { SpanFacts, SpanRecord } from '../../../src/model/records.ts';
import type { StoredTraceWithSpans } from '../../../src/model/store.ts';
import { recordingOutput } from './recording-output.ts';

function span(
  id: string,
  parent: string | null,
  facts: SpanFacts,
  times: [string | null, string | null] = ['2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.250Z'],
): SpanRecord {
  const [started_at, ended_at] = times;
  return {
    object: 'trace.span',
    id,
    trace_id: 'trace_1',
    parent_id: parent,
    started_at,
    ended_at,
    span_data: { type: facts.kind },
    error: null,
    facts,
  };
}

function trace(
  spans: SpanRecord[],
  more: Partial<StoredTraceWithSpans> = {},
): StoredTraceWithSpans {
  return {
    traceId: 'trace_1',
    workflow: 'support',
    groupId: null,
    requestId: null,
    status: 'ok',
    startedAt: 0,
    endedAt: 1_234,
    spanCount: spans.length,
    errorCount: 0,
    inputTokens: 10,
    outputTokens: 5,
    metadata: {},
    captured: spans.length,
    dropped: {},
    tools: [],
    errorKinds: [],
    models: [],
    missing: 0,
    sampleWeight: 1,
    spans,
    ...more,
  };
}

function draw(spans: SpanRecord[], more?: Partial<StoredTraceWithSpans>): string[] {
  const output = recordingOutput();
  printTree('plain', trace(spans, more), output);
  return output.lines;
}

describe('printTree', () => {
  test('draws what ran under what, with durations, tokens and errors', () => {
    const lines = draw([
      span('a', null, { kind: 'agent', name: 'triage' }),
      span('b', 'a', {
        kind: 'turn',
        turn: 1,
        usage: { input_tokens: 12, output_tokens: 3 },
        counts_usage: true,
      }),
      span('c', 'b', { kind: 'handoff', handoff_from: 'triage', handoff_to: 'orders' }),
      span('d', 'a', { kind: 'function', name: 'refund', error_kind: 'tool_error' }),
    ]);
    expect(lines).toEqual([
      'plain  ok  1234 ms, 4 spans, 10 → 5 tokens',
      'trace_1',
      '└─ agent triage                          250 ms',
      '   ├─ turn 1                             250 ms      12 → 3',
      '   │  └─ handoff triage → orders         250 ms',
      '   └─ function refund                    250 ms              ✗ tool_error',
      '',
    ]);
  });

  test('leaves out the tokens that a parent only repeats', () => {
    const lines = draw([
      span('a', null, { kind: 'task', usage: { input_tokens: 12, output_tokens: 3 } }),
    ]);
    expect(lines[2]).not.toContain('12');
  });

  test('shows a span whose parent was not stored', () => {
    expect(draw([span('b', 'gone', { kind: 'function', name: 'lookup' })])[2]).toContain(
      'function lookup',
    );
  });

  test('shows spans that name each other as parent', () => {
    const lines = draw([
      span('a', 'b', { kind: 'agent', name: 'one' }),
      span('b', 'a', { kind: 'agent', name: 'two' }),
    ]);
    expect(lines.join('\n')).toContain('agent one');
    expect(lines.join('\n')).toContain('agent two');
  });

  test('says that a span without an end is open', () => {
    const lines = draw([
      span('a', null, { kind: 'function', name: 'slow', truncated: true }, [
        '2026-01-01T00:00:00.000Z',
        null,
      ]),
    ]);
    expect(lines[2]).toMatch(/open.*truncated/);
  });

  test.each([
    ['ok', 'green'],
    ['error', 'red'],
    ['blocked', 'red'],
    ['truncated', 'red'],
    ['incomplete', 'red'],
  ] as const)('shows a trace that is %s in %s', (status, colour) => {
    const output = recordingOutput();
    const painted = { ...output, paint: (style: string, text: string) => `<${style}>${text}` };
    printTree('plain', trace([], { status }), painted);
    expect(output.lines[0]).toContain(`<${colour}>${status}`);
  });

  test('says how many spans of a trace are missing', () => {
    expect(draw([], { missing: 3, captured: 3 })[0]).toContain('3 spans missing');
    expect(draw([])[0]).not.toContain('missing');
  });

  test('keeps every line within 80 columns and free of control characters', () => {
    const hostile = `\u001B[31m${'x'.repeat(300)}`;
    const spans = Array.from({ length: 30 }, (_, depth) =>
      span(`s${depth}`, depth === 0 ? null : `s${depth - 1}`, {
        kind: 'function',
        name: hostile,
        error_kind: 'tool_arguments_invalid',
        usage: { input_tokens: 123_456, output_tokens: 98_765 },
        counts_usage: true,
      }),
    );
    for (const line of draw(spans, { groupId: hostile, errorCount: 30 })) {
      expect(Array.from(line).length).toBeLessThanOrEqual(80);
      expect(line).not.toMatch(/\p{Cc}/u);
    }
  });
});
