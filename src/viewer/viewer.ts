import { Hono } from 'hono';
import type { Handler } from 'hono';
import { guard } from './access/guard.tsx';
import { assetRoute } from './assets/serve.ts';
import { baseOf, openSite, partsOf } from './open-site.ts';
import { resolveViewerOptions } from './options.ts';
import type { TraceViewerOptions } from './options.ts';
import { failed, guardHeaders, noPage } from './respond.tsx';
import { exportListRoute, tracesRoute } from './routes/list.tsx';
import { compareRoute, groupRoute } from './routes/others.tsx';
import { exportTraceRoute, rowsRoute, spanRoute, traceRoute, valueRoute } from './routes/trace.tsx';
import { usageRoute } from './routes/usage.tsx';
import type { PageContext, SiteEnv } from './site.ts';

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
  app.onError((error, c) => failed(c, c.var.site?.base ?? baseOf(c), error));
  const guarded = guard(resolved.authorize);
  // Each route has them, as middleware of its own does not run for every path that a mount can have.
  for (const [path, route] of ROUTES)
    app.get(path, guardHeaders, guarded, openSite(resolved, path), route);
  app.all('*', guardHeaders, guarded, openSite(resolved), elsewhere);
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

/** A page whose address ends in a slash is the one without it. */
function elsewhere(c: PageContext): Response | Promise<Response> {
  const { pathname, search } = new URL(c.req.url);
  const parts = partsOf(pathname);
  const isPage = c.req.method === 'GET' || c.req.method === 'HEAD';
  if (isPage && pathname.endsWith('/') && parts.length > 0)
    return c.redirect(`/${parts.join('/')}${search}`, 302);
  return noPage(c, c.var.site.base);
}
