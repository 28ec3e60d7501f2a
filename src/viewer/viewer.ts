import { Hono } from 'hono';
import type { Handler, MiddlewareHandler } from 'hono';
import { basePath } from 'hono/route';
import { describeError } from '../model/errors.ts';
import type { StoredTraceWithSpans } from '../model/store.ts';
import { guard } from './access/guard.tsx';
import { assetRoute } from './assets/serve.ts';
import { hasContent } from './content.ts';
import { resolveViewerOptions } from './options.ts';
import type { ResolvedViewerOptions, TraceViewerOptions } from './options.ts';
import { failed, guardHeaders, notFound } from './respond.tsx';
import { exportListRoute, tracesRoute } from './routes/list.tsx';
import { compareRoute, groupRoute, usageRoute } from './routes/others.tsx';
import { exportTraceRoute, rowsRoute, spanRoute, traceRoute, valueRoute } from './routes/trace.tsx';
import type { PageContext, Site, SiteEnv } from './site.ts';
import { soundStore } from './sound.ts';

/**
 * Pages over the traces in a store: a list with filters and charts, each trace as a
 * waterfall with what went wrong, its group, two traces side by side, tokens and cost.
 *
 * Mount it in the same Worker. It shows nothing to anybody before `authorize` says who may look.
 *
 * @throws SluiceError `invalid_option` at start-up, with the option and what it must be
 *
 * @example
 * ```ts
 * import { Hono } from 'hono';
 * import { d1Store } from 'sluice/d1';
 * import { cloudflareAccess, traceViewer } from 'sluice/viewer';
 *
 * type Env = { TRACES_DB: D1Database };
 * const app = new Hono<{ Bindings: Env }>();
 *
 * app.route(
 *   '/traces',
 *   traceViewer<Env>({
 *     store: (env) => d1Store(env.TRACES_DB),
 *     authorize: cloudflareAccess({
 *       teamDomain: 'acme.cloudflareaccess.com',
 *       audience: '6a1f0c2d9e8b7a6f5e4d3c2b1a09f8e7',
 *     }),
 *   }),
 * );
 *
 * export default app;
 * ```
 */
export function traceViewer<B extends object = Record<string, unknown>>(
  options: TraceViewerOptions<B>,
): Hono<{ Bindings: B }> {
  const resolved = resolveViewerOptions(options);
  const app = new Hono<SiteEnv>();
  app.onError((error, c) => failed(c, baseOf(c), error));
  const open: MiddlewareHandler<SiteEnv> = async (c, next) => {
    c.set('site', siteOf(c, resolved));
    await next();
  };
  // Each route has them, as middleware of its own does not run for every path that a mount can have.
  const before = [guardHeaders, guard(resolved.authorize), open] as const;
  for (const [path, route] of ROUTES) app.get(path, ...before, route);
  app.all('*', ...before, (c) => notFound(c, c.var.site.base));
  return app as unknown as Hono<{ Bindings: B }>;
}

const ROUTES: readonly (readonly [path: string, route: Handler<SiteEnv>])[] = [
  ['/', tracesRoute],
  ['/-/assets/:name', assetRoute],
  ['/-/usage', usageRoute],
  ['/-/compare', compareRoute],
  ['/-/group/:group', groupRoute],
  ['/-/export', exportListRoute],
  ['/-/export/:id', exportTraceRoute],
  ['/-/span/:id/:span', spanRoute],
  ['/-/rows/:id', rowsRoute],
  ['/-/value/:id/:span', valueRoute],
  ['/:id', traceRoute],
];

/**
 * Where the viewer is mounted, as this request's address has it. Hono gives it decoded, and
 * what a parameter of the mount was decoded to must not become another host.
 */
function baseOf(c: PageContext): string {
  const parts = basePath(c).split('/').filter(Boolean);
  return parts.map((part) => `/${encodeURIComponent(part)}`).join('');
}

function siteOf(c: PageContext, options: ResolvedViewerOptions): Site {
  const now = Date.now();
  return {
    base: baseOf(c),
    store: soundStore(options.store(c.env)),
    options,
    now,
    audit(view, trace: StoredTraceWithSpans) {
      if (!options.audit || !hasContent(trace.spans)) return;
      const { viewerId: viewer } = c.var;
      const { traceId: trace_id } = trace;
      const entry = { event: 'sluice.trace_viewed', viewer, trace_id, view, at: now } as const;
      const done = options.audit(entry);
      if (done instanceof Promise) keepAlive(c, done);
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
