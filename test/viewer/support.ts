import { env } from 'cloudflare:workers';
import { Hono } from 'hono';
import type { Chunk } from '../../src/model/envelope.ts';
import { d1Store } from '../../src/store/d1.ts';
import { traceViewer } from '../../src/viewer/index.ts';
import type { TraceViewerOptions } from '../../src/viewer/index.ts';

export const store = d1Store(env.TRACES_DB);

export type Get = (path: string, init?: RequestInit) => Promise<Response>;

/** The viewer as an application mounts it, over the test's database. */
export function mounted(options: Partial<TraceViewerOptions> = {}, at = '/traces'): Get {
  const app = new Hono();
  app.route(at, traceViewer({ store: () => store, authorize: () => true, ...options }));
  return async (path, init) => app.request(`http://localhost${path}`, init);
}

export async function write(...chunks: Chunk[]): Promise<void> {
  await store.write(chunks);
}

/** What a page says, without its markup. */
export function textOf(html: string): string {
  return html
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replaceAll(/\s+/g, ' ');
}
