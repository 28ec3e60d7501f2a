/** The public face of `sluice`. */
export { agentTracing } from './middleware.ts';
export { traceHandlers, withAgentTrace } from './handlers.ts';
export type { TraceCall } from './handlers.ts';
export { currentTrace } from './request/current-trace.ts';
export { firstOf, fromCookie, fromHeader, fromParam } from './identity/group.ts';
export type { GroupIdOptions, GroupIdSource } from './identity/group.ts';
export type { Metadata, StandardMetadataKey } from './identity/metadata.ts';
export { definePolicy } from './policy/define.ts';
export { full, metadataOnly } from './policy/policy.ts';
export type { Policy } from './policy/policy.ts';
export { redacted } from './policy/redacted.ts';
export type { Cell, Decision, PolicyOptions, PolicyRow, ToolCells } from './policy/rows.ts';
export type { Transform } from './policy/layers.ts';
export type { ValueRedactor } from './policy/redact.ts';
export type { FieldInfo, ReadingBudget } from './policy/matrix.ts';
export type { DataClass } from './model/data-class.ts';
export { PartialExportError, SluiceError } from './model/errors.ts';
export type { SluiceErrorCode } from './model/errors.ts';
export type { ActiveTrace } from './request/active-trace.ts';
export type { WaitUntil } from './request/open.ts';
export type {
  BaseOptions,
  FlushOptions,
  HandlerOptions,
  TracedEvent,
  TracingOptions,
} from './options.ts';
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
  DropCause,
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
export type { Chunk } from './model/envelope.ts';
export type {
  DailyTotals,
  StoredTrace,
  StoredTraceWithSpans,
  TotalsQuery,
  TracePage,
  TraceQuery,
  TraceStore,
} from './model/store.ts';
