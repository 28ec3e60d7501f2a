/** `sluice/diagnose`: what went wrong in a trace, with the spans that show it. */
export type { Finding, RuleName, Severity } from './finding.ts';
export type { DiagnoseOptions, Invariant, Requirement, SpanPattern } from './options.ts';
