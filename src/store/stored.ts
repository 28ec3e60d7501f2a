import type { TraceStatus } from '../model/records.ts';
import type { ModelUsage, StoredTrace } from '../model/store.ts';
import { parseJson } from './json.ts';
import type { SqlRow } from './sql.ts';
import { countsIn } from './totals.ts';

/** What of a trace's row makes a `StoredTrace`, and where it stands in a list. */
export const TRACE_COLUMNS: string = [
  'trace_id, workflow, group_id, request_id, status, started_at, ended_at, span_count, error_count',
  'input_tokens, output_tokens, metadata, captured, dropped, accounted, sample_weight, foreign_id',
  'tools, error_kinds, models',
].join(', ');

export function toTrace(row: SqlRow): StoredTrace {
  return {
    traceId: text(row['trace_id']),
    workflow: text(row['workflow']),
    groupId: textOrNull(row['group_id']),
    requestId: textOrNull(row['request_id']),
    status: text(row['status']) as TraceStatus,
    startedAt: count(row['started_at']),
    endedAt: count(row['ended_at']),
    spanCount: count(row['span_count']),
    errorCount: count(row['error_count']),
    inputTokens: count(row['input_tokens']),
    outputTokens: count(row['output_tokens']),
    metadata: metadataOf(row['metadata']),
    ...accountOf(row),
    sampleWeight: typeof row['sample_weight'] === 'number' ? row['sample_weight'] : 1,
    tools: listOf(row['tools']).filter((name) => typeof name === 'string'),
    errorKinds: listOf(row['error_kinds']).filter((kind) => typeof kind === 'string'),
    models: listOf(row['models']).map(toUsage),
  };
}

function accountOf(row: SqlRow): Pick<StoredTrace, 'captured' | 'dropped' | 'missing'> {
  const dropped = countsIn(row['dropped']);
  if (typeof row['captured'] !== 'number') return { captured: null, dropped, missing: 0 };
  const captured = row['captured'];
  const behind = Object.values(dropped).reduce((sum, n) => sum + n, 0);
  return { captured, dropped, missing: Math.max(0, captured - behind - count(row['accounted'])) };
}

function toUsage(entry: unknown): ModelUsage {
  const fields: unknown[] = Array.isArray(entry) ? entry : [];
  const [model, input, cached, output, reasoning] = fields;
  return {
    model: text(model),
    inputTokens: count(input),
    cachedInputTokens: count(cached),
    outputTokens: count(output),
    reasoningTokens: count(reasoning),
  };
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

export function count(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

function listOf(value: unknown): unknown[] {
  const parsed = parseJson(text(value));
  return Array.isArray(parsed) ? parsed : [];
}

function metadataOf(value: unknown): Record<string, string> {
  const parsed = parseJson(text(value));
  if (typeof parsed !== 'object' || parsed === null) return {};
  const entries = Object.entries(parsed).filter(([, item]) => typeof item === 'string');
  return Object.fromEntries(entries) as Record<string, string>;
}
