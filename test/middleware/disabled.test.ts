import { setTracingDisabled } from '@openai/agents';
import { Hono } from 'hono';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { addObserver } from '../../src/flush/observe.ts';
import {
  scripted,
  send,
  toolThenText,
  memoryExporter,
  tracedApp,
  tracing,
} from '../support/app.ts';
import type { Options } from '../support/app.ts';

afterEach(() => {
  setTracingDisabled(false);
  vi.restoreAllMocks();
});

/** Sends a request that runs an agent and says what tracing made of it. */
async function runOnce(
  options: Options,
): Promise<{ opened: number; exported: number; flushed: unknown; traceId: string }> {
  let opened = 0;
  const stop = addObserver({
    opened: () => (opened += 1),
    handed() {},
    flushed() {},
    settled() {},
  });
  const { app, memory } = tracedApp(options);
  app.get('/', async (c) => {
    const { runner, agent } = scripted(toolThenText);
    await runner.run(agent, 'hi');
    c.var.agentTrace.setMetadata({ release: 'r1' });
    c.var.agentTrace.outcome('checked', true);
    c.var.agentTrace.log('checked');
    return c.json({ traceId: c.var.agentTrace.traceId, flushed: await c.var.agentTrace.flushed });
  });
  const body = await (await send(app)).json<{ traceId: string; flushed: unknown }>();
  stop();
  return { opened, exported: memory.batches.length, ...body };
}

const NOTHING = {
  opened: 0,
  exported: 0,
  traceId: 'no-op',
  flushed: { captured: 0, destinations: {} },
};

describe('tracing that is disabled opens nothing, and c.var.agentTrace is a no-op whose flushed resolves', () => {
  it('by enabled: false', async () => {
    expect(await runOnce({ enabled: false })).toMatchObject(NOTHING);
  });

  it('by a function of the context', async () => {
    expect(await runOnce({ enabled: (c) => c.req.header('x-trace') === 'yes' })).toMatchObject(
      NOTHING,
    );
  });

  it("by the SDK's own switch", async () => {
    setTracingDisabled(true);
    expect(await runOnce({})).toMatchObject(NOTHING);
  });

  it('by a function that throws, which is logged and answers the request all the same', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    const enabled = (): boolean => {
      throw new Error('flag service down');
    };
    expect(await runOnce({ enabled })).toMatchObject(NOTHING);
    expect(error.mock.calls.flat().join()).toContain('flag service down');
  });
});

describe('configuration that depends on env', () => {
  it('and is wrong logs one error, turns tracing off for the isolate and leaves responses alone', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    const app = new Hono();
    let calls = 0;
    app.use(
      tracing({
        exporters: () => {
          calls += 1;
          throw new Error('env.TRACES_QUEUE is missing');
        },
      }),
    );
    app.get('/', (c) => c.text(`hello ${c.var.agentTrace.traceId}`));
    for (let n = 0; n < 3; n += 1) {
      const response = await send(app);
      expect([response.status, await response.text()]).toEqual([200, 'hello no-op']);
    }
    expect(calls).toBe(1);
    expect(error).toHaveBeenCalledTimes(1);
    expect(error.mock.calls[0]?.join()).toContain('env.TRACES_QUEUE is missing');
  });

  it('makes exporters once for an env, not once a request', async () => {
    const app = new Hono();
    const env = {};
    let made = 0;
    app.use(
      tracing({
        exporters: () => {
          made += 1;
          return [memoryExporter()];
        },
      }),
    );
    app.get('/', (c) => c.text('ok'));
    await send(app, '/', {}, env);
    await send(app, '/', {}, env);
    expect(made).toBe(1);
  });

  it('may be the whole of the options, as a function of env', async () => {
    const { agentTracing } = await import('../../src/middleware.ts');
    const app = new Hono<{ Bindings: { NAME: string } }>();
    app.use(agentTracing<{ NAME: string }>((env) => ({ workflow: env.NAME, exporters: () => [] })));
    app.get('/', (c) => c.text(c.var.agentTrace.workflow));
    expect(await (await send(app as unknown as Hono, '/', {}, { NAME: 'from_env' })).text()).toBe(
      'from_env',
    );
  });
});
