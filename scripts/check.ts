/**
 * `npm run check`: everything but the tests, one line a stage; stops at the
 * first that fails, with what it said. `npm run check lint types` runs only those.
 */

import { spawnSync } from 'node:child_process';
import process from 'node:process';

/** Each is a script of package.json, so that it can be run by itself. Cheap and frequent faults first. */
const STAGES = {
  format: 'check:format',
  lint: 'lint',
  types: 'types',
  unused: 'check:unused',
  viewer: 'check:viewer',
  hosts: 'check:hosts',
  package: 'check:package',
  deploy: 'check:deploy',
  'bundle size': 'check:bundle',
} as const;

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(STAGES, name));
if (unknown.length > 0) {
  console.error(
    `No stage named ${unknown.join(', ')}. There are: ${Object.keys(STAGES).join(', ')}.`,
  );
  process.exit(2);
}

const began = performance.now();
for (const [name, script] of Object.entries(STAGES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const { passed, output, seconds } = run(script);
  if (!passed) {
    console.error(
      `${output.trimEnd()}\n\n✗ ${name} (${seconds} s)\nCheck failed at: ${name}. Again: npm run ${script}`,
    );
    process.exit(1);
  }
  console.log(`✓ ${name.padEnd(12)} ${seconds} s`);
}
console.log(`All checks passed in ${secondsSince(began)} s.`);

function run(script: string): { passed: boolean; output: string; seconds: string } {
  const start = performance.now();
  const { status, stdout, stderr, error } = spawnSync(process.execPath, ['--run', script], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  });
  const output = error === undefined ? stdout + stderr : `${stdout}${stderr}${error.message}`;
  return { passed: status === 0, output, seconds: secondsSince(start) };
}

function secondsSince(start: number): string {
  return ((performance.now() - start) / 1000).toFixed(1);
}
