import type { DiagnoseOptions } from '../options.ts';
import type { Rule, Sighting } from '../rule.ts';
import type { Step } from '../step.ts';
import { groupBy, isModel } from '../view.ts';
import type { TraceView } from '../view.ts';
import { described, seconds, times } from '../words.ts';

/** Models think; tools and checks answer. */
const DEFAULT_MODEL_MS = 60_000;
const DEFAULT_MS = 10_000;

/** These take as long as what happens in them. */
const AROUND: ReadonlySet<string> = new Set(['task', 'agent', 'turn']);

function limitFor(step: Step, { slowMs }: DiagnoseOptions): number {
  const own =
    typeof slowMs === 'object' && Object.hasOwn(slowMs, step.kind) ? slowMs[step.kind] : slowMs;
  if (typeof own === 'number' && own >= 0) return own;
  return isModel(step) ? DEFAULT_MODEL_MS : DEFAULT_MS;
}

/** How long a step took by itself: without what happened inside it, which has steps of its own. */
function ownMs({ start, end, children }: Step): number {
  if (end === null || start === Infinity) return 0;
  let [inside, reached] = [0, start];
  for (const child of children) {
    const until = Math.min(child.end ?? end, end);
    inside += Math.max(0, until - Math.max(child.start, reached));
    reached = Math.max(reached, until);
  }
  return end - start - inside;
}

function slow({ steps }: TraceView, options: DiagnoseOptions): Sighting[] {
  const found = steps
    .filter(({ kind }) => !AROUND.has(kind))
    .map((step) => ({ step, ms: ownMs(step), limit: limitFor(step, options) }))
    .filter(({ ms, limit }) => ms >= limit && ms > 0);
  return [...groupBy(found, ({ step }) => described(step)).entries()].map(([what, group]) => {
    const longest = group.reduce((max, { ms }) => Math.max(max, ms), 0);
    const limit = group[0]?.limit ?? 0;
    const often = group.length > 1 ? ` (at most, ${times(group.length)} over)` : '';
    const title = `${what[0]?.toUpperCase()}${what.slice(1)} took ${seconds(longest)}${often}, where ${seconds(limit)} is slow.`;
    return { title, evidence: group.map(({ step }) => step) };
  });
}

export const slowSpan: Rule = {
  name: 'slow_span',
  severity: 'warning',
  claims:
    'A step took longer by itself than the limit for its kind; what happened inside it is not counted.',
  cannot:
    'It cannot say whether it computed, waited or was held up, nor whether anybody minded. A step that was still open has no duration.',
  find: slow,
};
