import { withCustomSpan } from '@openai/agents';
import { describe, expect, it } from 'vitest';
import { registeredTraces } from '../../src/capture/registry.ts';
import { PartialExportError } from '../../src/model/errors.ts';
import type { TraceExporter } from '../../src/model/exporter.ts';
import { memoryExporter, scripted, send, toolThenText, tracedApp } from '../support/app.ts';
import type { Options } from '../support/app.ts';
import { observeLogs, observeTraces } from '../support/observe.ts';

const traces = observeTraces();
const { errors } = observeLogs();

function appWith(options: Options): ReturnType<typeof tracedApp> {
  const made = tracedApp(options);
  made.app.get('/', async (c) => {
    const { runner, agent } = scripted(toolThenText);
    return c.text((await runner.run(agent, 'hi')).finalOutput ?? '');
  });
  return made;
}

const broken = (name: string, act: TraceExporter['export']): TraceExporter => ({
  name,
  export: act,
});

describe('one destination takes nothing from another', () => {
  const faults: [string, TraceExporter, Record<string, unknown>][] = [
    [
      'throws at once',
      broken('bad', () => {
        throw new Error('thrown');
      }),
      { exported: 0, failed: 7, error: 'Error: thrown' },
    ],
    [
      'rejects',
      broken('bad', () => Promise.reject(new TypeError('rejected'))),
      { exported: 0, failed: 7, error: 'TypeError: rejected' },
    ],
    [
      'rejects with what is no error',
      broken('bad', async () => {
        // oxlint-disable-next-line typescript/only-throw-error -- plain JavaScript can
        throw undefined;
      }),
      { exported: 0, failed: 7, error: 'undefined' },
    ],
    [
      'hangs for ever',
      broken('bad', () => new Promise(() => {})),
      { exported: 0, failed: 7, error: expect.stringContaining('export_timeout') },
    ],
    [
      'returns garbage',
      broken('bad', (() => 'garbage') as unknown as TraceExporter['export']),
      { exported: 7, failed: 0 },
    ],
    [
      'delivers a part',
      broken('bad', () => Promise.reject(new PartialExportError('half', 3))),
      { exported: 3, failed: 4, error: 'export_failed: half' },
    ],
    [
      'meddles with its batch',
      broken('bad', async (batch) => {
        batch.spans.length = 0;
        batch.traces[0]!.id = 'x';
      }),
      { exported: 7, failed: 0 },
    ],
  ];
  it.each(faults)('when it %s', async (_, bad, expected) => {
    const good = memoryExporter('good');
    const { app } = appWith({ exporters: () => [bad, good], flush: { deadlineMs: 150 } });
    expect(await (await send(app)).text()).toBe('Your order is on its way.');
    const { reports } = await traces.flushed();
    expect(reports[0]?.destinations).toMatchObject({
      bad: expected,
      good: { exported: 7, failed: 0 },
    });
    expect(good.spans).toHaveLength(7);
    expect(good.traces[0]?.id).toMatch(/^trace_/);
  });

  it('and what failed is logged once for the flush, without content', async () => {
    const { app } = appWith({
      exporters: () => [broken('bad', () => Promise.reject(new Error('down')))],
    });
    await (await send(app)).text();
    await traces.flushed();
    expect(errors).toHaveLength(1);
    expect(JSON.parse(errors[0]!)).toMatchObject({
      event: 'sluice_flush_incomplete',
      captured: 7,
      destinations: { bad: { failed: 7 } },
    });
  });

  it('a signal that the exporter is given aborts at the deadline', async () => {
    let aborted: unknown;
    const listening = broken(
      'listening',
      (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            aborted = signal.reason;
            reject(signal.reason as Error);
          });
        }),
    );
    const { app } = appWith({ exporters: () => [listening], flush: { deadlineMs: 120 } });
    await (await send(app)).text();
    await traces.flushed();
    expect(aborted).toMatchObject({ code: 'export_timeout' });
  });
});

describe('callbacks that throw', () => {
  it('change no response, lose no span and are counted', async () => {
    const fail = (): never => {
      throw new Error('callback failed');
    };
    const { app, memory } = appWith({
      onFlush: fail,
      metadata: fail,
      groupId: fail,
      workflow: fail,
      sampling: { keep: fail },
    });
    expect(await (await send(app)).text()).toBe('Your order is on its way.');
    const { reports } = await traces.flushed();
    expect(memory.spans).toHaveLength(7);
    expect(memory.traces).toMatchObject([{ workflow_name: 'unnamed_workflow', group_id: null }]);
    expect(reports[0]).toMatchObject({
      refused: { 'workflow.threw': 1, 'groupId.threw': 1, 'metadata.threw': 1 },
      faults: { onFlush: 1, 'sampling.keep': 1 },
    });
  });
});

describe('the deadline', () => {
  it('exports what is still open as truncated with its last known facts, and counts its end when that comes late', async () => {
    const { app, memory } = tracedApp({ flush: { deadlineMs: 120 } });
    let finish: () => void = () => {};
    app.get('/', async (c) => {
      const held = new Promise<void>((resolve) => (finish = resolve));
      c.executionCtx.waitUntil(withCustomSpan(() => held, { data: { name: 'slow_work' } }));
      return c.text('accepted');
    });
    await (await send(app)).text();
    const first = await traces.flushed();
    expect(first.reports).toMatchObject([
      { reason: 'deadline', captured: 1, truncated: 1, destinations: { memory: { exported: 1 } } },
    ]);
    expect(first.spans).toMatchObject([
      { span_data: { name: 'slow_work' }, ended_at: null, facts: { truncated: true } },
    ]);
    expect(first.traces).toMatchObject([{ status: 'truncated' }]);
    finish();
    await expect.poll(() => errors.length).toBe(1);
    expect(memory.spans).toHaveLength(1);
    expect(errors[0]).toContain('already_truncated');
    expect(registeredTraces()).toBe(0);
  });
});
