/** The fixture Worker in real local workerd, behind a real port, in a process of its own that can be killed. */
import { once } from 'node:events';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { unstable_DevEnv } from 'wrangler';
import { pidOf } from './workerd.ts';

/** Nothing leaves the machine, and nothing is written for later but what `persist` asks for. */
Object.assign(process.env, {
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_WRITE_LOGS: 'false',
  WRANGLER_LOG: 'error',
});

const CONFIG = fileURLToPath(new URL('../../fixtures/ends/wrangler.toml', import.meta.url).href);

const START_TIMEOUT_MS = 60_000;

export interface EndingWorker {
  origin: string;
  /** Of its workerd. */
  pid: number;
  stop(): Promise<void>;
}

export interface EndingWorkerOptions {
  sinkUrl?: string;
  /** A folder in which the database outlives the process. */
  persist?: string;
}

/** Says where the Worker itself listens: the proxy that wrangler puts before it is another process. */
interface Loaded {
  proxyData: { userWorkerUrl: { hostname: string; port: string } };
}

export async function startEnding(options: EndingWorkerOptions): Promise<EndingWorker> {
  const { sinkUrl = '', persist = false } = options;
  const wrangler = new unstable_DevEnv();
  // A fixture that does not build never loads; wrangler prints why.
  const signal = AbortSignal.timeout(START_TIMEOUT_MS);
  const loaded = once(wrangler, 'reloadComplete', { signal }) as Promise<[Loaded]>;
  const starting = wrangler.startWorker({
    config: CONFIG,
    bindings: { SINK_URL: { type: 'plain_text', value: sinkUrl } },
    dev: {
      server: { hostname: '127.0.0.1', port: 0 },
      inspector: false,
      watch: false,
      liveReload: false,
      persist,
      logLevel: 'error',
      // Each flush that was cut off logs its loss, which is what was asked for.
      structuredLogsHandler: () => {},
    },
  });
  const [worker, [{ proxyData }]] = await Promise.all([starting, loaded]);
  const { hostname, port } = proxyData.userWorkerUrl;
  const origin = `http://${hostname}:${port}`;
  return { origin, pid: pidOf(origin), stop: () => worker.dispose() };
}
