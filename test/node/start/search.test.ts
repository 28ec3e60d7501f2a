import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { searchSecrets } from '../../../scripts/start/search.ts';
import { makeSecrets } from '../../../scripts/start/secrets.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-search-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('secrets are found in files and in rows, each where it is', async () => {
  const secrets = makeSecrets();
  const database = new DatabaseSync(join(folder, 'd1.sqlite'));
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE "odd ""name" (a TEXT, b BLOB)');
  const insert = database.prepare('INSERT INTO "odd ""name" VALUES (?, ?)');
  insert.run(`before ${secrets.prompt.value} after`, null);
  insert.run('x', Buffer.from(secrets.metadata.value));
  writeFileSync(
    join(folder, 'blob'),
    Buffer.concat([Buffer.from([0, 255]), Buffer.from(secrets['tool error'].value)]),
  );

  const { found, rowsSearched } = await searchSecrets(folder, Object.values(secrets));
  expect(found.get('prompt')).toMatchObject({ rows: 1 });
  expect(found.get('metadata')).toMatchObject({ rows: 1 });
  expect(found.get('tool error')).toEqual({ files: 1, rows: 0 });
  expect(found.get('authorization header')).toEqual({ files: 0, rows: 0 });
  expect(rowsSearched).toBe(2);
  database.close();
});

test('a secret that is larger than a page of the file is found in its row', async () => {
  const secrets = makeSecrets();
  const database = new DatabaseSync(join(folder, 'd1.sqlite'));
  database.exec('CREATE TABLE t (a TEXT)');
  database
    .prepare('INSERT INTO t VALUES (?)')
    .run('y'.repeat(4_080) + secrets.prompt.value + 'y'.repeat(9_000));
  database.close();
  const { found } = await searchSecrets(folder, [secrets.prompt]);
  expect(found.get('prompt')?.rows).toBe(1);
});

test('every run plants other secrets', () => {
  expect(makeSecrets().prompt.needle).not.toBe(makeSecrets().prompt.needle);
});
