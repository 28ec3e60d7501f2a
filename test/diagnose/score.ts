import type { Finding, RuleName } from '../../src/diagnose/finding.ts';
import type { Scenario, Split } from './scenario.ts';

/** A scenario that was played, with what was found. */
export interface Judged {
  policy: string;
  split: Split;
  scenario: Scenario;
  findings: readonly Finding[];
}

interface Score {
  positives: number;
  precision: number;
  recall: number;
  /** Scenarios by name in which the rule was wrong. */
  wrong: string[];
}

/** What is not labelled must not be found: every scenario counts for every rule. */
export function score(rule: RuleName, runs: readonly Judged[]): Score {
  const isFound = ({ findings }: Judged): boolean => findings.some((one) => one.rule === rule);
  const isLabelled = ({ scenario }: Judged): boolean => scenario.fires.includes(rule);
  const right = runs.filter((run) => isFound(run) && isLabelled(run)).length;
  const found = runs.filter(isFound).length;
  const positives = runs.filter(isLabelled).length;
  return {
    positives,
    precision: found === 0 ? 0 : right / found,
    recall: right / positives,
    wrong: runs
      .filter((run) => isFound(run) !== isLabelled(run))
      .map(({ scenario }) => scenario.name),
  };
}

const COLUMNS = [
  ['full', 'tune'],
  ['full', 'held_out'],
  ['metadataOnly', 'tune'],
  ['metadataOnly', 'held_out'],
] as const;

/** Precision and recall of each rule, for each policy and split; and where a rule was wrong. */
export function table(rules: readonly RuleName[], judged: readonly Judged[]): string {
  const head = `${'precision/recall (positives)'.padEnd(30)}${COLUMNS.map((column) => column.join(' ').padEnd(24)).join('')}`;
  const mistakes: string[] = [];
  const rows = rules.map((rule) => {
    const cells = COLUMNS.map(([policy, split]) => {
      const runs = judged.filter((run) => run.policy === policy && run.split === split);
      const { positives, precision, recall, wrong } = score(rule, runs);
      // What was held out is not shown one by one, or somebody would tune on it.
      if (split === 'tune') mistakes.push(...wrong.map((name) => `${rule}: ${name} (${policy})`));
      return `${precision.toFixed(2)}/${recall.toFixed(2)} (${positives})`.padEnd(24);
    });
    return `${rule.padEnd(30)}${cells.join('')}`;
  });
  const runs = `${judged.length / 2} runs, each under both policies`;
  return [runs, head, ...rows, ...mistakes.map((mistake) => `wrong: ${mistake}`)].join('\n');
}
