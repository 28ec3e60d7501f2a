/** `sluice/testing`: what a test of an application needs. */
export { captureTraces } from './capture-traces.ts';
export type { CapturedDestination, CapturedTraces, FlushedTraces } from './capture-traces.ts';
export { validateOptions } from './validate-options.ts';
