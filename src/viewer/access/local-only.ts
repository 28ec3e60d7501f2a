import type { Authorize } from '../options.ts';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);
const LOOPBACK_CLIENTS = new Set(['127.0.0.1', '::1']);

/** What a proxy or a tunnel says of whom it passes on. */
const PASSED_ON = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'];

function refusalOf(hostname: string): string {
  const host = hostname.slice(0, 100);
  return `localOnly() shows traces on this machine only: at localhost, to a browser on it, with no proxy between. This request is for ${host}.\nFor others use cloudflareAccess() or bearerToken().\n`;
}

/**
 * For development: refuses any host but this machine, and what was passed on to it.
 *
 * The host name keeps out a deployment, and pages that rebind their own name to this
 * machine; the headers of a proxy keep out whom a tunnel lets in; the origin keeps out
 * requests that other sites' pages make.
 *
 * It holds where `wrangler dev` listens on this machine only, as it does by itself: with
 * `--ip 0.0.0.0`, a neighbour says of itself what it likes, and with `--local-upstream`
 * every request has that host. Use `bearerToken()` there.
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
    const isLocal =
      LOOPBACK.has(hostname) &&
      (client === undefined || LOOPBACK_CLIENTS.has(client)) &&
      PASSED_ON.every((name) => req.header(name) === undefined) &&
      (page === undefined || page === origin);
    return isLocal || new Response(refusalOf(hostname), { status: 403 });
  };
}
