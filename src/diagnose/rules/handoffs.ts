import { succeeded } from '../answers.ts';
import { contentKey } from '../content.ts';
import { isAfter, ranLater } from '../recovery.ts';
import type { Rule, Sighting } from '../rule.ts';
import type { Step } from '../step.ts';
import { groupBy, isModel, scopeOf } from '../view.ts';
import type { TraceView } from '../view.ts';
import { counted, shown, times } from '../words.ts';

const from = ({ facts, agent }: Step, otherwise = 'An agent'): string =>
  shown(facts.handoffFrom ?? agent?.name, otherwise);
const to = ({ facts }: Step): string => shown(facts.handoffTo, 'another agent');

function loops({ steps, handoffs }: TraceView): Sighting[] {
  if (handoffs.length < 2) return [];
  const scopes = groupBy(steps, scopeOf);
  return [...scopes.values()].flatMap((scope) => loopIn(scope));
}

/** Handovers that were made again although no tool had given anything new since the last time. */
function loopIn(scope: readonly Step[]): Sighting[] {
  const seen = new Set<string>();
  const taken = new Map<string, { news: number; step: Step; count: number }>();
  const evidence = new Set<Step>();
  let worst: { step: Step; count: number } | undefined;
  for (const step of scope) {
    if (step.kind === 'function' && succeeded(step)) seen.add(newsOf(step));
    if (step.kind !== 'handoff' || step.facts.handoffTo === undefined) continue;
    const edge = JSON.stringify([from(step), step.facts.handoffTo]);
    const before = taken.get(edge);
    const count = (before?.count ?? 0) + 1;
    if (before?.news === seen.size) {
      evidence.add(before.step).add(step);
      if (count >= (worst?.count ?? 0)) worst = { step, count };
    }
    taken.set(edge, { news: seen.size, step, count });
  }
  if (!worst) return [];
  const all = [...evidence].toSorted((a, b) => a.order - b.order);
  const last = all.at(-1) as Step;
  const title = `${from(worst.step)} handed over to ${to(worst.step)} ${times(worst.count)}, and no tool gave anything new in between.`;
  const recovered = scope.some(
    (step) => step.kind === 'function' && succeeded(step) && isAfter(step, last),
  );
  return [{ title, evidence: all, recovered }];
}

function newsOf(step: Step): string {
  const [input, output] = [contentKey(step.input), contentKey(step.output)];
  if (input === undefined && output === undefined) return `unknown ${step.order}`;
  return JSON.stringify([step.name ?? '', input ?? '', output ?? '']);
}

export const handoffLoop: Rule = {
  name: 'handoff_loop',
  severity: 'failure',
  claims:
    'In one run an agent handed over to the same agent again, and no tool had given anything new since it did so before.',
  cannot:
    'It cannot say that nothing came of it: agents may have made progress by talking, which no span shows.',
  find: loops,
};

function untaken(view: TraceView): Sighting[] {
  const actors = actorsOf(view);
  return view.handoffs.flatMap((handoff) => {
    if (handoff.requestedAgents > 1) return [ignored(handoff)];
    if (handoff.facts.handoffTo === undefined && !handoff.failed) return [];
    if (!handoff.failed && (!view.isWhole || view.agents.length === 0)) return [];
    if (hasActed(actors, handoff)) return [];
    const title = handoff.failed
      ? `The handover of ${from(handoff, 'an agent')} to ${to(handoff)} failed.`
      : `${from(handoff)} handed over to ${to(handoff)}, which then did nothing.`;
    return [{ title, evidence: [handoff], recovered: ranLater(view, handoff) }];
  });
}

/** The last sign of life of each agent: an answer of a model, or a tool's call. */
function actorsOf({ steps, agents }: TraceView): ReadonlyMap<string, Step> {
  const acts = steps.filter((step) => step.agent && (isModel(step) || step.kind === 'function'));
  // Where nothing is known to be an agent's, that it was there must do.
  const signs = acts.length > 0 ? acts : agents;
  return new Map(signs.map((step) => [plain(step.agent?.name), step]));
}

function hasActed(actors: ReadonlyMap<string, Step>, handoff: Step): boolean {
  const act = actors.get(plain(handoff.facts.handoffTo));
  return act !== undefined && act.start >= (handoff.end ?? handoff.start) && act.start !== Infinity;
}

/** Some name the tool that hands over, others the agent: `transfer_to_billing` is `Billing Agent`. */
function plain(name: string | undefined): string {
  const letters = (name ?? '').toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
  return letters.replace(/^(?:transfer|handoff)(?:to)?(?=.)/, '').replace(/(?<=.)agent$/, '');
}

function ignored(handoff: Step): Sighting {
  const title = `${from(handoff)} asked for ${counted(handoff.requestedAgents, 'handover')} at once, and only ${to(handoff)} was handed over to.`;
  return { title, evidence: [handoff] };
}

export const handoffNotTaken: Rule = {
  name: 'handoff_not_taken',
  severity: 'failure',
  claims:
    'The agent that was handed over to called no model and no tool afterwards, the handover failed, or more were asked for than one.',
  cannot:
    'It cannot say whether the handover was the right one. An agent that acted may still have done nothing of use.',
  find: untaken,
};
