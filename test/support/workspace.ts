import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** A throwaway copy of parts of the repository, in which a test may break things. */
export interface Workspace {
  path: string;
  write(file: string, content: string): void;
  [Symbol.dispose](): void;
}

/** Copies `parts` (files or folders, from the repository root) and links node_modules. */
export function workspace(...parts: string[]): Workspace {
  const path = mkdtempSync(join(tmpdir(), 'sluice-'));
  for (const part of parts) cpSync(join(ROOT, part), join(path, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(path, 'node_modules'));
  return {
    path,
    write(file, content) {
      mkdirSync(dirname(join(path, file)), { recursive: true });
      writeFileSync(join(path, file), content, { mode: 0o755 });
    },
    [Symbol.dispose]() {
      rmSync(path, { recursive: true, force: true });
    },
  };
}
