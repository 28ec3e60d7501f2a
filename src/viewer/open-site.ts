/** What every page of a request shares: where the viewer is mounted, its store, whom to tell of a look. */
import type { MiddlewareHandler } from 'hono';
import { basePath } from 'hono/route';
import { describeError } from '../model/errors.ts';
import { hasContent } from './content.ts';
import type { ResolvedViewerOptions } from './options.ts';
import type { PageContext, Site, SiteEnv } from './site.ts';
import { checkedStore, soundStore } from './sound.ts';
import type { ReadStore } from './sound.ts';

/** @param route of the viewer's own, such as `/-/span/:id/:span`; undefined for what is none */
export function openSite(
  options: ResolvedViewerOptions,
  route?: string,
): MiddlewareHandler<SiteEnv> {
  return async function open(c, next) {
    c.set('site', siteOf(c, options, route));
    await next();
  };
}

/** Parts of a path as they were sent. An empty one would make the next a host. */
export function partsOf(path: string): string[] {
  return path.split('/').filter(Boolean);
}

/** Hono gives it decoded, and what a parameter of the mount was decoded to must not become another host. */
export function baseOf(c: PageContext): string {
  return partsOf(basePath(c))
    .map((part) => `/${encodeURIComponent(part)}`)
    .join('');
}

/** Of the address all but the route's own parts, with each part as it was sent. */
function sentBaseOf(c: PageContext, route: string): string {
  const sent = partsOf(new URL(c.req.url).pathname);
  const own = partsOf(route).length;
  return sent
    .slice(0, sent.length - own)
    .map((part) => `/${part}`)
    .join('');
}

function siteOf(c: PageContext, options: ResolvedViewerOptions, route: string | undefined): Site {
  const now = Date.now();
  let store: ReadStore | undefined;
  return {
    base: route === undefined ? baseOf(c) : sentBaseOf(c, route),
    // What needs no store, such as a style sheet, is there without one.
    get store() {
      return (store ??= soundStore(checkedStore(options.store(c.env))));
    },
    options,
    now,
    audit(view, { traceId: trace_id, spans }) {
      const { audit } = options;
      if (!audit || !hasContent(spans)) return;
      const { viewerId: viewer } = c.var;
      const entry = { event: 'sluice.trace_viewed', viewer, trace_id, view, at: now } as const;
      keepAlive(c, new Promise((resolve) => resolve(audit(entry))));
    },
  };
}

/** An audit that takes its time outlives the answer; one that fails is in the log. */
function keepAlive(c: PageContext, done: Promise<unknown>): void {
  const logged = done.catch((error: unknown) => {
    const line = { event: 'sluice.viewer_audit_failed', error: describeError(error) };
    console.error(JSON.stringify(line));
  });
  try {
    c.executionCtx.waitUntil(logged);
  } catch {
    // Without an execution context, as under `app.request()`, nothing ends before it.
  }
}
