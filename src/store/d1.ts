import { groupBySize } from '../model/bytes.ts';
import type { Chunk } from '../model/envelope.ts';
import { describeError, PartialExportError, SluiceError } from '../model/errors.ts';
import type { TraceExporter } from '../model/exporter.ts';
import { MAX_D1_VALUE_BYTES } from '../model/limits.ts';
import { packSized } from '../model/pack.ts';
import { withSignal } from '../model/signal.ts';
import type { DeadLetterStore, TraceStore } from '../model/store.ts';
import { readHours, readUsage } from './hourly.ts';
import { bury, countDeadLetters, deadLetters, settle } from './letters.ts';
import { prune } from './prune.ts';
import { listTraces } from './list.ts';
import { getTrace, spansOf } from './read.ts';
import type { SqlDatabase, SqlRow, SqlStatement } from './sql.ts';
import { readTotals } from './totals.ts';
import { writeChunks } from './write.ts';

export type * from '../model/store.ts';

/**
 * Traces in a D1 database of the application's own, in the tables that the
 * package's migrations make, and beside them dead letters and daily totals.
 * docs/storage.md describes them.
 *
 * @throws SluiceError `missing_binding` when there is no such database binding
 *
 * @example
 * ```ts
 * import { d1Store } from 'sluice/d1';
 *
 * interface Env { TRACES_DB: D1Database }
 *
 * export default {
 *   async fetch(_request, env) {
 *     const { traces } = await d1Store(env.TRACES_DB).listTraces({ status: 'error', limit: 20 });
 *     return Response.json(traces);
 *   },
 *   async scheduled(_event, env) {
 *     await d1Store(env.TRACES_DB).prune(Date.now() - 30 * 86_400_000);
 *   },
 * } satisfies ExportedHandler<Env>;
 * ```
 */
export function d1Store(db: D1Database): TraceStore & DeadLetterStore {
  assertDatabase(db, 'd1Store');
  const sql = sqlOver(db);
  return {
    write: (chunks) => writeChunks(sql, chunks),
    listTraces: (query = {}) => listTraces(sql, query),
    getTrace: (traceId) => getTrace(sql, traceId),
    spansOf: (traceIds, limit = {}) => spansOf(sql, traceIds, limit),
    hourly: (query = {}) => readHours(sql, query),
    usage: (query) => readUsage(sql, query),
    totals: (query = {}) => readTotals(sql, query),
    prune: (before) => prune(sql, before),
    bury: (letters) => bury(sql, letters),
    deadLetters: (query = {}) => deadLetters(sql, query),
    countDeadLetters: () => countDeadLetters(sql),
    settle: (letters) => settle(sql, letters),
  };
}

/**
 * Writes traces straight into D1, without a queue between: simpler, and without
 * its retries. A flush that fails here is lost, and the flush report says so.
 *
 * `export` rejects with `missing_schema`, `store_failed`, `export_timeout` at
 * the deadline, or `PartialExportError` when some of the batch was stored.
 *
 * @throws SluiceError `missing_binding` when there is no such database binding
 *
 * @example
 * ```ts
 * import { agentTracing } from 'sluice';
 * import { d1Exporter } from 'sluice/d1';
 *
 * interface Env { TRACES_DB: D1Database }
 *
 * const tracing = agentTracing<Env>({
 *   workflow: 'support_triage',
 *   exporters: (env) => [d1Exporter(env.TRACES_DB)],
 * });
 * ```
 */
export function d1Exporter(db: D1Database): TraceExporter {
  assertDatabase(db, 'd1Exporter');
  const sql = sqlOver(db);
  return {
    name: 'd1',
    async export(batch, { signal }) {
      const sized = packSized(batch, MAX_D1_VALUE_BYTES);
      const slices = groupBySize(sized, ({ bytes }) => bytes, { bytes: MAX_D1_VALUE_BYTES });
      let stored = 0;
      for (const slice of slices) {
        const chunks = slice.map(({ chunk }) => chunk);
        await writeSlice(sql, chunks, signal, stored);
        stored += chunks.reduce((sum, { spans }) => sum + spans.length, 0);
      }
    },
  };
}

async function writeSlice(
  sql: SqlDatabase,
  chunks: readonly Chunk[],
  signal: AbortSignal,
  stored: number,
): Promise<void> {
  try {
    await withSignal(signal, 'Writing to D1', () => writeChunks(sql, chunks));
  } catch (cause) {
    if (stored === 0) throw cause;
    const message = `D1 took ${stored} spans, then: ${describeError(cause)}`;
    throw new PartialExportError(message, stored, { cause });
  }
}

function sqlOver(db: D1Database): SqlDatabase {
  return {
    async run(statements) {
      try {
        const prepared = statements.map((statement) => prepare(db, statement));
        const results = await db.batch<SqlRow>(prepared);
        return results.map(({ results: rows }) => rows);
      } catch (cause) {
        throw toStoreError(cause);
      }
    },
  };
}

function prepare(db: D1Database, { sql, params }: SqlStatement): D1PreparedStatement {
  return db.prepare(sql).bind(...params);
}

function toStoreError(cause: unknown): SluiceError {
  const reason = describeError(cause);
  if (/no such table|no such column|has no column named/.test(reason)) {
    return new SluiceError(
      'missing_schema',
      'D1 has no Sluice tables, or those of an older version: run `wrangler d1 migrations apply <DATABASE>` (add --local for local development).',
      { cause },
    );
  }
  return new SluiceError('store_failed', `D1 answered: ${reason}`, { cause });
}

function assertDatabase(db: unknown, caller: string): void {
  const { prepare: method, batch } = (db ?? {}) as Partial<D1Database>;
  if (typeof method === 'function' && typeof batch === 'function') return;
  throw new SluiceError(
    'missing_binding',
    [
      `${caller}() needs a D1 database binding, but got ${db === null ? 'null' : typeof db}.`,
      'Pass `env.TRACES_DB` and add to wrangler.toml:',
      '[[d1_databases]]',
      'binding = "TRACES_DB"',
      'database_name = "sluice-traces"',
      'migrations_dir = "node_modules/sluice/migrations"',
    ].join('\n'),
  );
}
