import { wholeJson } from '../../model/json-text.ts';
import { contentKey } from '../content.ts';
import { toolWorkedLater } from '../recovery.ts';
import type { Rule, Sighting } from '../rule.ts';
import type { Step } from '../step.ts';
import { groupBy } from '../view.ts';
import type { TraceView } from '../view.ts';
import { listed, share, shown, times, toolName } from '../words.ts';

/** Tools raise these where a guardrail of theirs stops the run; that is for another rule. */
const GUARDRAIL = /Guardrail\w*Triggered$/;

export function isStoppedByGuardrail({ failed, facts }: Step): boolean {
  return failed && GUARDRAIL.test(facts.errorClass ?? '');
}

function isRejected({ facts }: Step): boolean {
  return facts.errorKind === 'tool_rejected';
}

/** The call failed by what the model wrote as its arguments; what an application calls a tool may take any text. */
export function hasBadArguments(step: Step, badlyAsked: ReadonlySet<Step>): boolean {
  const { failed, facts, input } = step;
  if (facts.errorKind === 'tool_arguments_invalid') return true;
  if (!failed) return false;
  // The SDK withholds arguments that it could not read.
  const isUnread =
    facts.argumentsValid === false ||
    (facts.argumentsValid === undefined && contentKey(input) === undefined);
  return (isUnread && badlyAsked.has(step)) || wholeJson(input) === false;
}

/** Calls that a model asked for in an answer of which some arguments are no JSON. */
export function badlyAskedIn({ levels }: TraceView): ReadonlySet<Step> {
  const found = new Set<Step>();
  for (const level of levels) {
    let isBad = false;
    for (const step of level) {
      if (step.kind === 'response' || step.kind === 'generation')
        isBad = step.facts.argumentsValid === false;
      else if (isBad && step.kind === 'function') found.add(step);
    }
  }
  return found;
}

function failures(view: TraceView): Sighting[] {
  const badlyAsked = badlyAskedIn(view);
  const failed = view.steps.filter(
    (step) =>
      step.failed &&
      (step.kind === 'function' || step.kind === 'mcp_tools') &&
      !isRejected(step) &&
      !isStoppedByGuardrail(step) &&
      !hasBadArguments(step, badlyAsked),
  );
  const called = groupBy(view.tools, ({ name }) => name ?? '');
  return [...groupBy(failed, ({ kind, name }) => `${kind} ${name ?? ''}`).values()].map((calls) => {
    const last = calls.at(-1) as Step;
    const all = Math.max(calls.length, called.get(last.name ?? '')?.length ?? 0);
    const classes = calls.flatMap(({ facts }) => shown(facts.errorClass, '') || []);
    const what = classes.length > 0 ? ` with ${listed(classes)}` : '';
    const title =
      last.kind === 'function'
        ? `Tool ${toolName(last)} failed${share(calls.length, all)}${what}.`
        : `The tools of an MCP server could not be listed (${times(calls.length)})${what}.`;
    return { title, evidence: calls, recovered: toolWorkedLater(view, last) };
  });
}

export const toolFailed: Rule = {
  name: 'tool_failed',
  severity: 'failure',
  claims: 'The tool raised an error, or the SDK could not run it, as often as said.',
  cannot:
    'It cannot say why, nor whether a call that raised no error did what it was asked: tools that report a failure in their output count as working, and so do timeouts that the SDK makes a result of.',
  find: failures,
};
