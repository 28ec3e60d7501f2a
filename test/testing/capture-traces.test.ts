import {
  createExecutionContext,
  createMessageBatch,
  createScheduledController,
  waitOnExecutionContext,
} from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { traceHandlers, withAgentTrace } from '../../src/handlers.ts';
import type { HandlerOptions } from '../../src/options.ts';
import { captureTraces } from '../../src/testing/capture-traces.ts';
import type { CapturedTraces } from '../../src/testing/capture-traces.ts';
import { recording, slow } from '../../src/testing/faults.ts';
import { validateOptions } from '../../src/testing/validate-options.ts';
import { scripted, send, toolThenText, tracedApp } from '../support/app.ts';

let traces: CapturedTraces;
beforeEach(() => {
  traces = captureTraces();
});
afterEach(() => traces.stop());

const options: HandlerOptions<object> = {
  workflow: 'nightly_report',
  exporters: () => [recording()],
};

async function answer(): Promise<string> {
  const { runner, agent } = scripted(toolThenText);
  return (await runner.run(agent, 'hi')).finalOutput ?? '';
}

const worker = traceHandlers<object>(options, {
  async fetch() {
    return new Response(await answer());
  },
  async queue() {
    await answer();
  },
  async scheduled() {
    await answer();
  },
});

type Handled = (ctx: ExecutionContext) => unknown;

const events: [string, Handled][] = [
  ['a plain fetch', (ctx) => worker.fetch?.(new Request('http://w.test'), {}, ctx)],
  [
    'a batch of a queue',
    (ctx) => {
      const messages = [{ id: 'm0', timestamp: new Date(0), attempts: 1, body: {} }];
      return worker.queue?.(createMessageBatch('jobs', messages), {}, ctx);
    },
  ],
  ['a cron', (ctx) => worker.scheduled?.(createScheduledController(), {}, ctx)],
  ['a call', (ctx) => withAgentTrace(options, { env: {}, ctx }, answer)],
];

describe('captureTraces()', () => {
  it.each(events)('reports %s as it reports a request', async (_what, handle) => {
    const ctx = createExecutionContext();
    const result = await handle(ctx);
    if (result instanceof Response) await result.text();
    const flushed = await traces.flushed();
    await waitOnExecutionContext(ctx);
    expect(flushed.reports).toHaveLength(1);
    expect(flushed.traces.map(({ workflow_name }) => workflow_name)).toEqual(['nightly_report']);
    expect(flushed.spans).toHaveLength(7);
    expect(Object.keys(flushed.destinations)).toEqual(['recording']);
  });

  it('waits for every one of several events', async () => {
    const { app } = tracedApp({ exporters: () => [slow(30)] });
    app.get('/', async (c) => c.text(await answer()));
    const ctx = createExecutionContext();
    const response = await send(app);
    await Promise.all([
      response.text(),
      worker.scheduled?.(createScheduledController(), {}, ctx),
      withAgentTrace(options, { env: {}, ctx }, answer),
    ]);
    const { reports, destinations } = await traces.flushed();
    expect(reports).toHaveLength(3);
    expect(Object.keys(destinations).toSorted()).toEqual(['recording', 'slow']);
  });

  it('begins anew after each flushed()', async () => {
    const ctx = createExecutionContext();
    await withAgentTrace(options, { env: {}, ctx }, answer);
    expect((await traces.flushed()).spans).toHaveLength(7);
    await expect(traces.flushed({ timeoutMs: 20 })).rejects.toMatchObject({
      code: 'flush_timeout',
      message: expect.stringContaining('no traced request or event began within 20 ms'),
    });
  });

  it('says what an event that does not end waits for', async () => {
    const ctx = createExecutionContext();
    let finish = (): void => {};
    const done = withAgentTrace(options, { env: {}, ctx }, async () => {
      await new Promise<void>((resolve) => (finish = resolve));
    });
    await expect(traces.flushed({ timeoutMs: 20 })).rejects.toThrow('the handler to return');
    finish();
    await done;
  });
});

describe('validateOptions()', () => {
  it('takes the options of handlers too, and throws where they would only be logged', () => {
    expect(() => validateOptions(options, {})).not.toThrow();
    const wrong = (): HandlerOptions<object> => ({ ...options, queue: 'each' as 'batch' });
    expect(() => validateOptions(wrong, {})).toThrow('`queue`');
  });
});
