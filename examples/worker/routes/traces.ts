/** Reads traces back, from this machine only: they are the application's, not its clients'. */
import { Hono } from 'hono';
import type { Context, MiddlewareHandler } from 'hono';
import { SluiceError } from 'sluice';
import { d1Store } from 'sluice/d1';
import { z } from 'zod';
import type { Env } from '../env.ts';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);
const LOOPBACK_CLIENTS = new Set(['127.0.0.1', '::1']);

/**
 * The host name keeps out a deployment, and pages that rebind their own name to
 * this machine; the client address keeps out whoever reaches a proxy on it.
 */
function isLocal(request: Request): boolean {
  const client = request.headers.get('cf-connecting-ip');
  return (
    LOOPBACK.has(new URL(request.url).hostname) && (client === null || LOOPBACK_CLIENTS.has(client))
  );
}

const localOnly: MiddlewareHandler = async function localOnly(c, next) {
  if (!isLocal(c.req.raw))
    return c.json({ error: 'forbidden', message: 'Traces are served on localhost only.' }, 403);
  await next();
};

const query = z.object({
  limit: z.coerce.number().int().min(1).max(200).optional(),
  cursor: z.string().optional(),
  group: z.string().optional(),
  status: z.enum(['ok', 'error', 'blocked', 'truncated', 'incomplete']).optional(),
});

function storeFailure(error: Error, c: Context): Response {
  if (!(error instanceof SluiceError)) throw error;
  const status = error.code === 'invalid_option' ? 400 : 503;
  return c.json({ error: error.code, message: error.message }, status);
}

export const traces: Hono<{ Bindings: Env }> = new Hono<{ Bindings: Env }>();
traces.use(localOnly);
traces.onError(storeFailure);

traces.get('/', async (c) => {
  const parsed = query.safeParse(c.req.query());
  if (!parsed.success)
    return c.json({ error: 'invalid_request', message: z.prettifyError(parsed.error) }, 400);
  const { group, ...rest } = parsed.data;
  return c.json(await d1Store(c.env.TRACES_DB).listTraces({ ...rest, groupId: group }));
});

traces.get('/:id', async (c) => {
  const trace = await d1Store(c.env.TRACES_DB).getTrace(c.req.param('id'));
  return trace
    ? c.json(trace)
    : c.json({ error: 'not_found', message: 'There is no such trace (yet).' }, 404);
});
