import { applyD1Migrations } from 'cloudflare:test';
import { env as bindings } from 'cloudflare:workers';
import { inject } from 'vitest';
import type { Env } from '../../fixtures/handlers/env.ts';

export const env = bindings as unknown as Env;

export async function migrate(): Promise<void> {
  await applyD1Migrations(env.TRACES_DB, inject('migrations'));
}

export interface StoredSpan {
  trace_id: string;
  name: string;
}

/** What the store has of the traces that belong to a group, or of one trace. */
export async function storedSpans(id: string): Promise<StoredSpan[]> {
  const { results } = await env.TRACES_DB.prepare(
    `SELECT s.trace_id, s.name FROM spans s JOIN traces t USING (trace_id)
     WHERE t.trace_id = ?1 OR t.group_id = ?1 ORDER BY s.started_at`,
  )
    .bind(id)
    .all<StoredSpan>();
  return results;
}
