/** A Worker with the viewer in real workerd, and a browser before it. */
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { createTestHarness } from 'wrangler';
import { launchBrowser, openWatched } from './browser.ts';
import type { Watched } from './browser.ts';

const CONFIGS = {
  /** Of the repository: the example with its agents, its queue and its consumer. */
  example: new URL('../../wrangler.toml', import.meta.url),
  /** The viewer alone, over what a test writes. */
  fixture: new URL('../fixtures/viewer/wrangler.toml', import.meta.url),
};

export interface Stage {
  origin: string;
  browser: Browser;
  open(options?: BrowserContextOptions): Promise<Watched>;
  /** POSTs JSON to the Worker. */
  post(path: string, body: unknown): Promise<Response>;
  close(): Promise<void>;
}

export async function startStage(which: keyof typeof CONFIGS): Promise<Stage> {
  const harness = createTestHarness({ workers: [{ configPath: CONFIGS[which] }] });
  const [{ url }, browser] = await Promise.all([harness.listen(), launchBrowser()]);
  await harness.getWorker().applyD1Migrations('TRACES_DB');
  const { origin } = url;
  return {
    origin,
    browser,
    open: (options) => openWatched(browser, origin, options),
    async post(path, body) {
      const answer = await fetch(`${origin}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
      return answer;
    },
    async close() {
      await browser.close();
      await harness.close();
    },
  };
}
