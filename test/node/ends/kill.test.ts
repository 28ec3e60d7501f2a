import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StoredTrace, StoredTraceWithSpans } from '../../../src/model/store.ts';
import { migrate } from '../../conformance/stage/worker.ts';
import { startEnding } from './worker.ts';
import { isAlive } from './workerd.ts';

/** Of the fixture, in spans. */
const STEP = 5;

const PATIENCE_MS = 20_000;
const POLL_MS = 20;

/** What a client knows of its run at a moment. */
interface Seen {
  ended: string[];
  /** Spans that a destination has acknowledged, while the body was open. */
  flushed: number;
  /** The response is whole, so that only `waitUntil` keeps the flush alive. */
  answered: boolean;
  /** Spans that the store has. */
  stored: number;
}

interface Scenario {
  /** Of the fixture: the destination, how many spans, how long each takes, and what then. */
  run: string;
  /** From here on the kill may come. */
  isReady: (seen: Seen) => boolean;
  /** Spans that the store has after the kill; where it is not said, at least those that were flushed. */
  stored?: number;
}

/** Thirteen spans: two steps, and three spans of the next. */
const twoSteps = ({ ended, flushed }: Seen): boolean => ended.length === 13 && flushed === 10;

const scenarios: Record<string, Scenario> = {
  'between two steps, with D1': { run: 'd1/13/5/hangs', isReady: twoSteps, stored: 10 },
  'between two steps by time, with D1': {
    run: 'timed/10/30/hangs',
    // A span that ends 100 ms after the last step begins another, so that at most four are left.
    isReady: ({ ended, flushed }) => ended.length === 10 && flushed >= 6,
  },
  'whenever it may be, with D1': {
    run: 'd1/1000/100/hangs',
    isReady: ({ ended }) => ended.length > 10,
  },
  // The local broker keeps messages in memory, so a step counts as kept when it has gone through.
  'between two steps, with a queue': {
    run: 'queue/13/5/hangs',
    isReady: (seen) => twoSteps(seen) && seen.stored === 10,
    stored: 10,
  },
  'in the delivery of a step': {
    run: 'third-cut/15/5/hangs',
    isReady: ({ ended, flushed }) => ended.length === 15 && flushed === 10,
    stored: 10,
  },
  'between the delivery of a step and its answer': {
    run: 'third-unanswered/15/5/hangs',
    isReady: ({ ended, stored }) => ended.length === 15 && stored === 15,
    stored: 15,
  },
  'in the last delivery, which only waitUntil keeps alive, with D1': {
    run: 'last-cut/13/5/ends',
    isReady: ({ answered, stored }) => answered && stored === 10,
    stored: 10,
  },
  'in the last delivery, which only waitUntil keeps alive, with a queue': {
    run: 'queue-last-cut/13/5/ends',
    isReady: ({ answered, stored }) => answered && stored === 10,
    stored: 10,
  },
};

interface Run {
  traceId: string;
  seen: Seen;
  /** Resolves when the connection is gone. */
  over: Promise<void>;
}

