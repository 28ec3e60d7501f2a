/** What the Worker gets as secrets: through a private file, so that no key is on a command line. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StartError } from './errors.ts';

const FORWARDED = ['OPENAI_API_KEY', 'OPENAI_BASE_URL', 'OPENAI_MODEL'] as const;

const folders = new Set<string>();
process.on('exit', () => folders.forEach(removeFolder));

function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  folders.delete(folder);
}

export interface EnvFile {
  path: string;
  remove(): void;
}

function envLine(name: string, value: string): string {
  if (/['\n\r]/.test(value))
    throw new StartError(`${name} must not contain quotes or line breaks.`);
  return `${name}='${value}'`;
}

/** Writes `values` and the OpenAI settings of this process's environment. */
export function writeEnvFile(values: Readonly<Record<string, string>>): EnvFile {
  const forwarded = FORWARDED.flatMap((name) =>
    process.env[name] ? [[name, process.env[name]] as const] : [],
  );
  const lines = [...forwarded, ...Object.entries(values)].map(([name, value]) =>
    envLine(name, value),
  );
  const folder = mkdtempSync(join(tmpdir(), 'sluice-start-'));
  folders.add(folder);
  const path = join(folder, 'vars.env');
  writeFileSync(path, `${lines.join('\n')}\n`, { mode: 0o600 });
  return { path, remove: () => removeFolder(folder) };
}

/** The developer's own files, which an explicit --env-file would otherwise leave out. */
export function ownEnvFiles(root: string): string[] {
  return ['.env', '.dev.vars'].map((name) => join(root, name)).filter((path) => existsSync(path));
}

/** Whether the Worker will talk to OpenAI. */
export function hasApiKey(root: string): boolean {
  if (process.env['OPENAI_API_KEY']) return true;
  return ownEnvFiles(root).some((path) =>
    /^\s*(?:export\s+)?OPENAI_API_KEY\s*=\s*\S/m.test(readFileSync(path, 'utf8')),
  );
}
