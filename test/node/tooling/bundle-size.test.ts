import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundle, judgeSizes, MAX_ADDED_BYTES } from '../../../scripts/bundle-size.ts';
import { workspace } from '../../support/workspace.ts';

describe('the bundle check', () => {
  it('allows exactly the budget and not a byte more', () => {
    expect(judgeSizes(150_000, 150_000 + MAX_ADDED_BYTES).ok).toBe(true);
    expect(judgeSizes(150_000, 150_000 + MAX_ADDED_BYTES + 1).ok).toBe(false);
  });

  it('says both sizes and the difference', () => {
    expect(judgeSizes(150_000, 157_300).text).toMatch(
      /150\.0 kB[^]*157\.3 kB[^]*7\.3 kB of \d+\.\d kB/,
    );
  });

  it('measures what an import really adds', async () => {
    using place = workspace();
    place.write('plain.ts', 'export default { fetch: () => new Response() };');
    place.write('hono.ts', "import { Hono } from 'hono';\nexport default new Hono();");
    const { bytes: plain } = await bundle(join(place.path, 'plain.ts'));
    const { bytes: hono } = await bundle(join(place.path, 'hono.ts'));
    expect(plain).toBeLessThan(200);
    expect(hono - plain).toBeGreaterThan(4_000);
  });

  it('fails where a fixture is over the budget', () => {
    using place = workspace('scripts/bundle-size.ts', 'tsconfig.json');
    const noise = Array.from({ length: 40_000 }, (_, index) =>
      ((index * 7_919) ** 3 % 65_521).toString(36),
    );
    place.write('test/fixtures/bundle/without.ts', 'export default 1;');
    place.write('test/fixtures/bundle/with.ts', `export default ${JSON.stringify(noise)};`);
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(place.path, 'scripts/bundle-size.ts')],
      { encoding: 'utf8' },
    );
    expect({ status, stdout }).toEqual({
      status: 1,
      stdout: expect.stringContaining('sluice adds'),
    });
    expect(stderr).toContain('Over budget');
  });
});
