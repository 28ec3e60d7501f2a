/** A fixture Worker in real local workerd, behind a real port. */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { unstable_DevEnv } from 'wrangler';

/** Nothing leaves the machine, and nothing is written for later. */
Object.assign(process.env, {
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_WRITE_LOGS: 'false',
});

const CONFIG = fileURLToPath(new URL('../../fixtures/faults/wrangler.toml', import.meta.url).href);

const START_TIMEOUT_MS = 30_000;

export interface LiveWorker {
  origin: string;
  /** What the Worker logged so far, a line an entry. */
  logs: string[];
  stop(): Promise<void>;
}

export interface LiveOptions {
  /** The wrangler.toml of the Worker. @default that of test/fixtures/faults */
  config?: string;
  supportUrl?: string;
  originUrl?: string;
  /** The environment of the fixture's wrangler.toml, which says what is served. */
  environment?: 'recipe';
  openaiDefault?: 'remove' | 'keep';
  dataRetention?: 'standard' | 'zero';
  /** Gets every request that the Worker makes, in place of the network. */
  outbound?: (request: Request) => Promise<Response>;
}

/** Says where the Worker itself listens: the proxy that wrangler puts before it hides a client's departure. */
interface Loaded {
  proxyData: { userWorkerUrl: { hostname: string; port: string } };
}

export async function startLive(options: LiveOptions): Promise<LiveWorker> {
  const {
    config = CONFIG,
    supportUrl = '',
    originUrl = '',
    environment,
    openaiDefault = 'remove',
    dataRetention = 'standard',
    outbound,
  } = options;
  const logs: string[] = [];
  const wrangler = new unstable_DevEnv();
  // A fixture that does not build never loads; wrangler prints why.
  const signal = AbortSignal.timeout(START_TIMEOUT_MS);
  const loaded = once(wrangler, 'reloadComplete', { signal }) as Promise<[Loaded]>;
  const starting = wrangler.startWorker({
    config,
    ...(environment && { env: environment }),
    bindings: {
      SUPPORT_URL: { type: 'plain_text', value: supportUrl },
      ORIGIN_URL: { type: 'plain_text', value: originUrl },
      OPENAI_DEFAULT: { type: 'plain_text', value: openaiDefault },
      DATA_RETENTION: { type: 'plain_text', value: dataRetention },
    },
    dev: {
      server: { hostname: '127.0.0.1', port: 0 },
      inspector: false,
      watch: false,
      liveReload: false,
      persist: false,
      logLevel: 'error',
      structuredLogsHandler: ({ message }: { message: string }) => logs.push(message),
      ...(outbound && { outboundService: outbound }),
    },
  });
  const [worker, [{ proxyData }]] = await Promise.all([starting, loaded]);
  const { hostname, port } = proxyData.userWorkerUrl;
  return { origin: `http://${hostname}:${port}`, logs, stop: () => worker.dispose() };
}
