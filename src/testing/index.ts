/** `sluice/testing`: what a test of an application, of an exporter or of a store needs. */
export { captureTraces } from './capture-traces.ts';
export type { CapturedDestination, CapturedTraces, FlushedTraces } from './capture-traces.ts';
export type { ContractCase } from './contract.ts';
export { exporterContract } from './exporter-contract.ts';
export type { ExporterContractOptions, ExporterSubject } from './exporter-contract.ts';
export { failing, flaky, hanging, partial, recording, slow } from './faults.ts';
export type { FaultOptions, HangingOptions, TestExporter } from './faults.ts';
export { traceMatchers } from './matchers.ts';
export type { MatcherResult, TraceMatchers } from './matchers.ts';
export { storeContract } from './store-contract.ts';
export type { StoreContractOptions } from './store-contract.ts';
export type { PendingTrace, TraceSubject } from './subject.ts';
export { previewPolicy } from './preview.ts';
export type { PolicyPreview, PreviewField, PreviewOptions } from './preview.ts';
export { validateOptions } from './validate-options.ts';
