import { withCustomSpan, withTrace } from '@openai/agents';
import type { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { changeHolding, newHolding } from '../../src/capture/holding.ts';
import { MAX_ISOLATE_BYTES, SMALL_SCOPE_BYTES } from '../../src/model/limits.ts';
import type { TraceBatch } from '../../src/model/records.ts';
import { PartialExportError } from '../../src/model/errors.ts';
import type { FlushReport, TraceExporter } from '../../src/model/exporter.ts';
import { full } from '../../src/policy/policy.ts';
import { memoryExporter, send, tracedApp } from '../support/app.ts';
import type { Options } from '../support/app.ts';
import { observeLogs, observeTraces } from '../support/observe.ts';

const traces = observeTraces();
const { errors, lines } = observeLogs();

const named = (name: string, act: TraceExporter['export']): TraceExporter => ({
  name,
  export: act,
});

/** `?spans=n` makes n spans. */
function working(options: Options): Hono {
  const { app } = tracedApp(options);
  app.get('/', async (c) => {
    for (let n = 0; n < Number(c.req.query('spans')); n += 1) {
      await withCustomSpan(() => new Promise((resolve) => setTimeout(resolve, 1)), {
        data: { name: 'work' },
      });
    }
    return c.text('done');
  });
  return app;
}

async function serve(app: Hono, spans: number): Promise<FlushReport[]> {
  await (await send(app, `/?spans=${spans}`)).text();
  return (await traces.flushed()).reports;
}

describe('the account of a flush', () => {
  it('adds up to what was captured, for each destination and in each report', async () => {
    let call = 0;
    const exporters = [
      memoryExporter('healthy'),
      named('refusing', () => Promise.reject(new Error('down'))),
      named('hanging', () => new Promise(() => {})),
      named('partial', ({ spans }) => {
        throw new PartialExportError('some', spans.length - 1);
      }),
      named('boasting', () => Promise.reject(new PartialExportError('more than all', 1e9))),
      named('owing', () => Promise.reject(new PartialExportError('less than none', -5))),
      named('flaky', async () => {
        if ((call += 1) % 2 > 0) throw new Error('every other');
      }),
    ];
    const app = working({ exporters: () => exporters, flush: { maxSpans: 4, deadlineMs: 150 } });
    const reports = await serve(app, 18);
    expect(reports.length).toBeGreaterThan(3);
    expect(reports.reduce((sum, { captured }) => sum + captured, 0)).toBe(18);
    for (const { captured, destinations } of reports) {
      expect(Object.keys(destinations)).toHaveLength(exporters.length);
      for (const { exported, failed, dropped } of Object.values(destinations)) {
        const stayed = Object.values(dropped).reduce((sum, n) => sum + n, 0);
        expect(exported + failed + stayed).toBe(captured);
      }
    }
  });

  it('is the sum of all flushes in flushed', async () => {
    let flushed: Promise<FlushReport> | undefined;
    const { app } = tracedApp({ flush: { maxSpans: 4 } });
    app.get('/', async (c) => {
      ({ flushed } = c.var.agentTrace);
      for (let n = 0; n < 11; n += 1)
        await withCustomSpan(async () => n, { data: { name: 'work' } });
      return c.text('done');
    });
    await (await send(app)).text();
    await traces.flushed();
    expect(await flushed).toMatchObject({
      captured: 11,
      traceIds: [expect.stringMatching(/^trace_/)],
      destinations: { memory: { exported: 11, failed: 0, dropped: {} } },
    });
  });

  it('says how many a fallback took, which are not lost', async () => {
    const falling = named('falling', async ({ spans }, { onFallback }) =>
      onFallback?.(spans.length),
    );
    const reports = await serve(working({ exporters: () => [falling] }), 3);
    expect(reports).toMatchObject([
      { destinations: { falling: { exported: 3, failed: 0, fallback: 3 } } },
    ]);
    expect(errors).toEqual([]);
  });

  it('gives an exporter the time at which its signal aborts', async () => {
    let leftMs = 0;
    const timed = named('timed', async (_batch, { deadlineAt = 0 }) => {
      leftMs = deadlineAt - Date.now();
    });
    await serve(working({ exporters: () => [timed], flush: { deadlineMs: 700 } }), 1);
    expect(leftMs).toBeGreaterThan(200);
    expect(leftMs).toBeLessThanOrEqual(700);
  });

  it('goes to the log as one line where that is wanted, and is silent where nothing ran', async () => {
    const app = working({ logFlushes: true });
    await serve(app, 2);
    await serve(app, 0);
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { event: 'sluice_flush', captured: 2, destinations: { memory: { exported: 2 } } },
    ]);
  });
});

