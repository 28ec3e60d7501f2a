import type { Invariant, Requirement, SpanPattern } from '../options.ts';
import type { Rule, Sighting } from '../rule.ts';
import { fieldsOf } from '../step.ts';
import type { Step } from '../step.ts';
import type { TraceView } from '../view.ts';
import { counted, described, shown } from '../words.ts';

type Declared = Extract<Invariant, { when: SpanPattern }>;

/** The kind of span that each part of a pattern speaks of, and what it is called there. */
const PARTS: readonly [
  key: 'tool' | 'outcome' | 'guardrail' | 'handoffTo',
  kind: string,
  nameOf: (step: Step) => string | undefined,
][] = [
  ['tool', 'function', ({ name }) => name],
  ['outcome', 'outcome', ({ facts }) => facts.outcome?.name],
  ['guardrail', 'guardrail', ({ name }) => name],
  ['handoffTo', 'handoff', ({ facts }) => facts.handoffTo],
];

function matches(pattern: SpanPattern, step: Step): boolean {
  if (hasFailed(step) !== (pattern.failed === true)) return false;
  const part = PARTS.find(([key]) => pattern[key] !== undefined);
  if (!part) return step.kind === 'agent' && step.name === pattern.agent;
  const [key, kind, nameOf] = part;
  const isOf = pattern.agent === undefined || step.agent?.name === pattern.agent;
  return isOf && step.kind === kind && nameOf(step) === pattern[key];
}

/** A check fails by what it says. */
function hasFailed({ failed, facts }: Step): boolean {
  return failed || facts.guardrailTriggered || facts.outcome?.passed === false;
}

function broken(view: TraceView, { when, requires }: Declared): readonly Step[] {
  const seen = view.steps.filter((step) => matches(when, step));
  const find = (pattern?: SpanPattern): Step[] =>
    pattern ? view.steps.filter((step) => matches(pattern, step)) : [];
  const [before, after, never] = [requires.before, requires.after, requires.never].map(find);
  const firstEnd = (before ?? []).reduce(
    (min, { end }) => Math.min(min, end ?? Infinity),
    Infinity,
  );
  const lastStart = (after ?? []).findLast(({ start }) => start !== Infinity)?.start ?? -Infinity;
  return seen.filter(
    (step, at) =>
      (requires.before !== undefined && !isPreceded(step, firstEnd, before ?? [])) ||
      (requires.after !== undefined && lastStart < (step.end ?? step.start)) ||
      (never ?? []).length > 0 ||
      at >= (requires.atMost ?? Infinity),
  );
}

/** Of steps in one millisecond the order of the view decides. */
function isPreceded(step: Step, firstEnd: number, before: readonly Step[]): boolean {
  return firstEnd <= step.start && (before[0]?.order ?? Infinity) < step.order;
}

function worded(requires: Requirement): string {
  const parts = [
    requires.before && `${patternText(requires.before)} before it`,
    requires.after && `${patternText(requires.after)} after it`,
    requires.never && `no ${patternText(requires.never)}`,
    requires.atMost !== undefined && `at most ${counted(requires.atMost, 'time')}`,
  ];
  return parts.filter(Boolean).join(', ');
}

function patternText({ tool, agent, outcome, guardrail, handoffTo, failed }: SpanPattern): string {
  const words = [
    failed && 'failed',
    tool !== undefined && `tool ${tool}`,
    outcome !== undefined && `outcome ${outcome}`,
    guardrail !== undefined && `guardrail ${guardrail}`,
    handoffTo !== undefined && `handover to ${handoffTo}`,
    agent !== undefined && `agent ${agent}`,
  ];
  return words.filter(Boolean).join(' ');
}

function sightingsOf(view: TraceView, invariant: Invariant): Sighting[] {
  const name = shown(invariant.name, '(unnamed)');
  if ('when' in invariant) {
    const evidence = broken(view, invariant);
    const [first] = evidence;
    if (!first) return [];
    const title = `Invariant ${name} is broken by ${described(first)}: it requires ${worded(invariant.requires)}.`;
    return [{ title, evidence }];
  }
  const unchecked = (why: string): Sighting[] => [
    {
      title: `Invariant ${name} could not be checked: its function ${why}.`,
      evidence: [],
      severity: 'warning',
    },
  ];
  try {
    const verdict: unknown = invariant.check(view.trace);
    if (verdict === true) return [];
    if (verdict !== false && !Array.isArray(verdict))
      return unchecked('gave neither true or false nor spans');
    const ids = new Set(verdict === false ? [] : verdict.map((span) => fieldsOf(span)['id']));
    if (verdict !== false && ids.size === 0) return [];
    const evidence = view.steps.filter(({ id }) => ids.has(id));
    return [{ title: `Invariant ${name} is broken.`, evidence }];
  } catch {
    // The application's own code, on a trace that may be of any shape: its fault is told, not thrown.
    return unchecked('threw');
  }
}

export const invariants: Rule = {
  name: 'invariant',
  severity: 'failure',
  claims: 'The trace shows what the application declared that must not be.',
  cannot:
    'It cannot say more than the spans of this trace do: what is in another trace is not seen.',
  find: (view, { invariants: declared = [] }) =>
    declared.flatMap((invariant) => sightingsOf(view, invariant)),
};
