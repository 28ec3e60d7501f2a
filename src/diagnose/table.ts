import type { Rule } from './rule.ts';
import { toolArgumentsMalformed } from './rules/arguments.ts';
import { contextGrowing } from './rules/context.ts';
import { guardrailBlocked } from './rules/guardrails.ts';
import { handoffLoop, handoffNotTaken } from './rules/handoffs.ts';
import { invariants } from './rules/invariants.ts';
import { modelFailed, modelRefused, outputCutByLength } from './rules/models.ts';
import { outcomeFailed } from './rules/outcomes.ts';
import { toolOutputMalformed } from './rules/outputs.ts';
import { repeatedCall } from './rules/repeats.ts';
import { slowSpan } from './rules/slow.ts';
import { tokensUnusual } from './rules/tokens.ts';
import { toolFailed } from './rules/tools.ts';
import { maxTurns } from './rules/turns.ts';
import { approvalPending, approvalRejected, toolResultMissing } from './rules/unanswered.ts';
import { unexplainedFailure } from './rules/unexplained.ts';
import { noAgentRan, traceIncomplete, traceTruncated } from './rules/whole.ts';

/** All rules. Of findings at one time those of the earlier rule come first. */
export const RULES: readonly Rule[] = [
  toolFailed,
  toolArgumentsMalformed,
  toolResultMissing,
  toolOutputMalformed,
  modelFailed,
  modelRefused,
  outputCutByLength,
  guardrailBlocked,
  handoffNotTaken,
  handoffLoop,
  repeatedCall,
  maxTurns,
  outcomeFailed,
  invariants,
  approvalPending,
  approvalRejected,
  noAgentRan,
  contextGrowing,
  slowSpan,
  tokensUnusual,
  traceTruncated,
  traceIncomplete,
  // Last, since it is of what no other has found.
  unexplainedFailure,
];

/** What each rule claims, and what it cannot, for whoever shows its findings. */
export const RULE_GUIDE: readonly Pick<Rule, 'name' | 'severity' | 'claims' | 'cannot'>[] =
  RULES.map(({ name, severity, claims, cannot }) => ({ name, severity, claims, cannot }));
