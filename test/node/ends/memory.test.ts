/** One request that makes 20,000 spans and 200 MB of content, by the memory of workerd as the system sees it. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FlushReport } from '../../../src/model/exporter.ts';
import { openCountingSink } from './sink.ts';
import type { CountingSink } from './sink.ts';
import { startEnding } from './worker.ts';
import { forgetPeak, memoryOf } from './workerd.ts';

const SPANS = 20_000;
const CHARACTERS = 10_000;

/** Between twenty spans: 200 MB in some seconds, as fast as no model answers. */
const PAUSE_MS = 4;

/**
 * Above what the process had before. The same work untraced takes 80 MB, since V8 collects late;
 * a scope may hold 32 MB, and a step takes some times its 4 MB while it becomes a request.
 */
const MAX_GROWTH_MB = 300;

let sink: CountingSink;
beforeAll(async () => {
  sink = await openCountingSink();
});
afterAll(() => sink.close());

interface Measured {
  /** Megabytes at the most, above what the process had before. */
  growth: number;
  reports: FlushReport[];
}

/** Each in a process of its own, as what V8 has taken once it keeps. */
async function measure(variant: string): Promise<Measured> {
  const worker = await startEnding({ sinkUrl: sink.url });
  try {
    const id = randomBytes(16).toString('hex');
    const headers = { traceparent: `00-${id}-${randomBytes(8).toString('hex')}-01` };
    await (await fetch(`${worker.origin}/heavy/${variant}/200/100`)).text();
    forgetPeak(worker.pid);
    const before = memoryOf(worker.pid).now;
    const url = `${worker.origin}/heavy/${variant}/${SPANS}/${CHARACTERS}?ms=${PAUSE_MS}`;
    await (await fetch(url, { headers })).text();
    const reports = await reportsOf(worker.origin, `trace_${id}`);
    return { growth: memoryOf(worker.pid).peak - before, reports };
  } finally {
    await worker.stop();
  }
}

async function reportsOf(origin: string, traceId: string): Promise<FlushReport[]> {
  const until = Date.now() + 20_000;
  for (;;) {
    const reports = await (await fetch(`${origin}/heavy/reports/${traceId}`)).json<FlushReport[]>();
    const captured = reports.reduce((sum, report) => sum + report.captured, 0);
    if (captured >= SPANS || Date.now() > until) return reports;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function accountOf(
  reports: FlushReport[],
): Record<'captured' | 'exported' | 'failed' | 'dropped', number> {
  const account = { captured: 0, exported: 0, failed: 0, dropped: 0 };
  for (const { captured, destinations } of reports) {
    account.captured += captured;
    for (const { exported, failed, dropped } of Object.values(destinations)) {
      account.exported += exported;
      account.failed += failed;
      account.dropped += Object.values(dropped).reduce((sum, n) => sum + n, 0);
    }
  }
  return account;
}

describe('20,000 spans with 200 MB of content in one request', () => {
  it.each(['sink', 'hanging'])(
    'stay within bounds, and each is accounted for: %s',
    async (variant) => {
      const { growth, reports } = await measure(variant);
      const account = accountOf(reports);
      expect(account.captured).toBe(SPANS);
      expect(account.exported + account.failed + account.dropped).toBe(SPANS);
      if (variant === 'sink') expect(account.exported).toBe(SPANS);
      expect(growth).toBeLessThan(MAX_GROWTH_MB);
    },
  );
});