describe('a trace record', () => {
  it('says in each flush how many spans were captured so far, so that a lost step is missed', async () => {
    const memory = memoryExporter();
    await serve(working({ exporters: () => [memory], flush: { maxSpans: 4 } }), 10);
    expect(
      memory.batches.map(({ traces: [trace], spans }) => [trace?.captured, spans.length]),
    ).toEqual([
      [4, 4],
      [8, 4],
      [10, 2],
    ]);
  });

  it('says what stayed behind and why', async () => {
    const batches: TraceBatch[] = [];
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    const holding = named('holding', (batch) => {
      batches.push(batch);
      return gate;
    });
    const { app } = tracedApp({
      exporters: () => [holding],
      policy: full,
      flush: { maxBytes: 16_000_000 },
    });
    app.get('/', async (c) => {
      for (let n = 0; n < 40; n += 1) {
        const data = { name: 'work', data: { content: 'c'.repeat(900_000) } };
        await withCustomSpan(() => new Promise((resolve) => setTimeout(resolve, 0)), { data });
      }
      open();
      return c.text('done');
    });
    await (await send(app)).text();
    await traces.flushed();
    const last = batches.at(-1)?.traces[0];
    const sent = batches.reduce((sum, { spans }) => sum + spans.length, 0);
    expect(last).toMatchObject({ captured: 40, dropped: { buffer_full: 40 - sent } });
    expect(sent).toBeLessThan(40);
  });
});

describe('what a destination did not take', () => {
  const flaky = (
    outcomes: boolean[],
  ): { exporter: TraceExporter; lost: (number | undefined)[] } => {
    const lost: (number | undefined)[] = [];
    return {
      lost,
      exporter: named('flaky', async (batch) => {
        if (outcomes.shift() === false) throw new Error('down');
        lost.push(batch.lost);
      }),
    };
  };

  it('is told with the next delivery that arrives, once', async () => {
    const { exporter, lost } = flaky([false, false, true, true]);
    const app = working({ exporters: () => [exporter] });
    for (const spans of [3, 2, 1, 1]) await serve(app, spans);
    expect(lost).toEqual([5, undefined]);
  });

  it('is not told of a step whose trace goes on: the trace itself says what it misses', async () => {
    const { exporter, lost } = flaky([false, true, true]);
    const app = working({ exporters: () => [exporter], flush: { maxSpans: 4 } });
    await serve(app, 6);
    await serve(app, 1);
    expect(lost).toEqual([undefined, undefined]);
  });

  it('is kept apart by destination', async () => {
    const { exporter, lost } = flaky([false, true]);
    const memory = memoryExporter();
    const app = working({ exporters: () => [exporter, memory] });
    await serve(app, 3);
    await serve(app, 1);
    expect(lost).toEqual([3]);
    expect(memory.batches.map((batch) => batch.lost)).toEqual([undefined, undefined]);
  });
});

it('a trace of which memory had room for no span was nowhere, with its account', async () => {
  const others = newHolding();
  changeHolding(others, MAX_ISOLATE_BYTES, Date.now());
  const { app, memory } = tracedApp();
  app.get('/', async (c) => {
    const data = { name: 'large', data: { text: 'x'.repeat(SMALL_SCOPE_BYTES) } };
    await withTrace('nested_work', () => withCustomSpan(async () => {}, { data }));
    return c.text('ok');
  });
  try {
    await (await send(app)).text();
    await traces.flushed();
  } finally {
    changeHolding(others, -MAX_ISOLATE_BYTES, Date.now());
  }
  const nested = memory.traces.find(({ workflow_name }) => workflow_name === 'nested_work');
  expect(nested).toMatchObject({ captured: 1, dropped: { buffer_full: 1 } });
  expect(memory.spans).toEqual([]);
});
