import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestHarness } from 'wrangler';
import type { SpanRecord, TraceBatch, TraceRecord } from '../../src/model/records.ts';
import type { DailyTotals, DeadLetter, StoredTraceWithSpans } from '../../src/model/store.ts';

const START = Date.UTC(2026, 10, 20, 12);
const harness = createTestHarness({
  workers: [{ configPath: new URL('../fixtures/round-trip/wrangler.toml', import.meta.url) }],
});

beforeAll(async () => {
  await harness.listen();
  await harness.getWorker().applyD1Migrations('TRACES_DB');
}, 60_000);
afterAll(() => harness.close());

async function call<T = null>(path: string, body?: unknown): Promise<T> {
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const response = await harness.fetch(path, init);
  if (!response.ok)
    throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}

/** Asks until the answer is what it is waited for. */
async function until<T>(
  ask: () => Promise<T>,
  ready: (answer: T) => boolean,
  seconds = 30,
): Promise<T> {
  const deadline = Date.now() + seconds * 1_000;
  for (;;) {
    const answer = await ask();
    if (ready(answer)) return answer;
    if (Date.now() > deadline)
      throw new Error(`still ${JSON.stringify(answer)} after ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const read = (id: string): Promise<StoredTraceWithSpans | null> => call(`/trace?id=${id}`);

/** A batch of one trace whose spans fill several messages. */
function makeBatch(name: string, spanCount: number): TraceBatch {
  const id = `trace_${START.toString(16).padStart(12, '0')}${name.padStart(20, '0')}`;
  const trace: TraceRecord = {
    object: 'trace',
    id,
    workflow_name: 'round_trip',
    group_id: null,
    metadata: { release: '7' },
    request_id: name,
    status: 'ok',
    started_at: START,
    ended_at: START + 1_000,
    flush_id: name,
    flush_seq: 0,
  };
  const spans = Array.from({ length: spanCount }, (_, n): SpanRecord => ({
    object: 'trace.span',
    id: `span_${String(n).padStart(4, '0')}`,
    trace_id: id,
    parent_id: null,
    started_at: new Date(START + n).toISOString(),
    ended_at: new Date(START + n + 1).toISOString(),
    span_data: { type: 'custom', data: '€'.repeat(500) },
    error: null,
    facts: { kind: 'turn', counts_usage: true, usage: { input_tokens: 2, output_tokens: 1 } },
  }));
  return { id: name, traces: [trace], spans };
}

function idOf(batch: TraceBatch): string {
  return batch.traces[0]?.id ?? '';
}

describe('from a producer through a real queue into D1', () => {
  it('brings a trace of several messages into the database, whole', async () => {
    const batch = makeBatch('a', 300);
    await call('/export', batch);
    const stored = await until(
      () => read(idOf(batch)),
      (trace) => trace?.spanCount === 300,
    );
    expect(stored?.spans).toEqual(batch.spans);
    expect(stored).toMatchObject({
      status: 'ok',
      workflow: 'round_trip',
      requestId: 'a',
      inputTokens: 600,
      outputTokens: 300,
      metadata: { release: '7' },
    });
  });

  it('changes nothing when a message is delivered again after its chunks were written', async () => {
    const batch = makeBatch('b', 3);
    const writes = (): Promise<number> => call('/writes?id=b-0');
    await call('/lose-answer');
    await call('/export', batch);
    await until(writes, (count) => count === 1);
    const first = await read(idOf(batch));
    expect(first).toMatchObject({ spanCount: 3, inputTokens: 6 });
    // The lost answer sends the message round again, and the producer sends another.
    await call('/export', batch);
    await until(writes, (count) => count === 3);
    expect(await read(idOf(batch))).toEqual(first);
    expect(await call('/dead')).toEqual([]);
  });

  it('leaves poison to the dead-letter queue and stores its neighbours', async () => {
    const [before, after] = [makeBatch('d', 2), makeBatch('e', 2)];
    const poison = { v: 1, chunks: [{ chunk_id: 'x', trace: 'not a trace', spans: [] }] };
    await call('/export', before);
    await call('/raw', poison);
    await call('/export', after);
    const [letter] = await until(
      () => call<DeadLetter[]>('/dead'),
      (dead) => dead.length > 0,
    );
    expect(letter).toMatchObject({ queue: 'round-trip-dead', body: JSON.stringify(poison) });
    expect(letter?.reason).toContain('invalid_envelope');
    expect(await read(idOf(before))).toMatchObject({ spanCount: 2 });
    expect(await read(idOf(after))).toMatchObject({ spanCount: 2 });
  });

  it('stores a dead letter that can be read, and redrives it to the exporter that did not take it, once', async () => {
    const batch = makeBatch('f', 2);
    await call('/export-dead', batch);
    const stored = await until(
      () => read(idOf(batch)),
      (trace) => trace?.spanCount === 2,
    );
    await until(
      () => call<DeadLetter[]>('/dead'),
      (dead) => dead.length === 2,
    );
    // The poison of the test before is what no version reads.
    const first = { redriven: 1, unreadable: 1, failed: 0, skipped: 0, remaining: 1 };
    expect(await call('/redrive', {})).toEqual(first);
    expect(await call('/redrive', {})).toEqual({ ...first, redriven: 0 });
    expect(await call('/exported')).toEqual(['span_0000', 'span_0001']);
    expect(await read(idOf(batch))).toEqual(stored);
  });

  it('shows in the totals of the days what came, what died, and that nothing is lost', async () => {
    const totals = await call<DailyTotals[]>('/totals');
    const sum = (pick: (day: DailyTotals) => number): number =>
      totals.reduce((total, day) => total + pick(day), 0);
    expect(totals.find(({ day }) => day === '2026-11-20')).toMatchObject({ traces: 5, spans: 309 });
    expect(sum(({ deadLetters }) => deadLetters)).toBe(2);
    expect(sum(({ lost, missing }) => lost + missing)).toBe(0);
  });
});
