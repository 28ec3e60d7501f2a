import { beforeAll, describe, expect, it } from 'vitest';
import { CASES } from './cases/all.ts';
import type { Case } from './case.ts';
import { blank } from './oracle/account.ts';
import type { CaseVerdict } from './oracle/account.ts';
import { runSluice } from './stage/sluice.ts';

let verdicts: Map<Case, CaseVerdict>;

beforeAll(async () => {
  verdicts = await runSluice(CASES);
}, 60_000);

describe('nothing is unaccounted, lost, doubled or in a wrong trace', () => {
  it('in at least 60 cases with names of their own', () => {
    expect(new Set(CASES.map(({ name }) => name)).size).toBe(CASES.length);
    expect(CASES.length).toBeGreaterThanOrEqual(60);
  });

  it.each(CASES.map((given) => [given.name, given] as const))('%s', (_, given) => {
    expect(verdicts.get(given)).toEqual(blank());
  });
});
