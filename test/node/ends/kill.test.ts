/** What is left after a workerd process has been killed in the middle of a run. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StoredTraceWithSpans } from '../../../src/model/store.ts';
import { migrate } from '../../conformance/stage/worker.ts';
import { startEnding } from './worker.ts';
import type { EndingWorker } from './worker.ts';

const STEP_SPANS = 5;
const RUN_SPANS = 23;

const persist = mkdtempSync(join(tmpdir(), 'sluice-ends-'));
let worker: EndingWorker;

/** A run that its client follows by the line, and which has to be looked for afterwards. */
interface Watched {
  traceId: string;
  /** Spans that have ended, and flushes that are done, as the client knows. */
  ended: number;
  flushed: number;
  closed: boolean;
}

async function watch(path: string): Promise<Watched> {
  const id = randomBytes(16).toString('hex');
  const watched: Watched = { traceId: `trace_${id}`, ended: 0, flushed: 0, closed: false };
  const traceparent = `00-${id}-${randomBytes(8).toString('hex')}-01`;
  const response = await fetch(`${worker.origin}/stepped/${path}`, { headers: { traceparent } });
  follow(response, watched).catch(() => undefined);
  return watched;
}

async function follow(response: Response, watched: Watched): Promise<void> {
  let rest = '';
  for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + part).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const { ended, flushed = 0 } = JSON.parse(line) as { ended?: string; flushed?: number };
      if (ended) watched.ended += 1;
      watched.flushed += flushed;
    }
  }
  watched.closed = true;
}

async function stored(traceId: string): Promise<StoredTraceWithSpans | null> {
  return (await fetch(`${worker.origin}/traces/${traceId}`)).json<StoredTraceWithSpans | null>();
}

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 15_000;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`it never came to this: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

beforeAll(async () => {
  worker = await startEnding({ persist });
  await migrate(worker.origin);
}, 60_000);
afterAll(async () => {
  await worker.stop();
  rmSync(persist, { recursive: true, force: true });
});

describe('a killed isolate', () => {
  const runs: Record<string, Watched> = {};

  beforeAll(async () => {
    const paths = {
      d1: `d1/${RUN_SPANS}/20/hangs`,
      timed: `timed/${RUN_SPANS}/20/hangs`,
      queue: `queue/${RUN_SPANS}/20/hangs`,
      cutStep: `cut-step/${RUN_SPANS}/20/hangs`,
      unanswered: `unanswered-step/${RUN_SPANS}/20/hangs`,
      cutEnd: `cut-end/${RUN_SPANS}/20/ends`,
    };
    for (const [name, path] of Object.entries(paths)) runs[name] = await watch(path);
    const { d1, queue, cutEnd } = runs;
    const all = Object.values(runs);
    await until('all spans have ended', () => all.every(({ ended }) => ended === RUN_SPANS));
    await until('four steps are done', () => (d1?.flushed ?? 0) >= 20);
    await until('the response is over', () => cutEnd?.closed === true);
    // What the local broker has taken and not delivered is in its memory, and gone with it.
    const spansOf = async (run?: Watched) => (await stored(run?.traceId ?? ''))?.spans.length;
    await until('the queue is consumed', async () => (await spansOf(queue)) === 20);
    await until('the last flush is under way', async () => (await spansOf(cutEnd)) === 20);
    process.kill(worker.pid, 'SIGKILL');
    await Promise.race([worker.stop(), new Promise((resolve) => setTimeout(resolve, 2_000))]);
    worker = await startEnding({ persist });
  }, 60_000);

  it.each(['d1', 'queue', 'timed', 'cutStep', 'unanswered', 'cutEnd'])(
    'keeps what was flushed before, each span once, and shows the trace as incomplete: %s',
    async (name) => {
      const run = runs[name]!;
      expect(run.ended).toBe(RUN_SPANS);
      const trace = await stored(run.traceId);
      expect(trace?.status).toBe('incomplete');
      const ids = trace?.spans.map(({ id }) => id) ?? [];
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids.length).toBeGreaterThanOrEqual(run.flushed);
      expect(ids.length).toBeLessThanOrEqual(RUN_SPANS);
    },
  );

  it.each(['d1', 'queue', 'timed', 'cutEnd'])('loses at most one step: %s', async (name) => {
    const { ended, traceId } = runs[name]!;
    const kept = (await stored(traceId))?.spans.length ?? 0;
    expect(ended - kept).toBeLessThanOrEqual(name === 'timed' ? STEP_SPANS + 1 : STEP_SPANS);
  });
});
