import { Hono } from 'hono';
import { basePath } from 'hono/route';
import type { StoredTraceWithSpans } from '../model/store.ts';
import { guard } from './access/guard.tsx';
import { assetRoute } from './assets/serve.ts';
import { hasContent } from './content.ts';
import { resolveViewerOptions } from './options.ts';
import type { ResolvedViewerOptions, TraceViewerOptions } from './options.ts';
import { failed, guardHeaders } from './respond.tsx';
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
  app.use(guardHeaders, guard(resolved.authorize), async function site(c, next) {
    c.set('site', siteOf(c, resolved));
    await next();
  });
  app.onError((error, c) => failed(c, baseOf(c), error));
  app.get('/', tracesRoute);
  app.get('/-/assets/:name', assetRoute);
  app.get('/-/usage', usageRoute);
  app.get('/-/compare', compareRoute);
  app.get('/-/group/:group', groupRoute);
  app.get('/-/export', exportListRoute);
  app.get('/-/export/:id', exportTraceRoute);
  app.get('/-/span/:id/:span', spanRoute);
  app.get('/-/rows/:id', rowsRoute);
  app.get('/-/value/:id/:span', valueRoute);
  app.get('/:id', traceRoute);
  return app as unknown as Hono<{ Bindings: B }>;
}

/** Where the viewer is mounted, as this request's address has it. */
function baseOf(c: PageContext): string {
  const base = basePath(c);
  return base.endsWith('/') ? base.slice(0, -1) : base;
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
      const { viewerId } = c.var;
      options.audit({
        event: 'sluice.trace_viewed',
        viewer: viewerId,
        trace_id: trace.traceId,
        view,
        at: now,
      });
    },
  };
}
