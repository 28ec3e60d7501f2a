import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { workspace } from '../../support/workspace.ts';

const passing = {
  'check:format': 'true',
  lint: 'true',
  types: 'true',
  'check:unused': 'true',
  'check:hosts': 'true',
  'check:package': 'true',
  'check:deploy': 'true',
  'check:bundle': 'true',
  'check:viewer': 'true',
};

function check(scripts: Record<string, string>, ...stages: string[]) {
  using place = workspace('scripts/check.ts');
  place.write('package.json', JSON.stringify({ type: 'module', scripts }));
  return spawnSync(process.execPath, [join(place.path, 'scripts/check.ts'), ...stages], {
    cwd: place.path,
    encoding: 'utf8',
  });
}

describe('npm run check', () => {
  it('runs every stage and says so', () => {
    const { status, stdout } = check(passing);
    expect(stdout.match(/^✓/gm)).toHaveLength(9);
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: expect.stringContaining('All checks passed'),
    });
  });

  it('stops at the first stage that fails, with its name, its output and how to repeat it', () => {
    const scripts = { ...passing, lint: 'echo "a floating promise"; exit 3' };
    const { status, stdout, stderr } = check(scripts);
    expect(status).toBe(1);
    expect(stdout.match(/^✓/gm)).toHaveLength(1);
    expect(stderr).toContain('a floating promise');
    expect(stderr).toContain('Check failed at: lint. Again: npm run lint');
  });

  it('runs only the stages that it is told', () => {
    const { status, stdout } = check({ ...passing, types: 'exit 1' }, 'lint', 'unused');
    expect(status).toBe(0);
    expect(stdout.match(/^✓ \w+/gm)).toEqual(['✓ lint', '✓ unused']);
  });

  it('refuses a stage that does not exist, rather than pass with nothing checked', () => {
    const { status, stderr } = check(passing, 'lnit');
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringContaining('No stage named lnit'),
    });
  });
});
