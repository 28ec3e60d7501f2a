import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { GROUPS } from '../../src/redaction/detectors.ts';
import { redactText } from '../../src/redaction/redactor.ts';

const ROOT = join(import.meta.dirname, '../..');

/** What the redactor with every built-in detector may add, minified and gzipped, beside `model/`, which is there anyway. */
const MAX_BYTES = 19_500;

interface Labelled {
  id: string;
  tier: 'core' | 'tail' | 'benign';
  text: string;
  secrets: string[];
  keep: string[];
  json?: boolean;
}

const labelled = gunzipSync(readFileSync(join(ROOT, 'test/redaction/fixtures/labelled.jsonl.gz')))
  .toString()
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Labelled);

describe('on labelled texts', () => {
  it('at least 98 % of the secrets go', () => {
    const core = labelled.filter(({ tier }) => tier === 'core');
    const secrets = core.flatMap(({ text, secrets: each }) =>
      each.map((secret) => ({ text, secret })),
    );
    const left = secrets.filter(({ text, secret }) => redactText(text).includes(secret));
    expect(secrets.length).toBeGreaterThan(250);
    expect(left.length / secrets.length, left.map(({ text }) => text).join('\n')).toBeLessThan(
      0.02,
    );
  });

  it('at least 99 % of the harmless texts stay as they are', () => {
    const benign = labelled.filter(({ tier }) => tier === 'benign');
    const changed = benign.filter(({ text }) => redactText(text) !== text);
    expect(benign.length).toBeGreaterThan(80);
    expect(changed.length / benign.length, changed.map(({ text }) => text).join('\n')).toBeLessThan(
      0.01,
    );
  });

  it('JSON stays JSON, and what is to be kept beside a secret is kept', () => {
    const broken = labelled.filter(({ text, json }) => json && !isJson(redactText(text)));
    const lost = labelled.filter(({ text, keep, tier }) => {
      const out = redactText(text);
      return tier !== 'benign' && !keep.every((part) => out.includes(part));
    });
    expect(broken).toEqual([]);
    expect(lost).toEqual([]);
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('hostile texts', () => {
  const probes = [
    'a',
    '0',
    '@',
    'a.',
    'a@',
    '1-',
    '1 ',
    '12 ',
    '1234 ',
    'eyJ.',
    '1eyJaaaaaaaaa',
    'password=',
  ]
    .concat([
      'token:"',
      'bearer ',
      'http://a:',
      'value=',
      'sk-',
      '\\"',
      '1:',
      '::',
      'aa-',
      ' -p',
      '<token>',
    ])
    .concat([
      '-----BEGIN RSA PRIVATE KEY-----\n',
      'Authorization: ',
      'Cookie: a=b\n',
      'GB82 ',
      '[',
      '[secret]',
    ])
    .concat([
      'hooks.slack.com/',
      'call 1234567 ',
      'name=x value=',
      'INSERT (password) VALUES (',
      '(a, password) VALUES (1),',
      'password,b\n',
      '|password|a\n',
      '#define A ',
      "('Password').fill(",
      'default = "',
      'x: y = "',
      'password = x || ',
      'password for a a a a is ',
      '\\n1',
      '%0A',
      '\\u000',
      'arn:secret:',
      '{"a":',
      'a%40b.',
      '1Q~',
      'é@é.',
    ]);

  it('cost what their length costs: four times the text takes no more than eight times the time', () => {
    // What grows faster does so every time; a busy machine only sometimes.
    const slow = probes.filter((probe) => [0, 1, 2, 3, 4].every(() => growsTooFast(probe)));
    expect(slow).toEqual([]);
  });

  function growsTooFast(probe: string): boolean {
    const [small, large] = [timeOf(probe, 32_768), timeOf(probe, 131_072)];
    // Below some milliseconds, what is measured is the machine.
    return large > 60 && large / small > 8;
  }

  function timeOf(probe: string, characters: number): number {
    const text = probe.repeat(Math.ceil(characters / probe.length)).slice(0, characters);
    return Math.min(
      ...[0, 1, 2].map(() => {
        const start = performance.now();
        redactText(text);
        return performance.now() - start;
      }),
    );
  }
});

describe('the documentation', () => {
  it('names every detector', () => {
    const page = readFileSync(join(ROOT, 'docs/privacy-detectors.md'), 'utf8');
    const names = Object.values(GROUPS).flat();
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});

describe('the bundle', () => {
  it(`of a redactor with all detectors takes at most ${MAX_BYTES} bytes, and is left out where it is not used`, async () => {
    expect(await sizeOf("export { createRedactor } from './src/redaction/index.ts'")).toBeLessThan(
      MAX_BYTES,
    );
    const without =
      "import { createRedactor } from './src/redaction/index.ts'; export const nothing = 1;";
    expect(await sizeOf(without)).toBeLessThan(200);
  });

  async function sizeOf(contents: string): Promise<number> {
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: ROOT, loader: 'ts' },
      bundle: true,
      minify: true,
      write: false,
      format: 'esm',
      target: 'es2024',
      external: ['re2js', '../model/*'],
    });
    return gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).byteLength;
  }
});
