/** What the trace says of itself: whether it is all there, and whether an agent is in it. */
import { fieldsOf } from '../step.ts';
import type { Rule } from '../rule.ts';
import { isModel, leftBehind } from '../view.ts';
import { counted, described, listed, shown } from '../words.ts';

export const traceTruncated: Rule = {
  name: 'trace_truncated',
  severity: 'warning',
  claims: 'Work was still going on when the trace had to be written.',
  cannot:
    'It cannot say whether that work ended, or how: what came after the deadline is not in the trace.',
  find({ steps, trace }) {
    const evidence = steps.filter(({ open }) => open);
    if (trace.status !== 'truncated' && !evidence.some(({ truncated }) => truncated)) return [];
    const innermost = evidence.filter(({ children }) => !children.some(({ open }) => open));
    const what = innermost.length > 0 ? `: ${listed(innermost.map(described))}` : '';
    const title = `Work was still open when the trace was written${what}.`;
    return [{ title, evidence }];
  },
};

export const traceIncomplete: Rule = {
  name: 'trace_incomplete',
  severity: 'note',
  claims: 'Not all that was captured of this trace is here.',
  cannot:
    'It cannot say what is missing, nor whether it is on its way. Rules that need the whole trace say nothing meanwhile.',
  find({ trace }) {
    const behind = leftBehind(trace);
    const reasons = Object.keys(fieldsOf(trace.dropped)).map((reason) => shown(reason, 'other'));
    const { unreadable = 0, left = 0 } = trace;
    const gaps = [
      trace.status === 'incomplete' ? 'the work goes on, or its last word did not arrive' : '',
      trace.missing > 0 ? `${counted(trace.missing, 'span')} did not arrive` : '',
      behind > 0 ? `${counted(behind, 'span')} stayed behind (${listed(reasons)})` : '',
      unreadable > 0 ? `${counted(unreadable, 'stored piece')} cannot be read` : '',
      left > 0 ? `${counted(left, 'span')} were too much to be read with it` : '',
    ].filter(Boolean);
    return gaps.length > 0
      ? [{ title: `The trace is not whole: ${gaps.join('; ')}.`, evidence: [] }]
      : [];
  },
};

const OF_RUNS: ReadonlySet<string> = new Set([
  'agent',
  'task',
  'turn',
  'handoff',
  'guardrail',
  'mcp_tools',
]);

export const noAgentRan: Rule = {
  name: 'no_agent_ran',
  severity: 'failure',
  claims:
    'The trace is whole and holds no work of an agent, and it is empty or its request failed.',
  cannot:
    'It cannot say whether an agent should have run. A trace of other work that went well, or whose own failing span shows what failed, is not meant.',
  find({ steps, trace, isWhole }) {
    const ran = steps.some((step) => OF_RUNS.has(step.kind) || isModel(step));
    if (ran || !isWhole || trace.status === 'blocked') return [];
    const failedElsewhere = trace.status === 'error' && !steps.some(({ failed }) => failed);
    if (steps.length > 0 && !failedElsewhere) return [];
    const title =
      trace.status === 'error'
        ? 'The request failed, and no agent had run.'
        : 'The trace is empty: no agent ran.';
    return [{ title, evidence: steps }];
  },
};
