import { applyD1Migrations } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { inject } from 'vitest';
import type { Chunk } from '../../src/model/envelope.ts';
import type { SpanRecord, TraceRecord } from '../../src/model/records.ts';
import { CHUNK_COLUMNS, toRow } from '../../src/store/rows.ts';

/** 2026-11-20T12:00:00Z, in the middle of what the tests look at. */
export const NOON = Date.UTC(2026, 10, 20, 12);

/** The database as it is after the migrations. Files may share a Worker, and what others have left is no part of it. */
export async function migrated(): Promise<D1Database> {
  await applyD1Migrations(env.TRACES_DB, inject('migrations'));
  await emptied();
  return env.TRACES_DB;
}

/** No row of any table is left. */
export async function emptied(): Promise<void> {
  const tables = [
    'chunks',
    'traces',
    'daily_totals',
    'daily_drops',
    'dead_letters',
    'hourly_totals',
    'hourly_tokens',
  ];
  await env.TRACES_DB.batch(tables.map((table) => env.TRACES_DB.prepare(`DELETE FROM ${table}`)));
}

/** A trace id as Sluice makes it. */
export function nativeId(ms: number, suffix = '0'): string {
  return `trace_${ms.toString(16).padStart(12, '0')}${suffix.padStart(20, '0')}`;
}

export function makeTrace(patch: Partial<TraceRecord> = {}): TraceRecord {
  const started_at = patch.started_at ?? NOON;
  return {
    object: 'trace',
    id: nativeId(started_at),
    workflow_name: 'support_triage',
    group_id: null,
    metadata: {},
    request_id: null,
    status: 'ok',
    started_at,
    ended_at: started_at + 1_000,
    flush_id: 'flush',
    flush_seq: 0,
    ...patch,
  };
}

export function makeSpan(id: string, patch: Partial<SpanRecord> = {}): SpanRecord {
  return {
    object: 'trace.span',
    id: `span_${id}`,
    trace_id: nativeId(NOON),
    parent_id: null,
    started_at: new Date(NOON).toISOString(),
    ended_at: new Date(NOON + 500).toISOString(),
    span_data: { type: 'function', name: 'lookup_order' },
    error: null,
    facts: { kind: 'function', name: 'lookup_order' },
    ...patch,
  };
}

export function makeChunk(
  trace: Partial<TraceRecord> = {},
  spans: SpanRecord[] = [],
  n = 0,
): Chunk {
  const record = makeTrace(trace);
  return { chunk_id: `${record.flush_id}-${n}`, trace: record, spans };
}

const OLD_COLUMNS = CHUNK_COLUMNS.slice(0, CHUNK_COLUMNS.indexOf('tools'));

/** As the package before version 4 inserts: after the migration, before the deployment. */
export async function oldWrite(chunk: Chunk): Promise<void> {
  const values = OLD_COLUMNS.map((_, index) => `value ->> ${index}`).join(', ');
  await env.TRACES_DB.prepare(
    `INSERT INTO chunks (${OLD_COLUMNS.join(', ')})
        SELECT ${values} FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING`,
  )
    .bind(`[${toRow(chunk).json}]`)
    .run();
}
