import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import page from '../../docs/storage.md?raw';
import { d1Store } from '../../src/store/d1.ts';
import { CHUNK_COLUMNS } from '../../src/store/rows.ts';
import { makeChunk, makeSpan, migrated, nativeId } from './make.ts';

const db = env.TRACES_DB;
const queries = [...page.matchAll(/```sql\n(.*?)```/gs)].map(([, sql]) => sql ?? '');

beforeAll(async () => {
  await migrated();
  const now = Date.now();
  const id = nativeId(now);
  const spans = [makeSpan('a', { trace_id: id })];
  await d1Store(db).write([makeChunk({ id, started_at: now, metadata: { release: '7' } }, spans)]);
});

/** The names in the first column of the table under a heading. */
function documentedColumns(heading: string): string[] {
  const section = page.split('\n### ').find((part) => part.startsWith(heading)) ?? '';
  const cells = section.split('\n').filter((line) => line.startsWith('| `'));
  return cells.flatMap((line) =>
    [...(line.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name ?? ''),
  );
}

async function columnsOf(table: string): Promise<string[]> {
  const { results } = await db
    .prepare('SELECT name FROM pragma_table_xinfo(?1)')
    .bind(table)
    .all<{ name: string }>();
  return results.map(({ name }) => name);
}

describe('the storage page', () => {
  it('has queries, so that the next test tests something', () => {
    expect(queries.length).toBeGreaterThan(4);
  });

  it.each(queries)('has a query that runs: %s', async (sql) => {
    await expect(db.prepare(sql).all()).resolves.toMatchObject({ success: true });
  });

  it('has queries that find what was written now', async () => {
    const found = await Promise.all(
      ['AS release', 'mean_ms']
        .map((word) => queries.find((sql) => sql.includes(word)) ?? '')
        .map(async (sql) => (await db.prepare(sql).all()).results),
    );
    expect(found).toEqual([
      [{ release: '7', traces: 1, input_tokens: 0, output_tokens: 0 }],
      [{ name: 'lookup_order', calls: 1, failed: 0, mean_ms: 500, max_ms: 500 }],
    ]);
  });

  it('names every column of the tables and the view', async () => {
    expect(documentedColumns('`traces`')).toEqual(await columnsOf('traces'));
    expect(documentedColumns('`spans`')).toEqual(await columnsOf('spans'));
    const chunks = documentedColumns('`chunks`');
    for (const name of chunks) expect(CHUNK_COLUMNS).toContain(name);
    expect(await columnsOf('chunks')).toEqual([...CHUNK_COLUMNS]);
    for (const table of [
      'daily_totals',
      'daily_drops',
      'hourly_totals',
      'hourly_tokens',
      'dead_letters',
    ])
      expect([table, documentedColumns(`\`${table}\``)]).toEqual([table, await columnsOf(table)]);
  });

  it('has view queries that read only the chunks of their range', async () => {
    const slowest = queries.find((sql) => sql.includes('mean_ms')) ?? '';
    const { results } = await db.prepare(`EXPLAIN QUERY PLAN ${slowest}`).all();
    expect(JSON.stringify(results)).toContain(
      'SEARCH chunks USING PRIMARY KEY (trace_id>? AND trace_id<?)',
    );
  });
});