/** Opens a run and follows it until it has answered or its server is gone. */
function begin(origin: string, path: string): Run {
  const id = randomBytes(16).toString('hex');
  const seen: Seen = { ended: [], flushed: 0, answered: false, stored: 0 };
  const follow = async (): Promise<void> => {
    const headers = { traceparent: `00-${id}-${randomBytes(8).toString('hex')}-01` };
    const { body } = await fetch(`${origin}/stepped/${path}`, { headers });
    let rest = '';
    for await (const text of body!.pipeThrough(new TextDecoderStream())) {
      const lines = `${rest}${text}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) note(seen, line);
    }
    seen.answered = true;
  };
  return { traceId: `trace_${id}`, seen, over: follow().catch(() => undefined) };
}

function note(seen: Seen, line: string): void {
  const { ended, flushed = 0 } = JSON.parse(line) as { ended?: string; flushed?: number };
  if (ended !== undefined) seen.ended.push(ended);
  seen.flushed += flushed;
}

async function read<T>(url: string): Promise<T> {
  return (await fetch(url)).json<T>();
}

const runs: [name: string, run: Run][] = [];
/** Had answered when the kill came; its flush may have been under way. */
let ending: Run;
let killedPid: number;
let revived: Awaited<ReturnType<typeof startEnding>>;
const persist = mkdtempSync(join(tmpdir(), 'sluice-kill-'));

beforeAll(async () => {
  const worker = await startEnding({ persist });
  killedPid = worker.pid;
  await migrate(worker.origin);
  for (const [name, { run }] of Object.entries(scenarios)) {
    runs.push([name, begin(worker.origin, run)]);
  }
  await allReadyOrLate(worker.origin);
  ending = begin(worker.origin, 'd1/12/1/ends');
  await ending.over;
  process.kill(killedPid, 'SIGKILL');
  await Promise.all(runs.map(([, { over }]) => over));
  await worker.stop();
  revived = await startEnding({ persist });
}, 120_000);

afterAll(async () => {
  try {
    await revived.stop();
  } finally {
    rmSync(persist, { recursive: true, force: true });
  }
});

/** A run that does not come to where the kill has to find it is killed all the same, and its test says so. */
async function allReadyOrLate(origin: string): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  const isReady = ([name, { traceId, seen }]: [string, Run], traces: StoredTrace[]): boolean => {
    seen.stored = traces.find((trace) => trace.traceId === traceId)?.spanCount ?? 0;
    return scenarios[name]!.isReady(seen);
  };
  for (;;) {
    const traces = await read<StoredTrace[]>(`${origin}/traces`);
    const late = runs.filter((run) => !isReady(run, traces));
    if (late.length === 0 || Date.now() > until) return;
    await delay(POLL_MS);
  }
}

/** What the store shows of a run, once it is certain that each span is there at most once. */
async function storedOf({ traceId }: Run): Promise<{ status: string; names: string[] }> {
  const trace = await read<StoredTraceWithSpans>(`${revived.origin}/traces/${traceId}`);
  const names = trace.spans.map(({ facts }) => facts.name ?? '');
  // `spans` has a span once that is stored twice; the count has it twice.
  expect(trace.spanCount).toBe(names.length);
  expect(new Set(names).size).toBe(names.length);
  return { status: trace.status, names: names.toSorted(byNumber) };
}

function byNumber(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

describe('a run whose workerd is killed', () => {
  it.each(Object.entries(scenarios))(
    'keeps each flushed span once, loses at most a step, and is no success: %s',
    async (name, { isReady, stored }) => {
      const run = new Map(runs).get(name)!;
      const { ended, flushed } = run.seen;
      const { status, names } = await storedOf(run);
      expect(isAlive(killedPid)).toBe(false);
      expect(status).toBe('incomplete');
      // A run in one line loses from its end and nowhere else.
      expect(names).toEqual(ended.slice(0, names.length));
      expect(names.length).toBeGreaterThanOrEqual(flushed);
      expect(ended.length - names.length).toBeLessThanOrEqual(STEP);
      if (stored !== undefined) expect(names).toHaveLength(stored);
      expect(run.seen).toSatisfy(isReady);
    },
  );

  it('is a success only where its last flush had arrived whole, when it is killed as it answers', async () => {
    const { status, names } = await storedOf(ending);
    expect(ending.seen.answered).toBe(true);
    expect(ending.seen.ended).toHaveLength(12);
    expect([
      { status: 'ok', spans: 12 },
      { status: 'incomplete', spans: 10 },
    ]).toContainEqual({ status, spans: names.length });
  });

  it('is listed among those whose end has not arrived, with nothing else amiss', async () => {
    const traces = await read<StoredTrace[]>(`${revived.origin}/traces`);
    const listed = traces.filter(({ status }) => status === 'incomplete');
    const expected = runs.map(([, { traceId }]) => traceId);
    expect(listed.map(({ traceId }) => traceId)).toEqual(expect.arrayContaining(expected));
    expect(listed.map(({ missing }) => missing)).toEqual(listed.map(() => 0));
  });

  it('leaves nothing behind that a run in the workerd after it would stumble over', async () => {
    const next = begin(revived.origin, 'd1/12/1/ends');
    await next.over;
    await expect.poll(async () => (await storedOf(next)).status).toBe('ok');
    expect((await storedOf(next)).names).toEqual(next.seen.ended);
  });
});
