import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import { cloudflareTest } from '@cloudflare/vitest-pool-workers';
import { defineConfig } from 'vitest/config';
import type { TestProjectConfiguration } from 'vitest/config';

/** Inside this repository the package is its own source. */
const alias = [
  { find: /^sluice$/, replacement: source('index') },
  { find: /^sluice\/queue$/, replacement: source('queue/index') },
  { find: /^sluice\/d1$/, replacement: source('store/d1') },
  { find: /^sluice\/openai$/, replacement: source('destinations/openai') },
  { find: /^sluice\/console$/, replacement: source('destinations/console') },
  { find: /^sluice\/diagnose$/, replacement: source('diagnose/index') },
  { find: /^sluice\/redaction$/, replacement: source('redaction/index') },
  { find: /^sluice\/viewer$/, replacement: source('viewer/index') },
  { find: /^sluice\/testing$/, replacement: source('testing/index') },
  { find: /^sluice\/testing\/vitest$/, replacement: source('testing/vitest') },
];

function source(file: string): string {
  return fileURLToPath(new URL(`./src/${file}.ts`, import.meta.url).href);
}

/** Importing the SDK unbundled would cost each test file seconds. */
const bundled = {
  enabled: true,
  include: [
    '@openai/agents',
    '@openai/agents/realtime',
    '@openai/agents-core',
    '@openai/agents-core/testing',
    'openai',
    'zod',
    'hono',
    'hono/streaming',
    'hono/route',
    'hono/html',
    'hono/jsx/jsx-runtime',
    'jose',
  ],
  rolldownOptions: { external: [/^node:/, /^cloudflare:/, ...builtinModules] },
};

/**
 * Of these no test asks what an isolate holds, or a new database: their files share a Worker, as
 * loading all that they use for each of them takes longer than they do.
 */
const SHARED = [
  'test/{model,identity,policy,queue,redaction,diagnose,viewer}/**/*.test.ts',
  'test/store/!(bounds|migrations|schema).test.ts',
];

/** Tests in workerd, with the bindings of a wrangler.toml. */
function inWorkerd(
  configPath: string,
  test: {
    name: string;
    include: string[];
    exclude?: string[];
    isolate?: boolean;
    restoreMocks?: boolean;
  },
): TestProjectConfiguration {
  return {
    plugins: [cloudflareTest({ wrangler: { configPath } })],
    resolve: { alias },
    test: {
      globalSetup: ['./test/support/global-setup.ts'],
      testTimeout: 20_000,
      hookTimeout: 60_000,
      deps: { optimizer: { ssr: bundled } },
      ...test,
    },
  };
}

export default defineConfig({
  test: {
    // Most of what a test waits for here is a timer or a socket, so two share a core well.
    maxWorkers: 3,
    projects: [
      inWorkerd('./wrangler.toml', {
        name: 'workerd',
        include: ['test/**/*.test.ts', 'examples/**/*.test.ts'],
        exclude: ['test/{node,browser,conformance}/**', 'test/handlers/worker/**', ...SHARED],
      }),
      inWorkerd('./wrangler.toml', {
        name: 'shared',
        include: SHARED,
        isolate: false,
        restoreMocks: true,
      }),
      inWorkerd('./test/fixtures/handlers/wrangler.toml', {
        name: 'handlers',
        include: ['test/handlers/worker/**/*.test.ts'],
      }),
      {
        test: {
          name: 'conformance',
          include: ['test/conformance/**/*.test.ts'],
          environment: 'node',
        },
      },
      {
        test: {
          name: 'node',
          include: ['test/node/**/*.test.ts'],
          environment: 'node',
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        // Needs Chromium, which `npm test` does not ask of anybody.
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          environment: 'node',
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
