import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diagnose } from '../../src/diagnose/diagnose.ts';
import { SPAN_GUIDE } from '../../src/diagnose/guide.ts';
import { RULE_GUIDE } from '../../src/diagnose/table.ts';
import type { SpanRecord } from '../../src/model/records.ts';
import { span, traceOf } from '../diagnose/shapes.ts';

type Shape = (n: number) => SpanRecord;

/** What costs most where a rule compares each with each. */
const SHAPES: Record<string, Shape> = {
  'a chain of parents': (n) =>
    span(`s${n}`, 'agent', { name: `a${n}` }, { at: n, parent_id: `s${n - 1}` }),
  'children of one': (n) =>
    span(`s${n}`, 'custom', { name: 'x' }, { at: n, ms: 20_000, parent_id: n ? 's0' : null }),
  'tools that all fail, each of its own name': (n) =>
    span(`s${n}`, 'function', { name: `t${n}`, error_kind: 'tool_error' }, { at: n }),
  'one call again and again': (n) =>
    span(`s${n}`, 'function', { name: 't' }, { at: n * 20, input: '{"b":1,"a":2}', output: 'x' }),
  'agents that hand over in circles': (n) =>
    span(
      `s${n}`,
      'handoff',
      { handoff_from: `a${n % 7}`, handoff_to: `a${(n + 1) % 7}` },
      { at: n },
    ),
  'answers that ask and are not answered': (n) =>
    span(`s${n}`, 'response', { tool_calls: 1, usage: { input_tokens: n } }, { at: n }),
  'answers that are answered late': (n) =>
    n % 2
      ? span(`s${n}`, 'response', { tool_calls: 1 }, { at: n })
      : span(`s${n}`, 'function', { name: `t${n}` }, { at: 20_000 + n }),
  'runs inside of runs that are out of turns': (n) =>
    span(
      `s${n}`,
      'task',
      { name: `t${n}`, error_kind: 'max_turns' },
      { at: n, parent_id: `s${n - 1}` },
    ),
  'answers that ask, each inside of the one before': (n) =>
    span(
      `s${n}`,
      n % 2 ? 'response' : 'turn',
      { tool_calls: 1 },
      { at: n, parent_id: `s${n - 1}` },
    ),
  'errors of a class without end': (n) =>
    span(`s${n}`, 'function', { name: 't', error_class: 'Guardrail'.repeat(8_000) }, { at: n }),
  'spans without a time': (n) =>
    span(`s${n}`, 'function', { name: 't' }, { started_at: null, ended_at: null }),
};

function timeOf(shape: Shape, count: number): number {
  const trace = traceOf(Array.from({ length: count }, (_, n) => shape(n)));
  const options = {
    invariants: [
      { name: 'i', when: { tool: 't' }, requires: { before: { tool: 'u' }, after: { tool: 't' } } },
    ],
  };
  return Math.min(
    ...Array.from({ length: 5 }, () => {
      const began = performance.now();
      diagnose(trace, options);
      return performance.now() - began;
    }),
  );
}

/** Four times the spans; below some milliseconds what is measured is the machine. */
function growsTooFast(shape: Shape): boolean {
  const [small, large] = [timeOf(shape, 2_500), timeOf(shape, 10_000)];
  return large >= 20 && large / small >= 10;
}

describe('a diagnosis', () => {
  it.each(Object.entries(SHAPES))('costs what the length of the trace costs: %s', (_, shape) => {
    timeOf(shape, 2_500);
    // What grows faster does so every time; a busy machine only sometimes.
    expect([0, 1, 2, 3, 4].every(() => growsTooFast(shape))).toBe(false);
  });
});

describe('docs/diagnose.md', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/diagnose.md'), 'utf8');

  it.each(RULE_GUIDE)('says what $name claims and what it cannot', ({ name, claims, cannot }) => {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\` `)) ?? '';
    expect(row).toContain(claims);
    expect(row).toContain(cannot);
  });

  it.each(Object.keys(SPAN_GUIDE))('says what a span of kind %s finds and cannot prove', (kind) => {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${kind}\` `)) ?? '';
    const { finds = [], cannotProve = [] } = SPAN_GUIDE[kind] ?? {};
    for (const text of [...finds, ...cannotProve]) expect(row).toContain(text);
  });
});
