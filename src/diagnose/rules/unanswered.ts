/** Calls that a model asked for and that no span shows: lost, or waiting for a person. */
import { isAfter, ranLater } from '../recovery.ts';
import type { Rule, Sighting } from '../rule.ts';
import type { Step } from '../step.ts';
import { Ledger, runOf } from '../ledger.ts';
import { groupBy, isModel } from '../view.ts';
import type { TraceView } from '../view.ts';
import { counted, listed, subject, toolName } from '../words.ts';

/** An answer of a model that asked for more calls than were made. */
interface Owing {
  answer: Step;
  left: number;
  /** The same run asked a model again, so that it did not wait. */
  goesOn: boolean;
}

function owingIn(view: TraceView): Owing[] {
  return view.isWhole ? view.levels.flatMap(owingOf) : [];
}

function owingOf(level: readonly Step[]): Owing[] {
  let [asked, made] = [0, 0];
  const ledger = new Ledger();
  const lastAnswers = new Map<string, Step>();
  for (const step of level) {
    if (isModel(step)) {
      asked += step.facts.toolCalls;
      lastAnswers.set(runOf(step), step);
      if (step.facts.toolCalls > 0) ledger.owe(step);
    }
    const calls = callsOf(step);
    made += calls;
    if (calls > 0) ledger.pay(step, calls);
  }
  // The sums do not depend on the order of what happened within one millisecond.
  if (asked <= made || wasStopped(level)) return [];
  return ledger.open().flatMap(({ answer, left }) => {
    const last = lastAnswers.get(runOf(answer)) ?? answer;
    const goesOn = last !== answer && isAfter(last, answer);
    // A trace of another origin may not have its tools' calls at all.
    if (made === 0 && (goesOn || !isOfRun(answer))) return [];
    return [{ answer, left: Math.min(left, asked - made), goesOn }];
  });
}

/** What answers a model's calls: tools, and handovers, of which the SDK takes one. */
function callsOf({ kind, requestedAgents }: Step): number {
  if (kind === 'function') return 1;
  return kind === 'handoff' ? Math.max(1, requestedAgents) : 0;
}

/** A guardrail ends a run wherever it stands, so what is missing then is no riddle. */
function wasStopped(level: readonly Step[]): boolean {
  return level.some(
    ({ kind, facts }) =>
      facts.errorKind === 'guardrail_tripped' || (kind === 'guardrail' && facts.guardrailTriggered),
  );
}

/** Only the SDK's runs have tasks and turns, and are known to stop for approval. */
function isOfRun({ task, parent }: Step): boolean {
  return task !== null || parent?.kind === 'turn';
}

/** The answer and all around it ended well, in a run of the SDK: without one there is no telling. */
function isAtRest(answer: Step): boolean {
  return isOfRun(answer) && answer.allWell;
}

/** The run goes no further, and nothing of it failed. */
function waits({ answer, goesOn }: Owing): boolean {
  return !goesOn && isAtRest(answer);
}

function runKey({ answer }: Owing): string {
  return JSON.stringify([runOf(answer), answer.within?.id ?? '']);
}

function lost(view: TraceView): Sighting[] {
  const open = view.tools.filter((step) => step.open);
  const unfinished = open.map((step) => ({
    title: `Tool ${toolName(step)} was called and had given nothing when the trace was written.`,
    evidence: [step],
  }));
  const missing = [
    ...groupBy(
      owingIn(view).filter((owing) => !waits(owing)),
      runKey,
    ).values(),
  ].map((owings) => {
    const [first, last] = [owings[0] as Owing, owings.at(-1) as Owing];
    const count = owings.reduce((sum, { left }) => sum + left, 0);
    const title = `${subject(first.answer)} asked for ${counted(count, 'call')} that ${count === 1 ? 'was' : 'were'} never made.`;
    const evidence = owings.map(({ answer }) => answer);
    return { title, evidence, recovered: last.goesOn || ranLater(view, last.answer) };
  });
  return [...unfinished, ...missing];
}

export const toolResultMissing: Rule = {
  name: 'tool_result_missing',
  severity: 'failure',
  claims:
    'A model asked for more calls than the trace shows, and the run failed or went on without them; or a call had not ended when the trace was written.',
  cannot:
    'It cannot say whether a call that never ended had effects. Where spans are missing from the trace it says nothing.',
  find: lost,
};

function waiting(view: TraceView): Sighting[] {
  return [...groupBy(owingIn(view).filter(waits), runKey).values()].map((owings) => {
    const evidence = owings.map(({ answer }) => answer);
    const count = owings.reduce((sum, { left }) => sum + left, 0);
    const title = `${subject(evidence[0] as Step)} ended well with ${counted(count, 'call')} asked for and neither made nor refused, as a run does that waits for approval.`;
    return { title, evidence };
  });
}

export const approvalPending: Rule = {
  name: 'approval_pending',
  severity: 'warning',
  claims:
    'The run stopped without an error before calls that the model had asked for, and nothing later in this trace makes or refuses them.',
  cannot:
    'It cannot say which tool it is, nor whether a person has decided since: a run that is resumed elsewhere is another trace. A run that is cancelled at this very point looks alike.',
  find: waiting,
};

export const approvalRejected: Rule = {
  name: 'approval_rejected',
  severity: 'warning',
  claims: 'A call that needed approval was refused, and did not run.',
  cannot: 'It cannot say who refused it or why.',
  find({ tools, lastWorked }) {
    const evidence = tools.filter(({ facts }) => facts.errorKind === 'tool_rejected');
    const last = evidence.at(-1);
    if (!last) return [];
    const again = lastWorked.get(last.name ?? '');
    const title = `${counted(evidence.length, 'call')} of ${listed(evidence.map(toolName))} ${evidence.length === 1 ? 'was' : 'were'} refused by approval.`;
    return [{ title, evidence, recovered: again !== undefined && isAfter(again, last) }];
  },
};
