/**
 * What the middleware with its queue exporter adds to a Worker that already has
 * the SDK, hono and zod: two committed fixtures, bundled as wrangler would for
 * workerd, minified, gzip level 9.
 */

import { builtinModules } from 'node:module';
import { join } from 'node:path';
import process from 'node:process';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** What is reached and must not grow; the goal is 10,000. Peers add 13,000 to 3,400,000. */
export const MAX_ADDED_BYTES = 17_600;

const ROOT = join(import.meta.dirname, '..');
const FIXTURES = join(ROOT, 'test/fixtures/bundle');

export interface Bundle {
  /** Bundled, minified and gzipped. */
  bytes: number;
  /** Bytes of each file of ours in the bundle, minified, largest first. */
  ours: [path: string, bytes: number][];
  /** The files that have bytes in the bundle, packages' included. */
  files: string[];
}

export async function bundle(entry: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    absWorkingDir: ROOT,
    // tsconfig.json maps `sluice` onto src, as the [alias] table does for wrangler.
    tsconfig: join(ROOT, 'tsconfig.json'),
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['node:*', 'cloudflare:*', ...builtinModules],
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error(`esbuild wrote nothing for ${entry}`);
  const all = Object.values(metafile.outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .map(([path, { bytesInOutput }]): [string, number] => [path, bytesInOutput])
    .toSorted(([, a], [, b]) => b - a);
  const ours = all.filter(([path]) => path.startsWith('src/'));
  const files = all.filter(([, size]) => size > 0).map(([path]) => path);
  return { bytes: gzipSync(file.contents, { level: 9 }).byteLength, ours, files };
}

/** Pure part: the verdict in words, and whether it is within the budget. */
export function judgeSizes(without: number, withSluice: number): { ok: boolean; text: string } {
  const added = withSluice - without;
  const ok = added <= MAX_ADDED_BYTES;
  const kb = (bytes: number): string => `${(bytes / 1000).toFixed(1).padStart(6)} kB`;
  const text = [
    `SDK, hono and zod        ${kb(without)}`,
    `… with sluice            ${kb(withSluice)}`,
    `sluice adds              ${kb(added)} of ${kb(MAX_ADDED_BYTES).trim()} (gzip, minified)`,
  ].join('\n');
  return { ok, text };
}

if (import.meta.main) {
  const [without, withSluice] = await Promise.all([
    bundle(join(FIXTURES, 'without.ts')),
    bundle(join(FIXTURES, 'with.ts')),
  ]);
  const { ok, text } = judgeSizes(without.bytes, withSluice.bytes);
  console.log(text);
  if (!ok) {
    console.error('\nOver budget. The largest files of src/, minified and before gzip:');
    for (const [path, bytes] of withSluice.ours.slice(0, 15)) {
      console.error(`${String(bytes).padStart(7)}  ${path}`);
    }
    process.exitCode = 1;
  }
}
