/** Snippets that are data or SQL: read by what reads them in production. */

import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { stripVTControlCharacters } from 'node:util';
import { unstable_readConfig } from 'wrangler';
import type { Snippet, SnippetFault } from './extract.ts';

/** What every Worker's configuration has, for snippets that show one table of it. */
const REST_OF_CONFIG = {
  name: 'name = "snippet"',
  main: 'main = "src/index.ts"',
  compatibility_date: 'compatibility_date = "2026-11-01"',
};

/** Reads a snippet as wrangler.toml; wrangler warns of unknown keys, and so a warning is a fault. */
export function checkToml(snippet: Snippet): SnippetFault[] {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-toml-'));
  const config = join(folder, 'wrangler.toml');
  const said: string[] = [];
  const { warn, error } = console;
  console.warn = console.error = (...args: unknown[]) => said.push(args.join(' '));
  try {
    const missing = Object.entries(REST_OF_CONFIG).filter(
      ([key]) => !new RegExp(`^${key}\\s*=`, 'm').test(snippet.code),
    );
    writeFileSync(config, [...missing.map(([, text]) => text), snippet.code].join('\n'));
    unstable_readConfig({ config });
  } catch (fault) {
    said.push(fault instanceof Error ? fault.message : String(fault));
  } finally {
    Object.assign(console, { warn, error });
    rmSync(folder, { recursive: true, force: true });
  }
  return said.map((message) => faultOf(snippet, stripVTControlCharacters(message)));
}

export function checkJson(snippet: Snippet): SnippetFault[] {
  try {
    JSON.parse(snippet.code);
    return [];
  } catch (fault) {
    return [faultOf(snippet, String(fault))];
  }
}

/** Prepares each statement against the schema that the migrations make. */
export function checkSql(root: string, snippet: Snippet): SnippetFault[] {
  const database = new DatabaseSync(':memory:');
  try {
    const folder = join(root, 'migrations');
    const files = readdirSync(folder)
      .filter((name) => name.endsWith('.sql'))
      .toSorted();
    for (const name of files) database.exec(readFileSync(join(folder, name), 'utf8'));
    database.exec(`BEGIN; ${snippet.code.trimEnd().replace(/;?$/, ';')} ROLLBACK;`);
    return [];
  } catch (fault) {
    return [faultOf(snippet, String(fault))];
  } finally {
    database.close();
  }
}

function faultOf({ path, line }: Snippet, message: string): SnippetFault {
  return { path, line, message };
}
