import { withCustomSpan } from '@openai/agents';
import { describe, expect, it, vi } from 'vitest';
import { TraceState } from '../../src/capture/trace-state.ts';
import { positionOf, sampleWeight } from '../../src/flush/sampling.ts';
import { makeTraceId } from '../../src/identity/ids.ts';
import type { FlushReport } from '../../src/model/exporter.ts';
import type { Sampling } from '../../src/model/sampling.ts';
import type { FlushedTraces } from '../../src/testing/capture-traces.ts';
import { send, tracedApp } from '../support/app.ts';
import type { Options } from '../support/app.ts';
import { observeLogs, observeTraces } from '../support/observe.ts';

const traces = observeTraces();

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
const { errors } = observeLogs();

interface Work {
  fail?: boolean;
  spans?: number;
  ms?: number;
}

async function served(
  options: Options,
  { fail = false, spans = 1, ms = 0 }: Work = {},
): Promise<FlushedTraces> {
  const { app } = tracedApp(options);
  app.get('/', async (c) => {
    for (let n = 0; n < spans; n += 1) {
      await withCustomSpan(
        async (span) => {
          if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
          if (fail) span.setError({ message: 'failed' });
        },
        { data: { name: 'work' } },
      );
    }
    return c.text('ok');
  });
  await (await send(app)).text();
  return traces.flushed();
}

describe('sampling', () => {
  const outcome = async (options: Options, work: Work = {}): Promise<FlushReport> =>
    (await served(options, work)).reports[0]!;

  it('drops what head does not keep, and counts it', async () => {
    const report = await outcome({ sampling: { head: 0 } });
    expect(report).toMatchObject({
      captured: 1,
      destinations: { memory: { exported: 0, dropped: { sampled_out: 1 } } },
    });
    expect(errors).toEqual([]);
  });

  it('always keeps errors', async () => {
    const { reports, traces: sent } = await served({ sampling: { head: 0 } }, { fail: true });
    expect(reports).toMatchObject([{ destinations: { memory: { exported: 1 } } }]);
    expect(sent).toMatchObject([{ sample_weight: 1 }]);
  });

  it('always keeps what was slow', async () => {
    const { reports, traces: sent } = await served(
      { sampling: { head: 0, slowMs: 30 } },
      { ms: 40 },
    );
    expect(reports).toMatchObject([{ destinations: { memory: { exported: 1 } } }]);
    expect(sent).toMatchObject([{ sample_weight: 1 }]);
  });

  it('took the time that a client reads for time that a trace took', () => {
    const trace = new TraceState({
      id: 'x',
      workflow: 'w',
      groupId: null,
      metadata: {},
      startedAt: 0,
    });
    trace.workedUntil = 20;
    trace.endedAt = 90_000;
    expect(sampleWeight(trace, { head: 0 }, () => {})).toBe(0);
    trace.workedUntil = 40_000;
    expect(sampleWeight(trace, { head: 0 }, () => {})).toBe(1);
  });

  it('asks keep about the whole trace', async () => {
    const keep = vi.fn(() => false);
    const report = await outcome({ sampling: { keep } });
    expect(report).toMatchObject({ destinations: { memory: { dropped: { sampled_out: 1 } } } });
    expect(keep).toHaveBeenCalledWith(
      expect.objectContaining({ workflow: 'support_triage', spanCount: 1, status: 'ok' }),
    );
  });

  it('is not pre-empted by steps in time: it decides over the whole trace', async () => {
    const { reports } = await served(
      { sampling: { head: 0 }, flush: { stepMs: 100 } },
      { spans: 6, ms: 30 },
    );
    expect(reports).toMatchObject([{ reason: 'response', captured: 6 }]);
  });

  it('lets a trace go out in steps once it is slow enough to be kept for sure', async () => {
    const { reports, traces: sent } = await served(
      { sampling: { head: 0, slowMs: 150 }, flush: { stepMs: 100 } },
      { spans: 8, ms: 40 },
    );
    expect(reports[0]).toMatchObject({ reason: 'step' });
    expect(reports.length).toBeGreaterThan(1);
    expect(sent.map(({ sample_weight }) => sample_weight)).toEqual(reports.map(() => 1));
  });

  it('keeps a trace that memory made go out in steps, which stands for itself only', async () => {
    const { reports, traces: sent } = await served(
      { sampling: { head: 0 }, flush: { maxSpans: 3 } },
      { spans: 7 },
    );
    expect(reports.every(({ destinations }) => destinations['memory']?.exported)).toBe(true);
    expect(sent.map(({ sample_weight }) => sample_weight)).toEqual(reports.map(() => 1));
  });
});

