import type { Finding, RuleName, Severity } from './finding.ts';
import type { DiagnoseOptions } from './options.ts';
import type { Step } from './step.ts';
import type { TraceView } from './view.ts';

/** What a rule has seen. */
export interface Sighting {
  title: string;
  /** Empty where the trace itself is the evidence. */
  evidence: readonly Step[];
  /** @default false */
  recovered?: boolean;
  /** Where it is another than the rule's. */
  severity?: Severity;
}

export interface Rule {
  readonly name: RuleName;
  readonly severity: Severity;
  readonly claims: string;
  readonly cannot: string;
  /** @param found what the rules before it in the table have found */
  find(view: TraceView, options: DiagnoseOptions, found: readonly Finding[]): Sighting[];
}
