/** The public face of `sluice`. */
export { agentTracing } from './middleware.ts';
export { currentTrace } from './request/current-trace.ts';
export { firstOf, fromCookie, fromHeader, fromParam } from './identity/group.ts';
export type { GroupIdOptions, GroupIdSource } from './identity/group.ts';
export type { Metadata, StandardMetadataKey } from './identity/metadata.ts';
export { definePolicy, full, metadataOnly } from './policy/policy.ts';
export type { Decision, Policy, PolicyOptions } from './policy/policy.ts';
export { PartialExportError, SluiceError } from './model/errors.ts';
export type { SluiceErrorCode } from './model/errors.ts';
export type { ActiveTrace } from './request/active-trace.ts';
export type { BaseOptions, FlushOptions, TracingOptions } from './options.ts';
export type { Sampling, TraceSummary } from './model/sampling.ts';
export type {
  DestinationReport,
  DropReason,
  ExportContext,
  FlushReason,
  FlushReport,
  TraceExporter,
} from './model/exporter.ts';
export type {
  DroppedContent,
  ErrorKind,
  Json,
  SpanFacts,
  SpanRecord,
  TraceBatch,
  TraceRecord,
  TraceStatus,
  Usage,
} from './model/records.ts';
export type { HmacKey } from './model/hmac.ts';
