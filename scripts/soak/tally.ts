/** What a soak found, and its verdict. */
import type { CaseVerdict } from '../../test/conformance/oracle/account.ts';
import { isPerfect } from '../../test/conformance/oracle/judge.ts';
import type { Growth } from './memory.ts';

/** Memory may be so much higher at the end than it was before the middle. */
const MAX_GROWTH = 0.1;

export interface Tally {
  requests: number;
  /** Spans that there must be, in each place that has to hold them. */
  expected: number;
  findings: Record<keyof CaseVerdict, number>;
  /** The first of them, in words. */
  examples: string[];
}

const MAX_EXAMPLES = 20;

export function newTally(): Tally {
  const none = { lost: 0, duplicated: 0, misplaced: 0, unexpected: 0 };
  return {
    requests: 0,
    expected: 0,
    findings: { ...none, wrong: 0, mixed: 0, unaccounted: 0 },
    examples: [],
  };
}

export function add(tally: Tally, name: string, expected: number, verdict: CaseVerdict): void {
  tally.requests += 1;
  tally.expected += expected;
  if (isPerfect(verdict)) return;
  for (const [kind, found] of Object.entries(verdict) as [keyof CaseVerdict, string[]][]) {
    tally.findings[kind] += found.length;
    for (const what of found) {
      if (tally.examples.length < MAX_EXAMPLES) tally.examples.push(`${name}: ${kind}: ${what}`);
    }
  }
}

export interface Verdict {
  ok: boolean;
  text: string;
}

export function judgeSoak(tally: Tally, growth: Growth, seed: number, seconds: number): Verdict {
  const { requests, expected, findings, examples } = tally;
  const found = Object.values(findings).reduce((sum, n) => sum + n, 0);
  const isFlat = growth.share <= MAX_GROWTH;
  const stored = expected - findings.lost;
  const row = (name: string, value: string): string => `${name.padEnd(26)}${value}`;
  const count = (n: number): string => n.toLocaleString('en');
  const text = [
    row('requests', `${count(requests)} in ${seconds.toFixed(0)} s, seed ${seed}`),
    row('spans expected', count(expected)),
    row('spans stored', count(stored)),
    ...Object.entries(findings).map(([kind, n]) => row(kind, count(n))),
    row('memory, second quarter', `${growth.secondQuarter.toFixed(0)} MB`),
    row(
      'memory, last quarter',
      `${growth.lastQuarter.toFixed(0)} MB (${(growth.share * 100).toFixed(1)} %)`,
    ),
    ...examples.map((example) => `  ${example}`),
    found === 0 && isFlat ? 'Everything arrived once, and memory is flat.' : 'The soak failed.',
  ].join('\n');
  return { ok: found === 0 && isFlat, text };
}
