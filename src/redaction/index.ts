/** `sluice/redaction`: takes credentials and personal data out of texts and JSON values. */
export { createRedactor, redactText } from './redactor.ts';
export type { Redactor } from './redactor.ts';
export type { Action } from './actions.ts';
export type { RedactionBudget } from './budget.ts';
export type { Detector } from './engine.ts';
export type { RedactionPolicy } from './rules.ts';
export { patternDetector } from './pattern.ts';
export type { PatternOptions } from './pattern.ts';
