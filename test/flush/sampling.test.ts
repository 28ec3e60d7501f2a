import { withCustomSpan } from '@openai/agents';
import { describe, expect, it, vi } from 'vitest';
import { TraceState } from '../../src/capture/trace-state.ts';
import { sampleWeight } from '../../src/flush/sampling.ts';
import { makeTraceId } from '../../src/identity/ids.ts';
import type { FlushReport } from '../../src/model/exporter.ts';
import type { Sampling } from '../../src/model/sampling.ts';
import type { FlushedTraces } from '../../src/testing/capture-traces.ts';
import { send, tracedApp } from '../support/app.ts';
import type { Options } from '../support/app.ts';
import { observeLogs, observeTraces } from '../support/observe.ts';

const traces = observeTraces();
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

  it('is one where keep wants the trace anyway, whatever head says', () => {
    const low = `trace_${'0'.repeat(32)}`;
    const high = `trace_${'f'.repeat(32)}`;
    expect(decide({ head: 0.25 }, low)).toBe(4);
    expect(decide({ head: 0.25 }, high)).toBe(0);
    expect(decide({ head: 0.25, keep: () => true }, low)).toBe(1);
    expect(decide({ head: 0.25, keep: () => true }, high)).toBe(1);
    expect(decide({ head: 0.25, keep: () => false }, low)).toBe(4);
    expect(decide({ keep: () => false }, low)).toBe(0);
    expect(decide({}, high)).toBe(1);
  });

  it('stays what it was when the trace goes out again', () => {
    const trace = traceOf(`trace_${'0'.repeat(32)}`);
    trace.sampleWeight = sampleWeight(trace, { head: 0.25 }, () => {});
    trace.toRecord('flush', 'request', false, {});
    expect(sampleWeight(trace, { head: 0.25 }, () => {})).toBe(4);
  });
});
