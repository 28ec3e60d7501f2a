/** Calls that a model asked for and that no span shows: lost, or waiting for a person. */
import { succeeded } from '../answers.ts';
import { isAfter, ranLater } from '../recovery.ts';
import type { Rule, Sighting } from '../rule.ts';
import type { Step } from '../step.ts';
import { isModel } from '../view.ts';
import type { TraceView } from '../view.ts';
import { agentName, counted, listed, shown, toolName } from '../words.ts';

/** A level on which more calls were asked for than made. */
interface Shortage {
  count: number;
  /** The answers that asked for more than what came before the next answer. */
  answers: Step[];
  /** The run goes no further, and nothing of it failed: it waits. */
  waits: boolean;
  level: readonly Step[];
}

function shortagesOf(view: TraceView): Shortage[] {
  if (!view.isWhole) return [];
  return view.levels.flatMap((level) => shortageOf(level) ?? []);
}

function shortageOf(level: readonly Step[]): Shortage | undefined {
  let [asked, made] = [0, 0];
  /** Answers of which calls are still to come; a call is the last one's, or an earlier one's that a person has allowed since. */
  const owing: { answer: Step; left: number }[] = [];
  for (const step of level) {
    if (isModel(step) && step.facts.toolCalls > 0) {
      asked += step.facts.toolCalls;
      owing.push({ answer: step, left: step.facts.toolCalls });
    }
    const calls = callsOf(step);
    made += calls;
    const last = calls > 0 ? owing.at(-1) : undefined;
    if (last && (last.left -= calls) <= 0) owing.pop();
  }
  const answers = owing.map(({ answer }) => answer);
  const last = answers.at(-1);
  if (asked <= made || !last || wasStopped(level)) return undefined;
  const goesOn = level.some((step) => isModel(step) && isAfter(step, last));
  // A trace of another origin may not have its tools' calls at all.
  if (made === 0 && (goesOn || !isOfRun(last))) return undefined;
  return { count: asked - made, answers, waits: !goesOn && isAtRest(last), level };
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
  if (!isOfRun(answer)) return false;
  for (let at: Step | null = answer; at && at !== answer.within; at = at.parent)
    if (!succeeded(at)) return false;
  return true;
}

function lost(view: TraceView): Sighting[] {
  const open = view.tools.filter((step) => step.open);
  const unfinished = open.map((step) => ({
    title: `Tool ${toolName(step)} was called and had given nothing when the trace was written.`,
    evidence: [step],
  }));
  const missing = shortagesOf(view)
    .filter(({ waits }) => !waits)
    .map(({ count, answers, level }) => {
      const [first, last] = [answers[0] as Step, answers.at(-1) as Step];
      const title = `${agentName(first)} was asked for ${counted(count, 'call')} that ${count === 1 ? 'was' : 'were'} never made.`;
      const goesOn = level.some((step) => isModel(step) && succeeded(step) && isAfter(step, last));
      return { title, evidence: answers, recovered: goesOn || ranLater(view, last) };
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
  return shortagesOf(view)
    .filter(({ waits }) => waits)
    .map(({ count, answers }) => ({
      title: `${shown((answers.at(-1) as Step).agent?.name, 'The run')} ended well with ${counted(count, 'call')} asked for and neither made nor refused, as a run does that waits for approval.`,
      evidence: answers,
    }));
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
