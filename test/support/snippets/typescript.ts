import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Snippet, SnippetFault } from './extract.ts';

/** What `wrangler types` would write of the Worker of someone who pastes a snippet, and what they install. */
const READERS_TYPES = `declare namespace Cloudflare {
  interface GlobalProps { mainModule: { default: ExportedHandler } }
}
/** Here it is installed under an alias, see docs/decisions/001; readers have it under its own name. */
declare module '@cloudflare/vitest-plugin' {
  export * from '@cloudflare/vitest-pool-workers';
}
`;

const DIAGNOSTIC = /^(?<file>[^\s(]+)\((?<line>\d+),\d+\): error (?<message>.*)$/;

/**
 * Type-checks each snippet as a module of its own, as a reader would paste it,
 * with the package's public names resolving to src/ as tsconfig.json maps them.
 */
export function checkTypeScript(root: string, snippets: readonly Snippet[]): SnippetFault[] {
  if (snippets.length === 0) return [];
  const temporary = join(root, '.temp');
  mkdirSync(temporary, { recursive: true });
  const folder = mkdtempSync(join(temporary, 'snippets-'));
  try {
    const files = new Map(snippets.map((snippet, index) => [fileName(snippet, index), snippet]));
    for (const [name, { code, line }] of files) {
      // Blank lines first, so that the compiler's line is the document's.
      writeFileSync(join(folder, name), `${'\n'.repeat(line)}${code}\nexport {};\n`);
    }
    writeFileSync(join(folder, 'reader.d.ts'), READERS_TYPES);
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config([...files.keys()])));
    return parse(compile(root, folder), files);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function fileName({ path, language }: Snippet, index: number): string {
  return `${path.replaceAll(/[^\w]/g, '-')}-${index}.${language}`;
}

function config(files: string[]): object {
  return {
    extends: '../../tsconfig.json',
    compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
    files: [...files, 'reader.d.ts', '../../test/support/worker.d.ts'],
    include: [],
  };
}

function compile(root: string, folder: string): string {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  try {
    execFileSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], {
      cwd: folder,
      encoding: 'utf8',
    });
    return '';
  } catch (error) {
    const { stdout } = error as { stdout?: unknown };
    if (typeof stdout !== 'string' || stdout === '') throw error;
    return stdout;
  }
}

/** Faults of src/ itself are for `npm run types` to tell. */
function parse(output: string, files: ReadonlyMap<string, Snippet>): SnippetFault[] {
  return output.split('\n').flatMap((text) => {
    if (text.startsWith('error ')) throw new Error(`tsc could not check the snippets: ${text}`);
    const { file = '', line, message = '' } = DIAGNOSTIC.exec(text)?.groups ?? {};
    const path = files.get(file)?.path;
    return path === undefined ? [] : [{ path, line: Number(line), message }];
  });
}
