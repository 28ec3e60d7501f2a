import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundle } from '../../../scripts/bundle-size.ts';
import { workspace } from '../../support/workspace.ts';

const ROOT = join(import.meta.dirname, '../../..');
const REDACTION = join(ROOT, 'src/redaction/index.ts');

/** The files with bytes in a bundle of a module that imports one name from the redactor. */
async function filesWith(name: string): Promise<string[]> {
  using place = workspace();
  place.write('worker.ts', `export { ${name} } from ${JSON.stringify(REDACTION)};`);
  const { files } = await bundle(join(place.path, 'worker.ts'));
  return files;
}

const isRe2 = (path: string): boolean => path.includes('node_modules/re2js/');

describe('what a bundle carries of the redactor', () => {
  it('carries none of it with the middleware and its queue exporter alone', async () => {
    const { files } = await bundle(join(ROOT, 'test/fixtures/bundle/with.ts'));
    expect(files).toContain('src/queue/exporter.ts');
    expect(files.filter((path) => path.includes('redaction'))).toEqual([]);
    expect(files.filter(isRe2)).toEqual([]);
  });

  it('carries re2js with a pattern of the application and not with the built-in detectors', async () => {
    const builtIn = await filesWith('createRedactor');
    expect(builtIn).toContain('src/redaction/redactor.ts');
    expect(builtIn.filter(isRe2)).toEqual([]);
    expect((await filesWith('patternDetector')).some(isRe2)).toBe(true);
  });
});
