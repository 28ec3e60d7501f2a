/** Checked by `tsc -p tsconfig.json`, never run: what the types of the handlers let through and what not. */
import { DurableObject, WorkerEntrypoint, WorkflowEntrypoint } from 'cloudflare:workers';
import type { WorkflowEvent, WorkflowStep } from 'cloudflare:workers';
import { firstOf, fromCookie, fromHeader, traceHandlers, withAgentTrace } from '../../src/index.ts';
import type { ActiveTrace, HandlerOptions, TracedEvent, TraceExporter } from '../../src/index.ts';
import { holds } from './equal.ts';
import type { Equal } from './equal.ts';

interface Env {
  RELEASE: string;
}
interface Order {
  thread: string;
}

declare const webhook: TraceExporter;
declare const env: Env;
const base = { workflow: 'support_triage', exporters: () => [webhook] };

// Bindings flow into handlers and callbacks; messages are typed by the second parameter.
export const worker: ExportedHandler<Env, Order> = traceHandlers<Env, Order>(
  {
    ...base,
    exporters: (bindings) => {
      holds(true satisfies Equal<typeof bindings, Env>);
      return [webhook];
    },
    queue: 'message',
    groupId: firstOf(fromHeader('x-room'), fromCookie('room')),
    metadata: (event) => {
      holds(true satisfies Equal<typeof event, TracedEvent<Env>>);
      return { release: event.env.RELEASE, surface: event.kind };
    },
    enabled: ({ request }) => request?.method !== 'OPTIONS',
  },
  {
    fetch: (_request, bindings) => new Response(bindings.RELEASE),
    queue: (batch) => {
      holds(true satisfies Equal<(typeof batch.messages)[0]['body'], Order>);
    },
    scheduled: (controller) => void controller.cron,
  },
);

// Options that need no context serve everywhere, as an object or a function of env.
const shared: HandlerOptions<Env> = base;
export const again: ExportedHandler<Env> = traceHandlers<Env>(() => shared, {});
const inferred = traceHandlers(base, {
  scheduled: (_controller, bindings) => {
    holds(true satisfies Equal<typeof bindings, Cloudflare.Env>);
  },
});
holds(true satisfies Equal<typeof inferred, ExportedHandler<Cloudflare.Env>>);

export class Room extends DurableObject<Env> {
  async ask(): Promise<number> {
    const call = { env: this.env, ctx: this.ctx, groupId: this.ctx.id.toString() };
    const answer = await withAgentTrace(shared, call, async (trace) => {
      holds(true satisfies Equal<typeof trace, ActiveTrace>);
      return 42;
    });
    holds(true satisfies Equal<typeof answer, number>);
    return answer;
  }
}

export class Entrypoint extends WorkerEntrypoint<Env> {
  async answer(): Promise<string> {
    return withAgentTrace(
      () => shared,
      { env: this.env, ctx: this.ctx },
      ({ traceId }) => traceId,
    );
  }
}

export class Flow extends WorkflowEntrypoint<Env> {
  override async run(event: WorkflowEvent<unknown>, step: WorkflowStep): Promise<string> {
    return step.do('answer', () =>
      withAgentTrace(shared, { env: this.env, groupId: event.instanceId }, () => 'answer'),
    );
  }
}

// @ts-expect-error -- env is needed to make the exporters
await withAgentTrace(shared, {}, () => 1);
// @ts-expect-error -- a misspelt option
await withAgentTrace({ ...base, worfklow: 'x' } satisfies HandlerOptions<Env>, { env }, () => 1);
traceHandlers<Env>(
  // @ts-expect-error -- neither a batch nor a message
  { ...base, queue: 'each' },
  {},
);
