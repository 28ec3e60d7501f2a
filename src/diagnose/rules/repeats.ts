import { succeeded } from '../answers.ts';
import { contentKey } from '../content.ts';
import type { Rule, Sighting } from '../rule.ts';
import type { Step } from '../step.ts';
import { actorOf, groupBy, scopeOf } from '../view.ts';
import type { TraceView } from '../view.ts';
import { subject, times, toolName } from '../words.ts';

/** A call with what it was asked, what it gave, and how much new had happened before and after it. */
interface Call {
  step: Step;
  asked: string;
  gave: string;
  newBefore: number;
  newAfter: number;
}

/** What a call gave, in a form that equal outcomes share; undefined where nothing is known of it. */
function outcomeOf(step: Step): string | undefined {
  if (step.open) return undefined;
  if (step.failed) return `failed ${step.facts.errorKind ?? ''} ${step.facts.errorClass ?? ''}`;
  const key = contentKey(step.output);
  return key === undefined ? undefined : `gave ${key}`;
}

/** Reads the calls of one run in their order. A success that was not there before is news. */
function readCalls(steps: readonly Step[]): Call[] {
  const seen = new Set<string>();
  const calls: Call[] = [];
  for (const step of steps) {
    const newBefore = seen.size;
    const input = contentKey(step.input);
    const gave = outcomeOf(step);
    const asked = JSON.stringify([step.name ?? '', input ?? '']);
    // Of what nothing is known all may be new.
    if (input === undefined || gave === undefined) seen.add(`unknown ${step.order}`);
    else {
      if (succeeded(step)) seen.add(`${asked} ${gave}`);
      calls.push({ step, asked, gave, newBefore, newAfter: seen.size });
    }
  }
  return calls;
}

/** The last calls of a row that all gave the same. */
function alikeAtEnd(row: readonly Call[]): Call[] {
  const last = row.at(-1);
  const differs = row.findLastIndex(({ gave }) => gave !== last?.gave);
  return row.slice(differs + 1);
}

/** Whether the second was asked when the first had ended and nothing new had come between. */
function isStuck(first: Call, second: Call): boolean {
  return (
    second.newBefore === first.newAfter && second.step.start >= (first.step.end ?? first.step.start)
  );
}

/** One more try after a failure is what a careful agent does. */
const ENOUGH = { worked: 1, failed: 2 };

function repeats({ tools }: TraceView): Sighting[] {
  return [...groupBy(tools, scopeOf).values()].flatMap((steps) => {
    const calls = readCalls(steps);
    const news = calls.at(-1)?.newAfter ?? 0;
    const rows = groupBy(calls, ({ step, asked }) => `${actorOf(step)} ${asked}`);
    return [...rows.values()].flatMap((row) => repeatsIn(row, news));
  });
}

/** @param news how much new there had been when all was over */
function repeatsIn(row: readonly Call[], news: number): Sighting[] {
  const alike = alikeAtEnd(row);
  const [first, last] = [alike[0], alike.at(-1)];
  if (!first || !last) return [];
  const stuck = alike.filter((call, at) => at > 0 && isStuck(alike[at - 1] as Call, call));
  const { step } = first;
  if (stuck.length < (step.failed ? ENOUGH.failed : ENOUGH.worked)) return [];
  const result = step.failed ? 'failed alike each time' : 'got the same each time';
  const title = `${subject(step)} called ${toolName(step)} ${times(alike.length)} with equal arguments and ${result}.`;
  return [{ title, evidence: alike.map((call) => call.step), recovered: news > last.newAfter }];
}

export const repeatedCall: Rule = {
  name: 'repeated_call',
  severity: 'warning',
  claims:
    'One agent made the same call again, with equal arguments and equal result, and no other call of the run brought anything new in between.',
  cannot:
    'It cannot say that the repetition was useless: a call may have effects that its result does not show. Calls whose arguments or results are not known, even as fingerprints, are left out.',
  find: repeats,
};
