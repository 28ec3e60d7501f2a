/**
 * Fails where a file that git would commit names a package registry, or the
 * lockfile says where a package was downloaded: the next machine may have another.
 */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

/** Written so that this file does not match itself. */
const REGISTRY_HOSTS: readonly RegExp[] = [
  /\bregistry\.[a-z0-9.-]*\b(?:com|org|net|io|dev|cloud|internal|local)\b/i,
  /\bnpm\.pkg\.[a-z0-9.-]*\bcom\b/i,
  /\b[a-z0-9.-]*(?:artifactory|verdaccio|jfrog)[a-z0-9-]*\.[a-z]{2,}/i,
  /^\s*(?:@[\w-]+:)?registry\s*=/im,
];

export interface HostFinding {
  path: string;
  line: number;
  found: string;
}

/** Pure part: the findings of one file. */
export function findHosts(path: string, text: string): HostFinding[] {
  const patterns = path.endsWith('package-lock.json')
    ? [...REGISTRY_HOSTS, /"resolved":\s*"https?:/]
    : REGISTRY_HOSTS;
  return text.split('\n').flatMap((content, index) =>
    patterns.flatMap((pattern) => {
      const found = pattern.exec(content)?.[0].trim();
      return found === undefined ? [] : [{ path, line: index + 1, found }];
    }),
  );
}

/** Everything that is committed or would be by `git add .`; a clone made by another user counts too. */
export function committedFiles(root: string): string[] {
  const listed = execFileSync(
    'git',
    ['-c', 'safe.directory=*', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    { cwd: root, encoding: 'utf8' },
  );
  return listed.split('\0').filter((path) => path !== '');
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '..');
  const findings = committedFiles(root).flatMap((path) =>
    findHosts(path, readFileSync(join(root, path), 'utf8')),
  );
  for (const { path, line, found } of findings) console.error(`${path}:${line} names ${found}`);
  if (findings.length > 0) {
    console.error(
      'Take the host out; .npmrc keeps it out of the lockfile (npm install --package-lock-only).',
    );
    process.exit(1);
  }
}
