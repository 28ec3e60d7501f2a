import { describe, expect, it } from 'vitest';
import type { RuleName } from '../../src/diagnose/finding.ts';
import { splitsOf } from './scenario.ts';
import { SCENARIOS } from './scenarios/all.ts';

const SPLITS = splitsOf(SCENARIOS);
const RULES = [...new Set(SCENARIOS.flatMap(({ fires }) => fires))];

const positives = (rule: RuleName) => SCENARIOS.filter(({ fires }) => fires.includes(rule));
const tempting = (rule: RuleName) =>
  SCENARIOS.filter(({ fires, tempts = [] }) => tempts.includes(rule) && !fires.includes(rule));

describe('the labelled scenarios', () => {
  it('are each of a name of their own, since the name decides the split', () => {
    expect(new Set(SCENARIOS.map(({ name }) => name)).size).toBe(SCENARIOS.length);
  });

  it('label all rules', () => {
    expect(RULES).toHaveLength(23);
  });

  it.each(RULES)('have at least 8 that %s must find and 8 that are made to mislead it', (rule) => {
    expect(positives(rule).length).toBeGreaterThanOrEqual(8);
    expect(tempting(rule).length).toBeGreaterThanOrEqual(8);
  });

  it.each(RULES)('keep positives and hard negatives of %s out of tuning', (rule) => {
    const heldOut = (scenarios: typeof SCENARIOS) =>
      scenarios.filter(({ name }) => SPLITS.get(name) === 'held_out').length;
    expect(heldOut(positives(rule))).toBeGreaterThanOrEqual(2);
    expect(heldOut(tempting(rule))).toBeGreaterThanOrEqual(2);
  });

  it('keep a third out of tuning', () => {
    const heldOut = [...SPLITS.values()].filter((split) => split === 'held_out');
    expect(heldOut.length / SCENARIOS.length).toBeCloseTo(1 / 3, 2);
  });
});
