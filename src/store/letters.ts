import { byteLength, clipToJsonBytes, groupBySize } from '../model/bytes.ts';
import { SluiceError } from '../model/errors.ts';
import { MAX_D1_VALUE_BYTES } from '../model/limits.ts';
import type { DeadLetter, DeadLetterPage, DeadLetterQuery, LetterOwed } from '../model/store.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { parseJson } from './json.ts';
import { storable } from './storable.ts';
import type { SqlDatabase, SqlRow, SqlValue } from './sql.ts';
import { addTotals, dayOf } from './totals.ts';

/** A page of the largest bodies stays below the 50 MB of a result. */
const MAX_LIMIT = 50;

/** As JSON within JSON, and seven times what a queue takes: nothing real is cut. */
const MAX_BODY_BYTES = 900_000;

/** Queue names have 63 characters, message ids 32; a cursor must hold both. */
const MAX_KEY_CHARACTERS = 200;
const MAX_REASON_CHARACTERS = 1_000;

const OWED: ReadonlySet<unknown> = new Set<LetterOwed>(['store', 'exporters', 'both']);

const COLUMNS = [
  'queue',
  'message_id',
  'received_at',
  'attempts',
  'owed_to',
  'reason',
  'cut',
  'body',
] as const;

/** Before the insert, as then the new ones are still to be told from the known. */
const COUNT = addTotals(
  ['dead_letters'],
  [
    `SELECT ${dayOf('received_at')} AS day, '' AS workflow, 1 AS dead_letters FROM (
      SELECT min(key), value ->> 2 AS received_at FROM json_each(?1) WHERE NOT EXISTS (
        SELECT 1 FROM dead_letters WHERE queue = value ->> 0 AND message_id = value ->> 1
      ) GROUP BY value ->> 0, value ->> 1
    )`,
  ],
);

const INSERT = [
  `INSERT INTO dead_letters (${COLUMNS.join(', ')})`,
  `SELECT ${COLUMNS.map((_, index) => `value ->> ${index}`).join(', ')}`,
  'FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING',
].join(' ');

const SETTLE = `UPDATE dead_letters SET body = NULL WHERE body IS NOT NULL AND (queue, message_id) IN (
  SELECT value ->> 0, value ->> 1 FROM json_each(?1)
)`;

/** Notes letters once each, and counts the new ones on the day on which they were received. */
export async function bury(db: SqlDatabase, letters: readonly DeadLetter[]): Promise<void> {
  const rows = letters.map((letter) => JSON.stringify(toRow(letter)));
  const slices = groupBySize(rows, (row) => byteLength(row) + 1, { bytes: MAX_D1_VALUE_BYTES });
  for (const slice of slices) {
    const params = [`[${slice.join(',')}]`];
    await db.run([
      { sql: COUNT, params },
      { sql: INSERT, params },
    ]);
  }
}

function toRow(letter: DeadLetter): SqlValue[] {
  const whole = letter.body === null ? null : storable(letter.body);
  const body = whole === null ? null : clipToJsonBytes(whole, MAX_BODY_BYTES);
  return [
    keyOf(letter.queue),
    keyOf(letter.messageId),
    Math.max(0, Math.trunc(letter.receivedAt)),
    Math.max(0, Math.trunc(letter.attempts)),
    letter.owedTo,
    storable(letter.reason.slice(0, MAX_REASON_CHARACTERS)),
    letter.cut || body !== whole ? 1 : 0,
    body,
  ];
}

function keyOf(name: string): string {
  return storable(name.slice(0, MAX_KEY_CHARACTERS));
}

/** Letters that are still owed, oldest first. */
export async function deadLetters(
  db: SqlDatabase,
  { limit = MAX_LIMIT, cursor }: DeadLetterQuery,
): Promise<DeadLetterPage> {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    const message = `deadLetters: limit must be a whole number from 1 to ${MAX_LIMIT}.`;
    throw new SluiceError('invalid_option', message);
  }
  const after = cursor === undefined ? { time: -1, traceId: '["",""]' } : decodeCursor(cursor);
  const [queue, messageId] = keysIn(after.traceId);
  const [rows = []] = await db.run([
    {
      sql: `SELECT ${COLUMNS.join(', ')} FROM dead_letters
        WHERE body IS NOT NULL AND (received_at, queue, message_id) > (?1, ?2, ?3)
        ORDER BY received_at, queue, message_id LIMIT ${limit + 1}`,
      params: [after.time, queue, messageId],
    },
  ]);
  const letters = rows.slice(0, limit).map(toLetter);
  const last = letters.at(-1);
  if (rows.length <= limit || !last) return { letters };
  const traceId = JSON.stringify([last.queue, last.messageId]);
  return { letters, next: encodeCursor({ time: last.receivedAt, traceId }) };
}

function keysIn(json: string): [string, string] {
  const parsed = parseJson(json);
  const [queue, messageId] = Array.isArray(parsed) ? (parsed as unknown[]) : [];
  if (typeof queue === 'string' && typeof messageId === 'string') return [queue, messageId];
  const message = 'deadLetters: the cursor is not `next` of a page before.';
  throw new SluiceError('invalid_option', message);
}

/** How many letters are still owed. */
export async function countDeadLetters(db: SqlDatabase): Promise<number> {
  const sql = 'SELECT count(*) AS letters FROM dead_letters WHERE body IS NOT NULL';
  const [rows = []] = await db.run([{ sql, params: [] }]);
  return number(rows[0]?.['letters']);
}

/** Lets go of bodies; the rows stay, so that a message which comes again is known. */
export async function settle(
  db: SqlDatabase,
  letters: readonly Pick<DeadLetter, 'queue' | 'messageId'>[],
): Promise<void> {
  if (letters.length === 0) return;
  const keys = letters.map(({ queue, messageId }) => [keyOf(queue), keyOf(messageId)]);
  await db.run([{ sql: SETTLE, params: [JSON.stringify(keys)] }]);
}

function toLetter(row: SqlRow): DeadLetter {
  const owedTo = row['owed_to'];
  return {
    queue: text(row['queue']),
    messageId: text(row['message_id']),
    receivedAt: number(row['received_at']),
    attempts: number(row['attempts']),
    owedTo: OWED.has(owedTo) ? (owedTo as LetterOwed) : 'both',
    reason: text(row['reason']),
    cut: row['cut'] !== 0,
    body: text(row['body']),
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
