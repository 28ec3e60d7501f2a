import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { committedFiles, findHosts } from '../../../scripts/check-hosts.ts';
import { workspace } from '../../support/workspace.ts';

const dotted = (...labels: string[]): string => labels.join('.');

describe('the check for registry hosts', () => {
  it.each([
    ['README.md', `npm install --registry https://${dotted('registry', 'npmjs', 'org')}`],
    ['.npmrc', ['registry', 'https://example.com/'].join('=')],
    ['.npmrc', ['@scope:registry', 'https://example.com/'].join('=')],
    ['docs/a.md', `//${dotted('npm', 'pkg', 'github', 'com')}/`],
    ['ci.yml', `https://${dotted('company', 'jfrog', 'io')}/api/npm`],
    ['package-lock.json', '"resolved": "https://example.com/a-1.0.0.tgz"'],
  ])('finds one in %s: %s', (path, text) => {
    expect(findHosts(path, `first line\n${text}\n`)).toEqual([
      expect.objectContaining({ path, line: 2 }),
    ]);
  });

  it.each([
    ['README.md', 'Tracing is registered once; see src/capture/registry.test.ts.'],
    ['.npmrc', 'omit-lockfile-registry-resolved=true'],
    ['package-lock.json', '"node_modules/a": { "version": "1.0.0", "integrity": "sha512-a" }'],
  ])('has nothing against %s: %s', (path, text) => {
    expect(findHosts(path, text)).toEqual([]);
  });

  it('reads what is committed and what would be, and not what git ignores', () => {
    using place = workspace();
    execFileSync('git', ['init', '--quiet'], { cwd: place.path });
    place.write('.gitignore', 'node_modules\nignored.txt\n');
    place.write('new.txt', '');
    place.write('ignored.txt', '');
    expect(committedFiles(place.path)).toEqual(['.gitignore', 'new.txt']);
  });
});
