import type { Authorize } from '../options.ts';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);
const LOOPBACK_CLIENTS = new Set(['127.0.0.1', '::1']);

/**
 * For development: refuses any host but this machine, and any client that is not on it.
 *
 * The host name keeps out a deployment, and pages that rebind their own name to this
 * machine; the client's address keeps out whoever reaches a proxy on it; the origin keeps
 * out requests that other sites' pages make.
 *
 * @example
 * ```ts
 * import { d1Store } from 'sluice/d1';
 * import { localOnly, traceViewer } from 'sluice/viewer';
 *
 * type Env = { TRACES_DB: D1Database };
 * const viewer = traceViewer<Env>({ store: (env) => d1Store(env.TRACES_DB), authorize: localOnly() });
 * ```
 */
export function localOnly(): Authorize {
  return ({ req }) => {
    const { hostname, origin } = new URL(req.url);
    const client = req.header('cf-connecting-ip');
    const page = req.header('origin');
    return (
      LOOPBACK.has(hostname) &&
      (client === undefined || LOOPBACK_CLIENTS.has(client)) &&
      (page === undefined || page === origin)
    );
  };
}
