import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { DestinationReport, FlushReport } from '../../../src/model/exporter.ts';
import { openCountingSink } from './sink.ts';
import type { CountingSink } from './sink.ts';
import { startEnding } from './worker.ts';
import type { EndingWorker } from './worker.ts';
import { isAlive, peakMemory } from './workerd.ts';

const SPANS = 20_000;
const CHARACTERS = 10_000;

/** Megabytes that an isolate has in production. */
const ISOLATE = 128;

/**
 * V8 ends the process where a heap needs more: less than an isolate has, as what is
 * on its way to a socket is not in the heap.
 */
const HEAP = 96;

beforeAll(() => {
  vi.stubEnv('MINIFLARE_WORKERD_V8_FLAGS', `--max-heap-size=${HEAP}`);
  control = measureControl();
  // Each test that awaits it fails with it.
  control.catch(() => undefined);
});

afterAll(() => {
  vi.unstubAllEnvs();
});

interface Outcome {
  status: number;
  /** Megabytes. */
  peak: number;
  reports: FlushReport[];
  /** How often each span came where it was taken. */
  arrived: number[];
}

/** A Worker in a process of its own, of which one is asked. */
async function withWorker<T>(
  ask: (worker: EndingWorker, sink: CountingSink) => Promise<T>,
): Promise<T> {
  const sink = await openCountingSink();
  const worker = await startEnding({ sinkUrl: sink.url });
  try {
    return await ask(worker, sink);
  } finally {
    await worker.stop();
    await sink.close();
  }
}

function run({ origin }: EndingWorker, variant: string): Promise<Response> {
  return fetch(`${origin}/heavy/${variant}/${SPANS}/${CHARACTERS}`);
}

function traced(variant: string): Promise<Outcome> {
  return withWorker(async (worker, { spans }) => {
    const { status } = await run(worker, variant);
    const reports = await allReports(worker);
    return { status, reports, peak: peakMemory(worker.pid), arrived: [...spans.values()] };
  });
}

/** The reports once they account for every span. */
async function allReports({ origin }: EndingWorker, captured = SPANS): Promise<FlushReport[]> {
  let reports: FlushReport[] = [];
  const isWhole = async (): Promise<boolean> => {
    const response = await fetch(`${origin}/heavy/reports`);
    reports = await response.json<FlushReport[]>();
    return reports.reduce((sum, report) => sum + report.captured, 0) >= captured;
  };
  await vi.waitUntil(isWhole, { timeout: 60_000, interval: 100 });
  return reports;
}

/** What became of the spans, over all flushes. */
function totals(reports: readonly FlushReport[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { destinations } of reports) {
    const { exported, failed, dropped } = destinations['openai'] as DestinationReport;
    for (const [what, spans] of Object.entries({ exported, failed, ...dropped })) {
      sums[what] = (sums[what] ?? 0) + spans;
    }
  }
  return sums;
}

/** The same work without tracing. */
interface Control {
  /** Megabytes, garbage included that V8 has not collected, as everywhere here. */
  peak: number;
  /** What became of the workerd when its Worker kept what it had made. */
  keeping: 'served' | 'ended';
}

let control: Promise<Control>;

function measureControl(): Promise<Control> {
  return withWorker(async (worker) => {
    const { status } = await run(worker, 'untraced');
    expect(status).toBe(204);
    const peak = peakMemory(worker.pid);
    const kept = await run(worker, 'kept').catch(() => undefined);
    if (kept) return { peak, keeping: 'served' };
    await vi.waitUntil(() => !isAlive(worker.pid), { timeout: 10_000 });
    return { peak, keeping: 'ended' };
  });
}

async function expectBounded({ status, peak }: Outcome): Promise<void> {
  expect(status).toBe(204);
  const untraced = await control;
  expect(peak - untraced.peak).toBeLessThan(ISOLATE);
}

const ONCE_EACH = Array.from({ length: SPANS }, () => 1);

describe.concurrent('a request that makes 20,000 spans and 200 MB of content', () => {
  it('runs within a limit that ends a Worker which keeps what it has made', async () => {
    expect(await control).toMatchObject({ keeping: 'ended' });
  });

  it('has all of it exported in bounded memory', async () => {
    const outcome = await traced('full');
    await expectBounded(outcome);
    expect(totals(outcome.reports)).toEqual({ exported: SPANS, failed: 0 });
    expect(outcome.arrived).toEqual(ONCE_EACH);
  });

  it('has every span exported without its content, in bounded memory too', async () => {
    const outcome = await traced('bare');
    await expectBounded(outcome);
    expect(totals(outcome.reports)).toEqual({ exported: SPANS, failed: 0 });
    expect(outcome.arrived).toEqual(ONCE_EACH);
  });

  it('stays bounded where its destination hangs for ever, and no span is lost in silence', async () => {
    const outcome = await traced('hanging');
    await expectBounded(outcome);
    const { failed = 0, buffer_full: full = 0, ...others } = totals(outcome.reports);
    expect({ ...others, accounted: failed + full }).toEqual({ exported: 0, accounted: SPANS });
    expect(failed).toBeGreaterThan(0);
    expect(full).toBeGreaterThan(0);
  });
});

describe('requests at once, each of which is within its own bounds', () => {
  const REQUESTS = 4;
  const SPANS_EACH = 8_000;

  function together(variant: string): Promise<Outcome> {
    return withWorker(async (worker, { spans }) => {
      const url = `${worker.origin}/heavy/${variant}/${SPANS_EACH}/${CHARACTERS}`;
      const answers = await Promise.all(Array.from({ length: REQUESTS }, () => fetch(url)));
      const status = Math.max(...answers.map((answer) => answer.status));
      const reports = await allReports(worker, REQUESTS * SPANS_EACH);
      return { status, reports, peak: peakMemory(worker.pid), arrived: [...spans.values()] };
    });
  }

  it('ended the isolate where their destination hung', async () => {
    const { status, reports } = await together('hanging');
    expect(status).toBe(204);
    const { failed = 0, buffer_full: full = 0, ...others } = totals(reports);
    expect({ ...others, accounted: failed + full }).toEqual({
      exported: 0,
      accounted: REQUESTS * SPANS_EACH,
    });
  });

  it('ended the isolate where their destination took its time', async () => {
    const { status, reports, arrived } = await together('full');
    expect(status).toBe(204);
    const { exported = 0, buffer_full: full = 0, ...others } = totals(reports);
    expect({ ...others, accounted: exported + full }).toEqual({
      failed: 0,
      accounted: REQUESTS * SPANS_EACH,
    });
    expect(arrived).toEqual(Array.from({ length: exported }, () => 1));
  });
});
