import { groupBySize } from '../model/bytes.ts';
import type { Chunk } from '../model/envelope.ts';
import { SluiceError } from '../model/errors.ts';
import { MAX_D1_VALUE_BYTES } from '../model/limits.ts';
import { addHours } from './hourly.ts';
import { CHUNK_COLUMNS, toRow } from './rows.ts';
import type { ChunkRow } from './rows.ts';
import type { SqlDatabase } from './sql.ts';
import { addChunks } from './totals.ts';

/** Brackets around the rows of a statement, and what a row's numbers take beyond those of its chunk. */
const STATEMENT_BYTES = 1_000;

/**
 * One statement for many rows: twice as fast as a batch of single inserts, and
 * far from the limit of bound parameters. A row that is there already is left
 * alone, and then the trigger that folds it into its trace does not run either.
 */
const INSERT: string = [
  `INSERT INTO chunks (${CHUNK_COLUMNS.join(', ')})`,
  `SELECT ${CHUNK_COLUMNS.map((_, index) => `value ->> ${index}`).join(', ')}`,
  // Without a WHERE the parser takes ON for a join's.
  'FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING',
].join(' ');

/**
 * Writes chunks in slices of what one value may have. Slices are transactions
 * of their own: writing them all again after a failure changes nothing.
 */
export async function writeChunks(db: SqlDatabase, chunks: readonly Chunk[]): Promise<void> {
  const rows = chunks.map(toRow);
  rows.forEach(assertStorable);
  const slices = groupBySize(rows, ({ bytes }) => bytes + 1, { bytes: MAX_D1_VALUE_BYTES });
  for (const slice of slices) {
    const list = (of: 'json' | 'head'): string => `[${slice.map((row) => row[of]).join(',')}]`;
    const heads = list('head');
    await db.run([
      ...addChunks(
        heads,
        slice.some(({ drops }) => drops),
      ),
      ...addHours(
        heads,
        slice.some(({ tokens }) => tokens),
      ),
      { sql: INSERT, params: [list('json')] },
    ]);
  }
}

function assertStorable({ bytes }: ChunkRow): void {
  if (bytes <= MAX_D1_VALUE_BYTES + STATEMENT_BYTES) return;
  throw new SluiceError(
    'store_failed',
    `A chunk of ${bytes} bytes is larger than a row may be: pack with at most ${MAX_D1_VALUE_BYTES} bytes.`,
  );
}
