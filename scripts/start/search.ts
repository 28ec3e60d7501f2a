/** Looks for planted secrets where data is kept: in the bytes of every file, and in every row of every database. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { PlantedSecret } from './secrets.ts';

export interface Sightings {
  files: number;
  rows: number;
}

export interface SearchResult {
  filesSearched: number;
  bytesSearched: number;
  rowsSearched: number;
  found: Map<PlantedSecret['place'], Sightings>;
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

interface Row {
  [column: string]: unknown;
}

/** node:sqlite says that it is experimental each time; that is no news for the user of this script. */
async function openDatabase(file: string): Promise<DatabaseSync> {
  const emitWarning = process.emitWarning.bind(process);
  process.emitWarning = () => {};
  try {
    const sqlite = await import('node:sqlite');
    return new sqlite.DatabaseSync(file, { readOnly: true });
  } finally {
    process.emitWarning = emitWarning;
  }
}

async function rowsOf(file: string): Promise<string[]> {
  const database = await openDatabase(file);
  try {
    const tables = database
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
      .all() as Row[];
    return tables.flatMap(({ name }) => {
      const rows = database
        .prepare(`SELECT * FROM "${String(name).replaceAll('"', '""')}"`)
        .all() as Row[];
      return rows.map((row) => Object.values(row).map(textOf).join('\n'));
    });
  } finally {
    database.close();
  }
}

const textOf = (value: unknown): string =>
  value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value);

/** A value that spans two pages of a file is found in its row; one in a deleted row, in the file. */
export async function searchSecrets(
  folder: string,
  secrets: readonly PlantedSecret[],
): Promise<SearchResult> {
  const files = filesUnder(folder);
  const contents = files.map((file) => readFileSync(file));
  const databases = files.filter((file) => file.endsWith('.sqlite'));
  const rows = (await Promise.all(databases.map(rowsOf))).flat();
  const found = new Map<PlantedSecret['place'], Sightings>();
  for (const { place, needle } of secrets) {
    found.set(place, {
      files: contents.filter((bytes) => bytes.includes(needle)).length,
      rows: rows.filter((row) => row.includes(needle)).length,
    });
  }
  const bytesSearched = contents.reduce((sum, bytes) => sum + bytes.byteLength, 0);
  return { filesSearched: files.length, bytesSearched, rowsSearched: rows.length, found };
}
