import { withCustomSpan } from '@openai/agents';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { FlushReport, TraceExporter } from '../../src/model/exporter.ts';
import { full } from '../../src/policy/policy.ts';
import { memoryExporter, send, tracedApp } from '../support/app.ts';
import type { Options } from '../support/app.ts';
import { observeTraces } from '../support/observe.ts';

const traces = observeTraces();
beforeEach(() => {
  vi.spyOn(console, 'error').mockReturnValue();
});

const hanging: TraceExporter = { name: 'hanging', export: () => new Promise(() => {}) };

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Serves one request that makes `spans` spans, each with `content` and `ms` long. */
async function serve(
  options: Options,
  { spans, content = '', ms = 0 }: { spans: number; content?: string; ms?: number },
): Promise<FlushReport[]> {
  const { app } = tracedApp(options);
  app.get('/', async (c) => {
    for (let n = 0; n < spans; n += 1) {
      await withCustomSpan(() => sleep(ms), { data: { name: `work_${n}`, data: { content } } });
    }
    return c.text('done');
  });
  await (await send(app)).text();
  return (await traces.flushed()).reports;
}

describe('steps', () => {
  it('flush a long run as it goes, each span once, the trace incomplete until its end', async () => {
    const { app, memory } = tracedApp({ flush: { maxSpans: 10 } });
    app.get('/', async (c) => {
      for (let n = 0; n < 35; n += 1) {
        await withCustomSpan(async () => new Promise((resolve) => setTimeout(resolve, 1)), {
          data: { name: `work_${n}` },
        });
      }
      return c.text('done');
    });
    await (await send(app)).text();
    const { reports } = await traces.flushed();
    expect(reports.length).toBeGreaterThanOrEqual(3);
    expect(reports.reduce((sum, report) => sum + report.captured, 0)).toBe(35);
    expect(new Set(memory.spans.map((span) => span.id)).size).toBe(35);
    expect(memory.spans).toHaveLength(35);
    expect(memory.traces.map((trace) => trace.status).slice(0, -1)).toEqual(
      reports.slice(0, -1).map(() => 'incomplete'),
    );
    expect(memory.traces.at(-1)).toMatchObject({ status: 'ok', flush_seq: reports.length - 1 });
  });

  it('are followed by a last word on the trace also when no span came after them', async () => {
    const { app, memory } = tracedApp({ flush: { maxSpans: 5 } });
    app.get('/', async (c) => {
      for (let n = 0; n < 5; n += 1)
        await withCustomSpan(async () => n, { data: { name: 'work' } });
      await new Promise((resolve) => setTimeout(resolve, 20));
      return c.text('done');
    });
    await (await send(app)).text();
    await traces.flushed();
    expect(memory.traces.map((trace) => trace.status)).toEqual(['incomplete', 'ok']);
  });

  it('are made by time too, so that a killed isolate loses little of a run with few spans', async () => {
    const memory = memoryExporter();
    const reports = await serve(
      { exporters: () => [memory], flush: { stepMs: 100 } },
      { spans: 8, ms: 40 },
    );
    const reasons = reports.map(({ reason }) => reason);
    expect(reasons.length).toBeGreaterThan(2);
    expect(reasons).toEqual([...reasons.slice(1).map(() => 'step'), 'response']);
    expect(memory.spans.map(({ facts }) => facts.name)).toEqual(
      Array.from({ length: 8 }, (_, n) => `work_${n}`),
    );
  });

  it('wait for nobody: one destination that hangs keeps no step from another', async () => {
    const memory = memoryExporter();
    let atTheEnd = 0;
    const { app } = tracedApp({
      exporters: () => [hanging, memory],
      flush: { maxSpans: 5, deadlineMs: 1_500 },
    });
    app.get('/', async (c) => {
      for (let n = 0; n < 50; n += 1)
        await withCustomSpan(() => sleep(0), { data: { name: 'work' } });
      for (let n = 0; n < 100 && memory.spans.length < 50; n += 1) await sleep(10);
      atTheEnd = memory.spans.length;
      return c.text('done');
    });
    await (await send(app)).text();
    const { reports } = await traces.flushed();
    expect(atTheEnd).toBe(50);
    expect(sumOf(reports, 'memory')).toEqual({ exported: 50, failed: 0, dropped: 0 });
    expect(sumOf(reports, 'hanging')).toEqual({ exported: 0, failed: 50, dropped: 0 });
  });

  it('that hang are cut short with the request, and are in its account', async () => {
    const { app } = tracedApp({
      exporters: () => [hanging],
      flush: { maxSpans: 5, deadlineMs: 400 },
    });
    let flushed: Promise<FlushReport> | undefined;
    app.get('/', async (c) => {
      for (let n = 0; n < 7; n += 1)
        await withCustomSpan(() => sleep(0), { data: { name: 'work' } });
      await sleep(200);
      ({ flushed } = c.var.agentTrace);
      return c.text('done');
    });
    await (await send(app)).text();
    await traces.flushed();
    expect(await flushed).toMatchObject({
      captured: 7,
      destinations: { hanging: { exported: 0, failed: 7 } },
    });
  });

  it('keep a long run with much content within bounds, and count what would not fit', async () => {
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    const held: TraceExporter = { name: 'held', export: () => gate };
    const { app } = tracedApp({ exporters: () => [held], policy: full });
    app.get('/', async (c) => {
      const data = { name: 'work', data: { content: 'c'.repeat(900_000) } };
      for (let n = 0; n < 60; n += 1) await withCustomSpan(() => sleep(0), { data });
      open();
      return c.text('done');
    });
    await (await send(app)).text();
    const { reports } = await traces.flushed();
    expect(sumOf(reports, 'held')).toEqual({ exported: 35, failed: 0, dropped: 25 });
    expect(reports.at(-1)?.destinations['held']?.dropped).toEqual({ buffer_full: 25 });
  });

  it('hold no content that the policy has dropped, so that none of its spans stays behind', async () => {
    const reports = await serve(
      { exporters: () => [hanging], flush: { maxBytes: 1_000_000, deadlineMs: 300 } },
      { spans: 60, content: 'c'.repeat(900_000) },
    );
    expect(sumOf(reports, 'hanging')).toEqual({ exported: 0, failed: 60, dropped: 0 });
  });
});

function sumOf(
  reports: FlushReport[],
  name: string,
): { exported: number; failed: number; dropped: number } {
  const sum = { exported: 0, failed: 0, dropped: 0 };
  for (const { destinations } of reports) {
    const { exported = 0, failed = 0, dropped = {} } = destinations[name] ?? {};
    sum.exported += exported;
    sum.failed += failed;
    sum.dropped += Object.values(dropped).reduce((total, n) => total + n, 0);
  }
  return sum;
}
