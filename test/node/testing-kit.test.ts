import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'src/testing');

describe('the testing kit', () => {
  it('imports no runner, but for the file that registers the matchers', () => {
    const files = readdirSync(folder);
    const importing = files.filter((name) =>
      /^(import|export) .* from .(vitest|jest|node:test)/m.test(
        readFileSync(join(folder, name), 'utf8'),
      ),
    );
    expect(files.length).toBeGreaterThan(10);
    expect(importing).toEqual(['vitest.ts']);
  });

  it('runs under another runner, in plain Node', async () => {
    const suite = join(root, 'test/fixtures/testing/plain.ts');
    // A child of a test run would report to that run instead of by its exit code.
    const { NODE_TEST_CONTEXT: _context, ...env } = process.env;
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, ['--test', suite], { env, encoding: 'utf8' });
    expect(stdout).toMatch(/fail 0\b/);
    expect(stdout).toMatch(/pass [12]\d\b/);
  });
});
