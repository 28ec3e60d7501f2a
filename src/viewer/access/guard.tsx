/** Nobody passes without a yes. */
import type { MiddlewareHandler } from 'hono';
import { describeError } from '../../model/errors.ts';
import type { Authorize } from '../options.ts';
import type { SiteEnv } from '../site.ts';

const HOW = `Traces are not shown: this viewer has no \`authorize\`.

Say who may look, where the viewer is made:

  import { cloudflareAccess, traceViewer } from 'sluice/viewer';

  app.route('/traces', traceViewer({
    store: (env) => d1Store(env.TRACES_DB),
    authorize: cloudflareAccess({ teamDomain: '…', audience: '…' }),
  }));

Ready-made are cloudflareAccess(), bearerToken(), and localOnly() for development;
or pass a function of the request that gives true or false.
`;

const SAFE_METHODS = new Set(['GET', 'HEAD']);

/**
 * Asks `authorize` about each request, and lets nothing through that changes something
 * and does not come from a page of this origin. What fails is a no.
 */
export function guard(authorize: Authorize | undefined): MiddlewareHandler<SiteEnv> {
  return async function guarded(c, next) {
    if (!authorize) return c.text(HOW, 403);
    if (!SAFE_METHODS.has(c.req.method) && !isSameOrigin(c.req.raw)) {
      return c.text('This has to come from a page of the viewer itself.\n', 403);
    }
    let answer: Awaited<ReturnType<Authorize>>;
    try {
      answer = await authorize(c);
    } catch (error) {
      console.error(
        JSON.stringify({ event: 'sluice.viewer_unauthorized', error: describeError(error) }),
      );
      return c.text(
        'Whether you may look could not be found out. The Worker’s log says why.\n',
        503,
      );
    }
    if (answer instanceof Response) return answer;
    // Anything that is not a plain yes is a no: `authorize` may be JavaScript.
    const named: unknown = typeof answer === 'object' ? answer?.id : undefined;
    const viewer = typeof named === 'string' && named.trim() !== '' ? named : null;
    if (answer !== true && viewer === null)
      return c.text('You may not look at these traces.\n', 403);
    c.set('viewerId', viewer);
    await next();
  };
}

/** Browsers say where a request comes from; one that says neither is no browser's. */
function isSameOrigin(request: Request): boolean {
  const site = request.headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin') return false;
  const origin = request.headers.get('origin');
  return origin !== null ? origin === new URL(request.url).origin : site === 'same-origin';
}
