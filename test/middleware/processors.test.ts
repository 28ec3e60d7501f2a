import {
  addTraceProcessor,
  getGlobalTraceProvider,
  setTraceProcessors,
  withCustomSpan,
} from '@openai/agents';
import type { Span, SpanData, Trace, TracingProcessor } from '@openai/agents';
import { describe, expect, it, vi } from 'vitest';
import { send, tracedApp } from '../support/app.ts';
import { observeTraces } from '../support/observe.ts';

const traces = observeTraces();

class Recorder implements TracingProcessor {
  spans: string[] = [];
  flushes = 0;
  started = 0;
  ended = 0;
  async onTraceStart(_trace: Trace): Promise<void> {
    this.started += 1;
  }
  async onTraceEnd(_trace: Trace): Promise<void> {
    this.ended += 1;
  }
  async onSpanStart(): Promise<void> {}
  async onSpanEnd(span: Span<SpanData>): Promise<void> {
    this.spans.push(span.spanId);
  }
  async shutdown(): Promise<void> {}
  async forceFlush(): Promise<void> {
    this.flushes += 1;
  }
}

const work = (name = 'work'): Promise<unknown> =>
  withCustomSpan(async () => name, { data: { name } });

function workingApp(): ReturnType<typeof tracedApp> {
  const made = tracedApp();
  made.app.get('/', async (c) => {
    await work();
    return c.text('ok');
  });
  return made;
}

describe('a processor that the application adds afterwards', () => {
  it('survives, sees the trace start and end, and is flushed', async () => {
    const { app } = workingApp();
    const recorder = new Recorder();
    addTraceProcessor(recorder);
    await (await send(app)).text();
    await traces.flushed();
    expect(recorder.spans).toHaveLength(1);
    expect([recorder.started, recorder.ended]).toEqual([1, 1]);
    await expect.poll(() => recorder.flushes).toBe(1);
  });

  it('and that hangs in every hook delays neither the response nor the flush', async () => {
    const { app, memory } = workingApp();
    const hanging = new Recorder();
    const never = (): Promise<void> => new Promise(() => {});
    Object.assign(hanging, {
      onTraceStart: never,
      onTraceEnd: never,
      onSpanStart: never,
      onSpanEnd: never,
      forceFlush: never,
    });
    addTraceProcessor(hanging);
    const started = Date.now();
    expect(await (await send(app)).text()).toBe('ok');
    await traces.flushed({ timeoutMs: 1_000 });
    expect(Date.now() - started).toBeLessThan(1_000);
    expect(memory.spans).toHaveLength(1);
  });

  it('and that throws in every hook is its own trouble', async () => {
    const { app, memory } = workingApp();
    const throwing = new Recorder();
    const fail = async (): Promise<void> => {
      throw new Error('theirs');
    };
    Object.assign(throwing, { onTraceStart: fail, onTraceEnd: fail, forceFlush: fail });
    addTraceProcessor(throwing);
    expect(await (await send(app)).text()).toBe('ok');
    await traces.flushed();
    expect(memory.spans).toHaveLength(1);
  });
});

describe('setTraceProcessors called after agentTracing()', () => {
  it('removes our processor; the next request brings it back beside what was set, loses nothing and counts it', async () => {
    const { app, memory } = workingApp();
    const recorder = new Recorder();
    setTraceProcessors([recorder]);
    await (await send(app)).text();
    const first = await traces.flushed();
    expect(memory.spans).toHaveLength(1);
    expect(first.reports[0]?.faults).toMatchObject({ processor_replaced: 1 });
    await (await send(app)).text();
    const second = await traces.flushed();
    expect(second.reports[0]?.faults).toEqual({});
    expect(memory.spans).toHaveLength(2);
    expect(recorder.spans).toHaveLength(2);
  });

  it('under concurrent requests brings it back once, so that no span is captured twice', async () => {
    const { app, memory } = workingApp();
    setTraceProcessors([new Recorder()]);
    await Promise.all(Array.from({ length: 20 }, async () => (await send(app)).text()));
    await traces.flushed();
    expect(memory.spans).toHaveLength(20);
    expect(new Set(memory.spans.map((span) => span.id)).size).toBe(20);
  });
});

describe("forceFlush() on the SDK's provider", () => {
  it("flushes the caller's scope only", async () => {
    const { app, memory } = tracedApp();
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    app.get('/waits', async (c) => {
      await work('waiting');
      await held;
      return c.text('ok');
    });
    app.get('/flushes', async (c) => {
      await work('flushing');
      await getGlobalTraceProvider().forceFlush();
      return c.json(memory.spans.map((span) => span.facts.name));
    });
    const waiting = send(app, '/waits');
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await (await send(app, '/flushes')).json()).toEqual(['flushing']);
    release();
    await (await waiting).text();
    const { reports } = await traces.flushed();
    expect(reports.map((report) => report.captured).toSorted((a, b) => a - b)).toEqual([0, 1, 1]);
  });

  it('outside a request flushes nothing of ours and returns', async () => {
    const { app } = workingApp();
    await (await send(app)).text();
    await getGlobalTraceProvider().forceFlush();
    expect((await traces.flushed()).reports).toHaveLength(1);
  });

  it('returns at the deadline when a destination hangs', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const hanging = { name: 'hanging', export: (): Promise<void> => new Promise(() => {}) };
    const { app } = tracedApp({ exporters: () => [hanging], flush: { deadlineMs: 100 } });
    app.get('/', async (c) => {
      await work();
      await getGlobalTraceProvider().forceFlush();
      return c.text('ok');
    });
    expect(await (await send(app)).text()).toBe('ok');
    expect((await traces.flushed()).reports[0]).toMatchObject({
      destinations: { hanging: { failed: 1 } },
    });
  });
});
