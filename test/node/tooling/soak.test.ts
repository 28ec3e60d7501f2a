import { describe, expect, it } from 'vitest';
import { drawFrom, generator } from '../../../scripts/soak/draw.ts';
import { growthOf } from '../../../scripts/soak/memory.ts';
import { add, judgeSoak, newTally } from '../../../scripts/soak/tally.ts';
import { CASES } from '../../conformance/cases/all.ts';
import { blank } from '../../conformance/oracle/account.ts';

describe('the soak', () => {
  it('draws the same requests for the same seed, and slow ones seldom', () => {
    const names = (seed: number): string[] => {
      const draw = drawFrom(CASES, generator(seed));
      return Array.from({ length: 2_000 }, () => draw().name);
    };
    expect(names(1)).toEqual(names(1));
    expect(names(1)).not.toEqual(names(2));
    const draw = drawFrom(CASES, generator(3));
    const slow = Array.from({ length: 2_000 }, draw).filter(({ deadline }) => deadline === 'short');
    expect(slow.length).toBeGreaterThan(0);
    expect(slow.length).toBeLessThan(200);
  });

  it('passes only where nothing was found and memory is flat', () => {
    const flat = growthOf([9, 9, 100, 100, 104, 104, 101, 101]);
    const rising = growthOf([9, 9, 100, 100, 104, 104, 111, 111]);
    const tally = newTally();
    add(tally, 'a case', 7, blank());
    expect(judgeSoak(tally, flat, 1, 60).ok).toBe(true);
    expect(judgeSoak(tally, rising, 1, 60).ok).toBe(false);
    expect(judgeSoak(tally, growthOf([]), 1, 60).ok).toBe(false);
    add(tally, 'another', 7, { ...blank(), lost: ['d1: task'] });
    const { ok, text } = judgeSoak(tally, flat, 1, 60);
    expect(ok).toBe(false);
    expect(text).toMatch(/spans expected +14\nspans stored +13\n/);
    expect(text).toContain('another: lost: d1: task');
  });
});
