/** Checked by `tsc -p tsconfig.json`, never run: what the types of the public face let through and what not. */
import { Hono } from 'hono';
import type { MiddlewareHandler } from 'hono';
import {
  agentTracing,
  definePolicy,
  firstOf,
  fromCookie,
  fromHeader,
  fromParam,
  full,
} from '../../src/index.ts';
import type {
  ActiveTrace,
  currentTrace,
  FlushReport,
  TraceExporter,
  TracingOptions,
} from '../../src/index.ts';
import { holds } from './equal.ts';
import type { Equal } from './equal.ts';

interface Bindings {
  TRACES: { send(body: string): Promise<void> };
  RELEASE: string;
}
interface Variables {
  user: { plan: 'free' | 'paid' };
}

declare const webhook: TraceExporter;
const base = { workflow: 'support_triage', exporters: () => [webhook] };

export const app = new Hono<{ Bindings: Bindings; Variables: Variables }>();

// Inline, on every path and per route, without generics: the Worker's own Cloudflare.Env is the default.
new Hono().use(agentTracing(base));
new Hono().use('*', agentTracing(base));
new Hono().get('/run', agentTracing(base), (c) => c.text(c.var.agentTrace.traceId));
new Hono<{ Bindings: Cloudflare.Env }>().use(
  agentTracing({
    workflow: 'support_triage',
    exporters: (env) => {
      holds(true satisfies Equal<typeof env, Cloudflare.Env>);
      return [webhook];
    },
  }),
);

// Bindings and variables flow into every callback.
app.use(
  agentTracing<Bindings, Variables>({
    workflow: (c) => (c.var.user.plan === 'paid' ? 'support_paid' : 'support_free'),
    exporters: (env) => {
      holds(true satisfies Equal<typeof env, Bindings>);
      return [webhook];
    },
    metadata: (c) => {
      holds(true satisfies Equal<typeof c.env, Bindings>);
      return { release: c.env.RELEASE, surface: c.var.user.plan };
    },
    groupId: (c) => c.req.header('x-thread-id') ?? c.env.RELEASE,
    enabled: (c) => c.var.user.plan === 'paid',
    sampling: {
      head: 0.1,
      keep: (summary) => summary.durationMs > 1_000 || summary.status === 'ok',
    },
    onFlush: (report) => {
      holds(true satisfies Equal<typeof report, FlushReport>);
    },
  }),
);
app.use(
  '/threads/:id/*',
  agentTracing<Bindings>({
    ...base,
    groupId: firstOf(
      fromParam('id'),
      fromHeader('x-thread-id'),
      fromCookie('sid', { hash: 'a key for types only' }),
    ),
  }),
);
app.get('/run', agentTracing<Bindings>(base), (c) => c.text(c.env.RELEASE));

// Options as a function of env.
app.use(
  agentTracing<Bindings>((env) => ({
    ...base,
    policy: env.RELEASE === 'dev' ? full : definePolicy({ errors: 'keep' }),
  })),
);

// The trace is on the context without any generic.
new Hono().get('/', (c) => {
  holds(true satisfies Equal<typeof c.var.agentTrace, ActiveTrace>);
  const trace = c.get('agentTrace');
  trace.setMetadata({ surface: 'chat', tenant: 'acme' });
  trace.outcome('schema_valid', true, 'v2');
  trace.log('ticket_closed', { attempts: 2 });
  trace.waitUntil(Promise.resolve());
  // @ts-expect-error the trace of a request is not to be replaced by a part
  trace.traceId = 'x';
  // @ts-expect-error an outcome is passed or not
  trace.outcome('schema_valid', 'yes');
  // @ts-expect-error metadata is flat
  trace.setMetadata({ tenant: { id: 'acme' } });
  return c.json(trace.requestId);
});
holds(true satisfies Equal<ReturnType<typeof currentTrace>, ActiveTrace | undefined>);
export const mounted: MiddlewareHandler<{ Bindings: Bindings; Variables: Variables }> =
  agentTracing<Bindings, Variables>(base);

// What is wrong is an error at its own option.
// @ts-expect-error a workflow is required
agentTracing({ exporters: () => [] });
// @ts-expect-error exporters are required
agentTracing({ workflow: 'support' });
// @ts-expect-error exporters are a function of env
agentTracing({ workflow: 'support', exporters: [webhook] });
// @ts-expect-error an exporter needs a name
agentTracing({ workflow: 'support', exporters: () => [{ export: async () => {} }] });
// @ts-expect-error no such option
agentTracing({ ...base, polcy: full });
// @ts-expect-error a policy is an object, not a name
agentTracing({ ...base, policy: 'full' });
// @ts-expect-error no such flush option
agentTracing({ ...base, flush: { deadline: 1_000 } });
// @ts-expect-error metadata is a function of the context
agentTracing({ ...base, metadata: { release: 'v1' } });
// @ts-expect-error metadata values are strings
agentTracing({ ...base, metadata: () => ({ release: 1 }) });
// @ts-expect-error retention is standard or zero
agentTracing({ ...base, dataRetention: 'none' });
// @ts-expect-error no such binding
agentTracing<Bindings>({ ...base, exporters: (env) => [env.NOBODY] });
// @ts-expect-error the function of env returns options
agentTracing<Bindings>((env) => env.RELEASE);
// @ts-expect-error a decision is keep or drop
definePolicy({ content: 'maybe' });

export const reusable: TracingOptions<Bindings> = {
  ...base,
  exporters: (env) => [{ name: env.RELEASE, export: async () => {} }],
};
