import fc from '../support/property.ts';
import { describe, expect, it } from 'vitest';
import { backoffSeconds } from '../../src/queue/backoff.ts';

describe('waiting before a retry', () => {
  it('doubles from attempt to attempt up to a quarter of an hour', () => {
    expect([1, 2, 3, 4, 7, 8, 50].map((attempts) => backoffSeconds(attempts, 1))).toEqual([
      10, 20, 40, 80, 640, 900, 900,
    ]);
  });

  it('is spread by chance over the upper half', () => {
    expect([0, 0.5, 1].map((random) => backoffSeconds(3, random))).toEqual([20, 30, 40]);
  });

  it('is as long as the destination asked for, up to an hour, and spread as ever', () => {
    expect(backoffSeconds(1, 0, 60_000)).toBe(60);
    expect(backoffSeconds(1, 1, 60_000)).toBe(65);
    expect(backoffSeconds(4, 1, 1_000)).toBe(80);
    expect(backoffSeconds(1, 0, 86_400_000)).toBe(3_600);
    expect(backoffSeconds(1, 0, -5)).toBe(5);
  });

  it('is a whole number that a queue takes, for any attempts', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.integer(), fc.double()),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (attempts, random) => {
          const seconds = backoffSeconds(attempts, random);
          expect(Number.isInteger(seconds)).toBe(true);
          expect(seconds).toBeGreaterThanOrEqual(5);
          expect(seconds).toBeLessThanOrEqual(900);
        },
      ),
    );
  });
});
