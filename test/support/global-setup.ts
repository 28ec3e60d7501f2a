import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { readD1Migrations } from '@cloudflare/vitest-pool-workers';
import type { D1Migration } from '@cloudflare/vitest-pool-workers';
import type { TestProject } from 'vitest/node';
import { startSupportServer } from './server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    migrations: D1Migration[];
    /** Where the loopback server of this run listens; `openSink` and `fakeOpenAI` build on it. */
    sinkUrl: string;
    /** What property tests draw their inputs from. */
    fuzzSeed: number;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = fileURLToPath(new URL('../../migrations', import.meta.url).href);
  project.provide('migrations', await readD1Migrations(folder));
  project.provide('fuzzSeed', process.env['SLUICE_FUZZ'] ? Date.now() % 2 ** 31 : 20_261_125);
  const server = await startSupportServer();
  project.provide('sinkUrl', server.url);
  return () => server.close();
}
