/** A fixture Worker in real local workerd, behind a real port. */
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { unstable_DevEnv, unstable_splitSqlQuery } from 'wrangler';

/** Nothing leaves the machine, and nothing is written for later. */
Object.assign(process.env, {
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_WRITE_LOGS: 'false',
  WRANGLER_LOG: 'error',
});

const CONFIG = local('../fixture/wrangler.toml');
const MIGRATIONS = local('../../../migrations/');

/** Inside this repository the package is its own source. */
const ALIAS = {
  'sluice/queue': local('../../../src/queue/index.ts'),
  'sluice/openai': local('../../../src/destinations/openai.ts'),
  'sluice/d1': local('../../../src/store/d1.ts'),
  sluice: local('../../../src/index.ts'),
};

function local(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url).href);
}

const START_TIMEOUT_MS = 60_000;

export interface WorkerOptions {
  column: 'sluice' | 'recipe';
  supportUrl: string;
  /** The sinks that the recipe's processors are for. @default ['a'] */
  sinks?: string[];
  /** A folder in which the database and the queues outlive the process. */
  persist?: string;
}

export interface LiveWorker {
  origin: string;
  /** What the Worker logged so far, a line an entry. */
  logs: string[];
  stop(): Promise<void>;
}

/** Says where the Worker itself listens: the proxy that wrangler puts before it hides a client's departure. */
interface Loaded {
  proxyData: { userWorkerUrl: { hostname: string; port: string } };
}

export async function startWorker(options: WorkerOptions): Promise<LiveWorker> {
  const { column, supportUrl, sinks = ['a'], persist } = options;
  const logs: string[] = [];
  const wrangler = new unstable_DevEnv();
  // A fixture that does not build never loads; wrangler prints why.
  const signal = AbortSignal.timeout(START_TIMEOUT_MS);
  const loaded = once(wrangler, 'reloadComplete', { signal }) as Promise<[Loaded]>;
  const starting = wrangler.startWorker({
    config: CONFIG,
    entrypoint: local(`../fixture/${column}.ts`),
    build: { alias: ALIAS },
    bindings: {
      SUPPORT_URL: { type: 'plain_text', value: supportUrl },
      SINKS: { type: 'plain_text', value: sinks.join() },
    },
    dev: {
      server: { hostname: '127.0.0.1', port: 0 },
      inspector: false,
      watch: false,
      liveReload: false,
      persist: persist ?? false,
      logLevel: 'error',
      structuredLogsHandler: ({ message }: { message: string }) => logs.push(message),
    },
  });
  const [worker, [{ proxyData }]] = await Promise.all([starting, loaded]);
  const { hostname, port } = proxyData.userWorkerUrl;
  const origin = `http://${hostname}:${port}`;
  return { origin, logs, stop: () => worker.dispose() };
}

/** `wrangler d1 migrations apply` would want a process of its own. */
export async function migrate(origin: string): Promise<void> {
  for (const file of readdirSync(MIGRATIONS)
    .filter((name) => name.endsWith('.sql'))
    .toSorted()) {
    const statements = unstable_splitSqlQuery(readFileSync(`${MIGRATIONS}${file}`, 'utf8'));
    const body = JSON.stringify(statements);
    const response = await fetch(`${origin}/migrate`, { method: 'POST', body });
    if (!response.ok) throw new Error(`${file}: ${await response.text()}`);
  }
}