describe('the sample weight', () => {
  const traceOf = (id: string): TraceState =>
    new TraceState({ id, workflow: 'w', groupId: null, metadata: {}, startedAt: 0 });
  const decide = (sampling: Sampling, id: string): number =>
    sampleWeight(traceOf(id), sampling, () => {});

  it('makes totals of what was kept true on average', () => {
    let seed = 7;
    const digits = (): string => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed.toString(16).padStart(20, '0');
    };
    const ids = Array.from({ length: 20_000 }, (_, n) => makeTraceId(n, digits()));
    const total = ids.reduce((sum, id) => sum + decide({ head: 0.1 }, id), 0);
    expect(total / ids.length).toBeGreaterThan(0.93);
    expect(total / ids.length).toBeLessThan(1.07);
  });

  it('kept all or none of the ids that an application makes itself, whose ends are not random', () => {
    for (const idOf of [
      (n: number) => `trace_${'0'.repeat(24)}${String(n).padStart(8, '0')}`,
      (n: number) => `trace_order_${n}_00000000`,
      (n: number) => `order-${n}`,
    ]) {
      const positions = Array.from({ length: 10_000 }, (_, n) => positionOf(idOf(n)));
      for (const share of [0.01, 0.1, 0.5, 0.9]) {
        const kept = positions.filter((position) => position < share).length / positions.length;
        expect(Math.abs(kept - share)).toBeLessThan(0.02);
      }
    }
    expect(positionOf('order-1')).toBe(positionOf('order-1'));
    expect(Math.min(...[''].map(positionOf))).toBeGreaterThanOrEqual(0);
  });

  it('is one where keep wants the trace anyway, whatever head says', () => {
    const ids = Array.from({ length: 64 }, (_, n) => `trace_${String(n).padStart(32, '0')}`);
    const low = ids.find((id) => positionOf(id) < 0.25)!;
    const high = ids.find((id) => positionOf(id) >= 0.25)!;
    expect(decide({ head: 0.25 }, low)).toBe(4);
    expect(decide({ head: 0.25 }, high)).toBe(0);
    expect(decide({ head: 0.25, keep: () => true }, low)).toBe(1);
    expect(decide({ head: 0.25, keep: () => true }, high)).toBe(1);
    expect(decide({ head: 0.25, keep: () => false }, low)).toBe(4);
    expect(decide({ keep: () => false }, low)).toBe(0);
    expect(decide({}, high)).toBe(1);
  });

  it('stays what it was when the trace goes out again', () => {
    const id = Array.from({ length: 64 }, (_, n) => `order-${n}`).find(
      (one) => positionOf(one) < 0.25,
    );
    const trace = traceOf(id!);
    trace.sampleWeight = sampleWeight(trace, { head: 0.25 }, () => {});
    trace.toRecord('flush', 'request', false, {});
    expect(sampleWeight(trace, { head: 0.25 }, () => {})).toBe(4);
  });
});

it('late spans of a trace that was sampled out made a step that stood for one', async () => {
  const reports: FlushReport[] = [];
  const { app, memory } = tracedApp({
    sampling: { head: 0 },
    flush: { maxSpans: 2 },
    onFlush: (report) => void reports.push(report),
  });
  app.get('/', (c) => {
    const later = async (): Promise<void> => {
      await sleep(50);
      for (let n = 0; n < 5; n += 1) {
        await withCustomSpan(() => sleep(5), { data: { name: 'late' } });
      }
    };
    c.executionCtx.waitUntil(later());
    return withCustomSpan(async () => c.text('ok'), { data: { name: 'work' } });
  });
  await (await send(app)).text();
  const leftOut = (): number =>
    reports.reduce((sum, { destinations }) => {
      return sum + (destinations['memory']?.dropped.sampled_out ?? 0);
    }, 0);
  await expect.poll(leftOut).toBe(6);
  expect(memory.batches).toEqual([]);
  expect(reports.length).toBeGreaterThan(1);
});
