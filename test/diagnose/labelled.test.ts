/** How well the rules find what the labels say, under both policies and on what was held out. */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { diagnose } from '../../src/diagnose/diagnose.ts';
import type { Finding, RuleName } from '../../src/diagnose/finding.ts';
import type { DiagnoseOptions } from '../../src/diagnose/options.ts';
import { RULES } from '../../src/diagnose/table.ts';
import type { StoredTraceWithSpans } from '../../src/model/store.ts';
import { full, metadataOnly } from '../../src/policy/policy.ts';
import { playAll } from './play.ts';
import { splitsOf } from './scenario.ts';
import type { Scenario, Split } from './scenario.ts';
import { SCENARIOS } from './scenarios/all.ts';
import { score, table } from './score.ts';
import type { Judged } from './score.ts';

const SPLITS = splitsOf(SCENARIOS);
const POLICIES = { full, metadataOnly } as const;
const NAMES = RULES.map(({ name }) => name);
const judged: Judged[] = [];

beforeAll(async () => {
  // What comes after a deadline is told of on the console, as it should be.
  const silenced = vi.spyOn(console, 'error').mockImplementation(() => {});
  const played = Object.entries(POLICIES).map(([policy, treats]) =>
    playAll(SCENARIOS, treats, (scenario, trace) => ({
      policy,
      split: SPLITS.get(scenario.name) as Split,
      scenario,
      findings: diagnose(trace, optionsFor(scenario, trace)),
    })),
  );
  judged.push(...(await Promise.all(played)).flat());
  silenced.mockRestore();
  console.log(table(NAMES, judged));
}, 120_000);

function optionsFor({ diagnose: options }: Scenario, trace: StoredTraceWithSpans): DiagnoseOptions {
  return (typeof options === 'function' ? options(trace) : options) ?? {};
}

const found = (findings: readonly Finding[], rule: RuleName) =>
  findings.filter((finding) => finding.rule === rule);

describe.each(Object.keys(POLICIES))('under %s', (policy) => {
  describe.each(['all', 'held_out'] as const)('on %s', (split) => {
    const runs = () =>
      judged.filter((run) => run.policy === policy && (split === 'all' || run.split === split));

    it.each(NAMES)('%s finds 9 of 10 and is right 9 times of 10', (rule) => {
      const { precision, recall } = score(rule, runs());
      expect(precision).toBeGreaterThanOrEqual(0.9);
      expect(recall).toBeGreaterThanOrEqual(0.9);
    });

    it('says rightly of 49 in 50 runs whether they got over what was found', () => {
      const wrong = runs().filter((run) => !run.scenario.fires.every((rule) => isTold(run, rule)));
      const list = wrong.map(({ scenario }) => scenario.name);
      expect(list.length / runs().length, list.join('\n')).toBeLessThan(0.02);
    });
  });
});

/** Of a rule that found nothing there is nothing to tell; that is for recall. */
function isTold({ scenario, findings }: Judged, rule: RuleName): boolean {
  const isRecovered = (scenario.recovered ?? []).includes(rule);
  return found(findings, rule).every(({ recovered }) => recovered === isRecovered);
}

it('finds the same under both policies', () => {
  const rulesOf = (policy: string) =>
    judged
      .filter((run) => run.policy === policy)
      .map(({ scenario, findings }) => [nameOf(scenario), ...rules(findings)]);
  const [all, bare] = [rulesOf('full'), rulesOf('metadataOnly')];
  const same = all.filter((row, at) => row.join() === bare[at]?.join());
  expect(same.length / all.length).toBeGreaterThanOrEqual(0.97);
});

const nameOf = ({ name }: Scenario): string => name;
const rules = (findings: readonly Finding[]): string[] =>
  [...new Set(findings.map(({ rule }) => rule))].toSorted();
