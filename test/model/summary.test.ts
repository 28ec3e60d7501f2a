import { describe, expect, it } from 'vitest';
import type { Usage } from '../../src/model/records.ts';
import { summarize } from '../../src/model/summary.ts';
import { makeChunk, makeSpan } from '../store/make.ts';

const usage = { input_tokens: 10, output_tokens: 3 };

describe('summarizing a chunk', () => {
  it('counts tokens only where they enter totals', () => {
    const chunk = makeChunk({}, [
      makeSpan('task', { facts: { kind: 'task', usage } }),
      makeSpan('turn', { facts: { kind: 'turn', usage, counts_usage: true } }),
      makeSpan('other', {
        facts: { kind: 'turn', usage: { input_tokens: 1 }, counts_usage: true },
      }),
    ]);
    expect(summarize(chunk)).toEqual({
      span_count: 3,
      error_count: 0,
      input_tokens: 11,
      output_tokens: 3,
    });
  });

  it('counts failed spans', () => {
    const chunk = makeChunk({}, [makeSpan('a', { error: { message: '' } }), makeSpan('b')]);
    expect(summarize(chunk)).toMatchObject({ span_count: 2, error_count: 1 });
  });

  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY, '7', null, 1.5])(
    'makes a whole number of %o tokens',
    (tokens) => {
      const hostile = { input_tokens: tokens } as unknown as Usage;
      const { input_tokens } = summarize(
        makeChunk({}, [
          makeSpan('a', { facts: { kind: 'turn', usage: hostile, counts_usage: true } }),
        ]),
      );
      expect(Number.isSafeInteger(input_tokens)).toBe(true);
      expect(input_tokens).toBeGreaterThanOrEqual(0);
    },
  );

  it('is nothing for a chunk without spans', () => {
    expect(summarize(makeChunk())).toEqual({
      span_count: 0,
      error_count: 0,
      input_tokens: 0,
      output_tokens: 0,
    });
  });
});
