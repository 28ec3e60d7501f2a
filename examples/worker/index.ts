/**
 * A support desk with agents, and the whole way of its traces: the middleware
 * records each request, a queue carries the records, the consumer writes them to
 * D1, a second one what the first could not, a cron lets them go after 30 days. The
 * viewer shows them, on this machine only: a deployment says who may look.
 */
import { Hono } from 'hono';
import { agentTracing } from 'sluice';
import { d1Store } from 'sluice/d1';
import { deadLetterConsumer, traceConsumer } from 'sluice/queue';
import { localOnly, traceViewer } from 'sluice/viewer';
import type { Env } from './env.ts';
import { support } from './routes/support.ts';
import { traces } from './routes/traces.ts';
import { welcome } from './routes/welcome.ts';
import { tracingOptions } from './tracing.ts';

const RETENTION_MS = 30 * 24 * 60 * 60 * 1000;

const target = (env: Env) => ({ store: d1Store(env.TRACES_DB) });
const consume = traceConsumer(target);
const consumeDead = deadLetterConsumer(target);

const app = new Hono<{ Bindings: Env }>();

app.use('/support/*', agentTracing(tracingOptions));
app.get('/', (c) => c.text(welcome(new URL(c.req.url).origin)));
app.route('/support', support);
app.route('/api/traces', traces);
app.route(
  '/traces',
  traceViewer<Env>({
    store: (env) => d1Store(env.TRACES_DB),
    authorize: localOnly(),
    // For a million tokens each; put your own contract's here.
    prices: { 'gpt-5.6-luna': { input: 1.25, cachedInput: 0.125, output: 10 } },
  }),
);

export default {
  fetch: app.fetch,
  queue: (batch, env, ctx) =>
    batch.queue === 'sluice-traces-dead' ? consumeDead(batch, env, ctx) : consume(batch, env, ctx),
  async scheduled(controller, env) {
    await d1Store(env.TRACES_DB).prune(controller.scheduledTime - RETENTION_MS);
  },
} satisfies ExportedHandler<Env>;
