/** What a rule looks for. */
export type RuleName =
  | 'tool_failed'
  | 'tool_result_missing'
  | 'tool_arguments_malformed'
  | 'tool_output_malformed'
  | 'repeated_call'
  | 'guardrail_blocked'
  | 'handoff_loop'
  | 'handoff_not_taken'
  | 'max_turns'
  | 'model_failed'
  | 'model_refused'
  | 'output_cut_by_length'
  | 'context_growing'
  | 'slow_span'
  | 'tokens_unusual'
  | 'approval_pending'
  | 'approval_rejected'
  | 'trace_truncated'
  | 'trace_incomplete'
  | 'no_agent_ran'
  | 'outcome_failed'
  | 'invariant'
  | 'unexplained_failure';

/**
 * - `failure`: a step, or the run, did not do what it was asked
 * - `warning`: it worked, in a way that is worth a look
 * - `note`: how far the trace itself can be relied on
 */
export type Severity = 'failure' | 'warning' | 'note';

/** One thing that a trace shows. */
export interface Finding {
  rule: RuleName | (string & {});
  severity: Severity;
  /** One sentence: a fact, with numbers and names that survive every policy, never a guessed cause. */
  title: string;
  /** What the finding claims. */
  claims: string;
  /** What it cannot claim. */
  cannot: string;
  /** Id of the span that shows it first; null where the trace itself is the evidence. */
  spanId: string | null;
  /** Ids of all spans that show it, in order of start. */
  evidence: string[];
  /** Whether later spans show that the run got over it, such as the same tool called again with success. */
  recovered: boolean;
  /** Milliseconds since the epoch. */
  at: number;
}
