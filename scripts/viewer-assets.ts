/**
 * Makes the viewer's script and style out of src/viewer/client: minified, as modules
 * that hold them as text, since a Worker has no files.
 *
 *     npm run build:viewer            writes src/viewer/assets/{script,style}.ts
 *     npm run check:viewer            fails where they are not what the sources give
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');

/** What a reader of a page loads once. */
const MAX_SCRIPT_BYTES = 15_000;

interface Asset {
  entry: string;
  to: string;
  constant: 'SCRIPT' | 'STYLE';
  extension: 'js' | 'css';
}

const ASSETS: Asset[] = [
  {
    entry: 'src/viewer/client/main.ts',
    to: 'src/viewer/assets/script.ts',
    constant: 'SCRIPT',
    extension: 'js',
  },
  {
    entry: 'src/viewer/client/style.css',
    to: 'src/viewer/assets/style.ts',
    constant: 'STYLE',
    extension: 'css',
  },
];

async function moduleOf({ entry, constant, extension }: Asset): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, entry)],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: ['es2023', 'chrome120', 'firefox121', 'safari17.4'],
    logLevel: 'error',
  });
  const text = outputFiles[0]?.text.trim() ?? '';
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 10);
  if (extension === 'js' && gzipSync(text).byteLength > MAX_SCRIPT_BYTES) {
    throw new Error(`The viewer's script is over ${MAX_SCRIPT_BYTES} bytes gzipped.`);
  }
  return [
    `/** Made by \`npm run build:viewer\` out of ${entry}. */`,
    `export const ${constant}_NAME = 'viewer-${digest}.${extension}';`,
    `export const ${constant}: string =`,
    `  ${JSON.stringify(text)};`,
    '',
  ].join('\n');
}

let stale = false;
for (const asset of ASSETS) {
  const text = await moduleOf(asset);
  const path = join(ROOT, asset.to);
  if (!process.argv.includes('--check')) writeFileSync(path, text);
  else if (readFileSync(path, 'utf8') !== text) {
    stale = true;
    console.error(`${asset.to} is not what ${asset.entry} gives: run npm run build:viewer.`);
  }
}
if (stale) process.exitCode = 1;
