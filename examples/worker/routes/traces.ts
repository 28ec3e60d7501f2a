/**
 * Reads traces back, from this machine only: they are the application's, not its
 * clients'. An application that deploys such routes puts its own authentication
 * before them, and another one before `redrive`, which writes.
 */
import { Hono } from 'hono';
import type { Context, MiddlewareHandler } from 'hono';
import { SluiceError } from 'sluice';
import { d1Store } from 'sluice/d1';
import type { DailyTotals } from 'sluice/d1';
import { redrive } from 'sluice/queue';
import { z } from 'zod';
import type { Env } from '../env.ts';

/** One call stays far below what an invocation may do, and may be repeated. */
const REDRIVE_LIMIT = 100;

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);
const LOOPBACK_CLIENTS = new Set(['127.0.0.1', '::1']);

/**
 * The host name keeps out a deployment, and pages that rebind their own name to
 * this machine; the client address keeps out whoever reaches a proxy on it; the
 * origin keeps out forms on other sites' pages.
 */
function isLocal(request: Request): boolean {
  const { hostname, origin } = new URL(request.url);
  const client = request.headers.get('cf-connecting-ip');
  const page = request.headers.get('origin');
  return (
    LOOPBACK.has(hostname) &&
    (client === null || LOOPBACK_CLIENTS.has(client)) &&
    (page === null || page === origin)
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

/** What an operator looks at first: whether anything is lost. */
traces.get('/totals', async (c) => {
  const store = d1Store(c.env.TRACES_DB);
  const [days, waiting] = await Promise.all([store.totals(), store.countDeadLetters()]);
  const sum = (pick: (day: DailyTotals) => number): number =>
    days.reduce((total, day) => total + pick(day), 0);
  const body = {
    lost: sum(({ lost }) => lost),
    missing: sum(({ missing }) => missing),
    deadLetters: { received: sum(({ deadLetters }) => deadLetters), waiting },
    days,
  };
  return c.body(`${JSON.stringify(body, null, 2)}\n`, 200, { 'content-type': 'application/json' });
});

/** Brings back a bounded number of dead letters; `?cursor=` goes on behind those that stayed. */
traces.post('/redrive', async (c) => {
  const store = d1Store(c.env.TRACES_DB);
  const cursor = c.req.query('cursor');
  return c.json(await redrive({ from: store, to: { store }, limit: REDRIVE_LIMIT, cursor }));
});

traces.get('/:id', async (c) => {
  const trace = await d1Store(c.env.TRACES_DB).getTrace(c.req.param('id'));
  return trace
    ? c.json(trace)
    : c.json({ error: 'not_found', message: 'There is no such trace (yet).' }, 404);
});
