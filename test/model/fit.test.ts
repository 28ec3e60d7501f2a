import fc from '../support/property.ts';
import { describe, expect, it } from 'vitest';
import { fitSpan } from '../../src/model/fit.ts';
import { isPlainJson } from '../../src/model/json.ts';
import { MAX_JSON_DEPTH } from '../../src/model/limits.ts';
import type { Json, SpanRecord } from '../../src/model/records.ts';
import { makeSpan } from '../store/make.ts';
import { anyJson, anyText, bytesOf, nested } from './arbitrary.ts';

const BUDGET = 8_000;

function fitted(patch: Partial<SpanRecord>, budget: number = BUDGET): SpanRecord {
  const { record, bytes } = fitSpan(makeSpan('a', patch), budget);
  expect(bytes).toBe(bytesOf(record));
  expect(bytes).toBeLessThanOrEqual(budget);
  return record;
}

const facts = {
  kind: 'generation',
  model: 'some-model',
  usage: { input_tokens: 900, output_tokens: 40 },
  counts_usage: true,
  finish_reason: 'stop',
};

describe('fitting a span into a budget', () => {
  it('does not touch one that fits', () => {
    const span = makeSpan('a');
    expect(fitSpan(span, bytesOf(span))).toEqual({ record: span, bytes: bytesOf(span) });
    expect(fitSpan(span, BUDGET).record).toBe(span);
  });

  it('keeps usage, status, ids, times and error, and cuts content', () => {
    const span = fitted({
      facts,
      error: { message: 'model refused' },
      span_data: { type: 'generation', output: 'o'.repeat(50_000) },
    });
    const { id, trace_id, parent_id, started_at, ended_at } = makeSpan('a');
    expect(span).toMatchObject({ id, trace_id, parent_id, started_at, ended_at });
    expect(span.span_data.type).toBe('generation');
    expect(span.error).toEqual({ message: 'model refused' });
    expect(span.facts).toEqual({ ...facts, cut: { 'span_data.output': 50_002 } });
    expect(span.span_data['output']).toMatch(/^o{5000,}…$/);
  });

  it('cuts the largest to one size and leaves small fields whole', () => {
    const span = fitted({
      span_data: { type: 'function', input: 'i'.repeat(500), output: 'o'.repeat(50_000) },
      extra: { instructions: 'n'.repeat(30_000) },
    });
    expect(span.span_data['input']).toBe('i'.repeat(500));
    expect(span.facts.cut).toEqual({ 'span_data.output': 50_002, 'extra.instructions': 30_002 });
    const lengths = [span.span_data['output'], span.extra?.['instructions']].map(
      (text) => JSON.stringify(text).length,
    );
    expect(Math.min(...lengths)).toBeGreaterThan(3_000);
    expect(Math.abs(Number(lengths[0]) - Number(lengths[1]))).toBeLessThan(5);
  });

  it('uses most of the budget for text', () => {
    const used = bytesOf(fitted({ extra: { input: 'x'.repeat(100_000) } }));
    expect(used).toBeGreaterThan(BUDGET - 200);
  });

  it.each(['😀', '€', '\u0001', '"\\', '\ud800'])('counts the bytes that %j takes', (unit) => {
    const span = fitted({ extra: { input: unit.repeat(20_000) } });
    expect(span.extra?.['input']).toMatch(/.{1000,}…$/s);
    expect(bytesOf(span)).toBeGreaterThan(BUDGET * 0.85);
  });

  it('never cuts a character in two', () => {
    for (let pad = 0; pad < 4; pad += 1) {
      const span = fitted({ extra: { input: 'a'.repeat(pad) + '😀'.repeat(10_000) } });
      expect(span.extra?.['input']).toMatch(/^a*(😀)+…$/u);
    }
  });

  it('replaces what is no text by the head of its JSON', () => {
    const input = Array.from({ length: 5_000 }, (_, n) => n);
    const span = fitted({ extra: { input, note: 'kept' }, facts });
    const { $cut, bytes } = { ...(span.extra?.['input'] as { $cut: string; bytes: number }) };
    expect(JSON.stringify(input).startsWith($cut)).toBe(true);
    expect($cut.length).toBeGreaterThan(5_000);
    expect(bytes).toBe(bytesOf(input));
    expect(span.extra?.['note']).toBe('kept');
    expect(span.facts).toEqual({ ...facts, cut: { 'extra.input': bytesOf(input) } });
  });

  it('cuts what the capture has cut without forgetting how much there was', () => {
    const input = { $cut: '["'.repeat(20_000), bytes: 7_000_000 };
    const span = fitted({
      extra: { input },
      facts: { ...facts, cut: { 'extra.input': 7_000_000 } },
    });
    expect(span.extra?.['input']).toEqual({
      $cut: expect.stringMatching(/^(\["){1000,}\[?$/),
      bytes: 7_000_000,
    });
    expect(span.facts.cut).toEqual({ 'extra.input': 7_000_000 });
  });

  it('keeps the beginning of a long error message, and content beside it', () => {
    const span = fitted({
      error: { message: 'm'.repeat(60_000), data: 'd'.repeat(10) },
      extra: { note: 'kept' },
    });
    expect(span.error?.message).toMatch(/^m{3000,}…$/);
    expect(span.error?.data).toBe('d'.repeat(10));
    expect(span.extra).toEqual({ note: 'kept' });
    expect(span.facts.cut).toEqual({ 'error.message': 60_002 });
  });

  it('cuts fields that are nested deeper than a reader can follow, and only those', () => {
    const patch = { span_data: { type: 'custom', data: nested(900), name: 'kept' } };
    expect(bytesOf(patch)).toBeLessThan(BUDGET);
    const span = fitted(patch);
    expect(span.span_data).toEqual({
      type: 'custom',
      data: { $cut: expect.stringMatching(/^\[{500,}/), bytes: 1_802 },
      name: 'kept',
    });
    expect(span.facts.cut).toEqual({ 'span_data.data': 1_802 });
  });

  it('leaves nothing that the reader of a message refuses for its depth', () => {
    for (let levels = MAX_JSON_DEPTH - 20; levels <= MAX_JSON_DEPTH + 5; levels += 1) {
      for (const patch of [
        { extra: { input: nested(levels) } },
        { error: { message: '', data: { arguments: nested(levels) } } },
      ]) {
        const message = { v: 1, chunks: [{ spans: [fitted(patch)] }] };
        expect(isPlainJson(message)).toBe(true);
      }
    }
  });

  it('keeps identity, outcome and the head of the error where countless fields leave no room', () => {
    const extra = Object.fromEntries(Array.from({ length: 9_000 }, (_, n) => [`k${n}`, n]));
    const outcome = { name: 'schema', passed: false, code: 'missing_field' };
    const patch = { facts: { ...facts, outcome }, extra, error: { message: 'm'.repeat(1_000) } };
    expect(fitted(patch)).toEqual({
      ...makeSpan('a'),
      span_data: { type: 'function' },
      error: { message: 'm'.repeat(128) },
      facts: { ...facts, outcome, cut: { span: bytesOf(makeSpan('a', patch)) } },
    });
  });

  it('keeps a message of control characters in budget, each of which takes six bytes as JSON', () => {
    const extra = Object.fromEntries(
      Array.from({ length: 40 }, (_, n) => [`${n}${'\n'.repeat(200)}`, null]),
    );
    const error = { message: '\u0001'.repeat(250), data: {} };
    const { record, bytes } = fitSpan(makeSpan('a', { error, extra }), 1_000);
    expect(record.facts.cut).toHaveProperty('span');
    expect(bytes).toBeLessThanOrEqual(1_000);
    expect(error.message.startsWith(record.error?.message ?? '-')).toBe(true);
  });

  it('cannot be made to change a prototype by a field name', () => {
    const extra = JSON.parse(`{"__proto__":{"a":"${'p'.repeat(20_000)}"}}`) as {
      [key: string]: Json;
    };
    const span = fitted({ extra });
    expect(Object.entries(span.extra ?? {})).toEqual([
      ['__proto__', { $cut: expect.stringMatching(/^\{"a":"p{5000,}$/), bytes: 20_008 }],
    ]);
    expect(Object.getPrototypeOf(span.extra)).toBe(Object.prototype);
  });

  it('takes time in proportion to a hostile span, not to its square', () => {
    const fields = Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`key${n}`, '"']));
    const list = Array.from({ length: 1_000_000 }, (_, n) => [n % 10]);
    const started = performance.now();
    expect(fitted({ extra: fields }).facts.cut).toHaveProperty('span');
    expect(fitted({ extra: { list } }).facts.cut).toHaveProperty(['extra.list']);
    expect(fitted({ extra: { a: '\u0001'.repeat(1_000_000) } }, 120_000).extra).toBeDefined();
    expect(performance.now() - started).toBeLessThan(15_000);
  });
});

describe('fitting any span', () => {
  const content = fc.dictionary(anyText, anyJson, { maxKeys: 6 });
  const patches = fc.record({
    span_data: content.map((data) => ({ ...data, type: 'custom' })),
    error: fc.option(fc.record({ message: anyText, data: anyJson })),
    extra: content,
  });

  it('keeps it in budget, with all that is not content, and notes each field that is not whole', () => {
    fc.assert(
      fc.property(patches, fc.integer({ min: 1_000, max: 20_000 }), (patch, budget) => {
        const before = makeSpan('a', structuredClone({ ...patch, facts }));
        const given = makeSpan('a', { ...patch, facts });
        const { record, bytes } = fitSpan(given, budget);
        expect(given).toEqual(before);
        expect(bytes).toBe(bytesOf(record));
        expect(bytes).toBeLessThanOrEqual(budget);
        const { cut, ...kept } = record.facts;
        expect(kept).toEqual(facts);
        expect(record.span_data.type).toBe('custom');
        if (cut === undefined) expect(record).toBe(given);
        else if (cut['span'] === undefined) {
          for (const place of ['span_data', 'extra', 'error'] as const) {
            const had = { ...given[place] } as Record<string, Json>;
            const has = { ...record[place] } as Record<string, Json>;
            expect(Object.keys(has)).toEqual(Object.keys(had));
            for (const key of Object.keys(had)) {
              const isWhole = JSON.stringify(has[key]) === JSON.stringify(had[key]);
              const label = `${place}.${key.slice(0, 48)}`;
              if (!isWhole) expect(Object.keys(cut)).toContain(label);
            }
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
