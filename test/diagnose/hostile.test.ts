/** A store holds what it was sent: spans of any shape must not stop a diagnosis. */
import { describe, expect, it } from 'vitest';
import fc from '../support/property.ts';
import { anyJson, anyText, nested } from '../model/arbitrary.ts';
import { diagnose } from '../../src/diagnose/diagnose.ts';
import type { Finding } from '../../src/diagnose/finding.ts';
import type { DiagnoseOptions } from '../../src/diagnose/options.ts';
import type { StoredTraceWithSpans } from '../../src/model/store.ts';
import { calls, span, traceOf } from './shapes.ts';

const OPTIONS: DiagnoseOptions = {
  slowMs: 5,
  usual: { tokens: 10 },
  invariants: [
    { name: 'any', when: { tool: 'search' }, requires: { before: { tool: '__proto__' } } },
    { name: 'own', check: ({ spans }) => spans.slice(0, 1) },
  ],
};

const names = fc.oneof(
  anyText,
  fc.constantFrom('search', '__proto__', 'constructor', 'toString', '\u202eBilling', ''),
);
const times = fc.oneof(
  fc.integer({ min: 0, max: 20 }).map((at) => new Date(at).toISOString()),
  fc.constantFrom('', 'yesterday', '9999999-01-01T00:00:00Z'),
  fc.constant(null),
);
const ids = fc.constantFrom('a', 'b', 'c', 'd', 'e', '__proto__', '');

const facts = fc.record(
  {
    kind: fc.oneof(
      fc.constantFrom('function', 'response', 'handoff', 'agent', 'task', 'turn', 'guardrail'),
      fc.constantFrom('outcome', 'custom', 'mcp_tools', '__proto__'),
    ),
    name: names,
    tool_calls: fc.oneof(fc.integer({ min: -1, max: 3 }), fc.constant(1e300)),
    arguments_valid: fc.boolean(),
    handoff_from: names,
    handoff_to: names,
    finish_reason: fc.constantFrom('length', 'stop', 'SAFETY', '__proto__'),
    error_kind: fc.constantFrom('tool_error', 'max_turns', 'guardrail_tripped', 'constructor'),
    error_class: names,
    truncated: fc.boolean(),
    usage: fc.oneof(anyJson, fc.record({ input_tokens: fc.integer(), output_tokens: fc.nat() })),
    counts_usage: fc.boolean(),
    outcome: fc.oneof(anyJson, fc.record({ name: names, passed: fc.boolean() })),
    guardrail_triggered: fc.boolean(),
  },
  { requiredKeys: ['kind'] },
);

const likely = fc.record(
  {
    id: ids,
    trace_id: fc.constant('t'),
    parent_id: fc.oneof(ids, fc.constant(null)),
    started_at: times,
    ended_at: times,
    span_data: fc.oneof(anyJson, fc.record({ type: names, input: anyJson, output: anyJson })),
    error: fc.oneof(anyJson, fc.record({ message: anyText, data: anyJson })),
    facts: fc.oneof({ weight: 6, arbitrary: facts }, { weight: 1, arbitrary: anyJson }),
  },
  { requiredKeys: [] },
);

const spans = fc.array(
  fc.oneof({ weight: 8, arbitrary: likely }, { weight: 1, arbitrary: anyJson }),
  {
    maxLength: 25,
  },
);

const traces = fc
  .record({
    spans,
    status: fc.constantFrom('ok', 'error', 'blocked', 'truncated', 'incomplete', '__proto__'),
    startedAt: fc.oneof(fc.integer(), fc.constant(Number.NaN)),
    dropped: fc.dictionary(anyText, fc.integer()),
    missing: fc.integer({ min: -1, max: 2 }),
  })
  .map(({ spans: all, ...patch }) => traceOf(all, patch as Partial<StoredTraceWithSpans>));

function expectWellFormed(finding: Finding): void {
  expect(Number.isFinite(finding.at)).toBe(true);
  expect(finding.title).not.toMatch(/undefined|NaN|Infinity|\[object|[\p{Cc}\p{Cf}]/u);
  expect(finding.title.length).toBeLessThan(900);
  expect(finding.spanId).toBe(finding.evidence[0] ?? null);
}

describe('the diagnosis of whatever was stored', () => {
  it('never throws, and says what can be shown', () => {
    fc.assert(
      fc.property(traces, (trace) => {
        for (const finding of diagnose(trace, OPTIONS)) expectWellFormed(finding);
      }),
      { numRuns: 500 },
    );
  });

  it('depends on nothing but the trace, and not on the order of its spans', () => {
    const shuffled = traces.chain((trace) =>
      fc.tuple(
        fc.constant(trace),
        fc.shuffledSubarray([...trace.spans], {
          minLength: trace.spans.length,
          maxLength: trace.spans.length,
        }),
      ),
    );
    const options = { ...OPTIONS, invariants: OPTIONS.invariants?.slice(0, 1) };
    fc.assert(
      fc.property(shuffled, ([trace, other]) => {
        const found = diagnose(trace, options);
        expect(diagnose(trace, options)).toEqual(found);
        expect(diagnose({ ...trace, spans: other }, options)).toEqual(found);
      }),
      { numRuns: 300 },
    );
  });

  it('leaves the trace as it was', () => {
    const trace = traceOf([...calls(3), span('r', 'response', { tool_calls: 3 }, { at: 1 })]);
    const before = structuredClone(trace);
    diagnose(trace, OPTIONS);
    expect(trace).toEqual(before);
  });

  it('survives parents that form a circle, or are themselves', () => {
    const circle = ['a', 'b', 'c'].map((id, at) =>
      span(id, 'agent', { name: id }, { parent_id: ['b', 'c', 'a'][at] as string, at }),
    );
    const self = span('d', 'function', { name: 'd', error_kind: 'tool_error' }, { parent_id: 'd' });
    expect(diagnose(traceOf([...circle, self])).map(({ rule }) => rule)).toEqual(['tool_failed']);
  });

  it('survives content that is nested deeper than a stack', () => {
    const deep = nested(20_000);
    const trace = traceOf(calls(3, 'deep', { input: deep, output: deep }));
    expect(diagnose(trace)).toEqual([]);
  });

  it('survives no spans, spans that are no list, and spans without an id', () => {
    expect(diagnose(traceOf([])).map(({ rule }) => rule)).toEqual(['no_agent_ran']);
    expect(() => diagnose(traceOf([], { spans: 'x' as never }))).not.toThrow();
    expect(diagnose(traceOf([null, 1, {}, { facts: { kind: 'agent' } }]))).toHaveLength(1);
  });

  it('takes a tool called like what every object inherits for a tool', () => {
    const trace = traceOf(
      ['__proto__', 'constructor', 'toString'].map((name, at) =>
        span(name, 'function', { name, error_kind: 'tool_error' }, { at }),
      ),
    );
    const titles = diagnose(trace).map(({ title }) => title);
    expect(titles).toEqual([
      'Tool __proto__ failed.',
      'Tool constructor failed.',
      'Tool toString failed.',
    ]);
  });
});
