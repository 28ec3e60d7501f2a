/** `sluice/diagnose`: what went wrong in a trace, with the spans that show it. */
export { diagnose } from './diagnose.ts';
export { SPAN_GUIDE } from './guide.ts';
export { RULE_GUIDE } from './table.ts';
export type { Finding, RuleName, Severity } from './finding.ts';
export type { SpanGuide } from './guide.ts';
export type { DiagnoseOptions, Invariant, Requirement, SpanPattern } from './options.ts';
