import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DestinationReport, FlushReport } from '../../src/model/exporter.ts';
import type { Fault } from '../support/script.ts';
import { startSupportServer } from '../support/server.ts';
import { connection } from './live/client.ts';
import type { Answer } from './live/client.ts';
import { ALL_KINDS, flushedAccount, kindsOf, marked, setFaults } from './live/trace.ts';
import { startLive } from './live/worker.ts';
import type { LiveWorker } from './live/worker.ts';

let support: Awaited<ReturnType<typeof startSupportServer>>;
let worker: LiveWorker;
let client: ReturnType<typeof connection>;

beforeAll(async () => {
  support = await startSupportServer();
  worker = await startLive({ supportUrl: support.url });
  client = connection(worker.origin);
  const always = (fault: Fault): Fault[] => Array.from({ length: 1_000 }, () => fault);
  await setFaults(support.url, 'hanging', always({ hang: true }));
  await setFaults(support.url, 'refusing', always({ status: 400 }));
  // The first request of an isolate compiles; no measurement should.
  for (const app of ['control', 'traced']) await client.ask(`/${app}/run`, marked());
}, 60_000);

afterAll(async () => {
  client.close();
  await worker.stop();
  await support.close();
});

const PATIENCE_MS = 20;

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

/** A machine that does something else meanwhile makes single answers late, not the most of them. */
const MAX_ROUNDS = 25;

/** Asks both in turn on one connection, while what the faulty one left behind still hangs. */
async function compare(name: string, route: string, rounds = 5): Promise<string[]> {
  const times: Record<'control' | 'faulty', number[]> = { control: [], faulty: [] };
  const traceIds: string[] = [];
  const essence = ({ status, headers, body }: Answer): object => ({
    status,
    headers,
    body: body.toString(),
  });
  const delay = (): number => median(times.faulty) - median(times.control);
  while (traceIds.length < rounds || (delay() >= PATIENCE_MS && traceIds.length < MAX_ROUNDS)) {
    const { traceId, headers } = marked();
    const control = await client.ask(`/control/${route}`, marked());
    const faulty = await client.ask(`/${name}/${route}`, { headers });
    expect(essence(faulty)).toEqual(essence(control));
    expect(faulty.status).toBe(200);
    times.control.push(control.firstByteMs);
    times.faulty.push(faulty.firstByteMs);
    traceIds.push(traceId);
  }
  expect(delay()).toBeLessThan(PATIENCE_MS);
  return traceIds;
}

type Visible = (report: FlushReport) => void;

function destination(report: FlushReport, name: string): DestinationReport {
  const found = report.destinations[name];
  if (!found) throw new Error(`no ${name} in ${JSON.stringify(report)}`);
  return found;
}

/** All spans are accounted for as failed, with the reason. */
function failed(name: string, error: RegExp): Visible {
  return (report) => {
    const { exported, failed: lost, error: reason } = destination(report, name);
    expect(reason).toMatch(error);
    expect({ exported, lost }).toEqual({ exported: 0, lost: ALL_KINDS.length });
  };
}

const destinations: Record<string, Visible> = {
  'exporter-throws': failed('faulty', /TypeError: thrown before any promise/),
  'exporter-throws-hostile-error': failed('faulty', /cannot be described/),
  'exporter-throws-no-error': failed('faulty', /null/),
  'exporter-rejects': failed('faulty', /RangeError: rejected/),
  'exporter-hangs': failed('faulty', /export_timeout/),
  'exporter-returns-garbage': failed('faulty', /not a promise/),
  'exporter-is-slow': (report) => {
    const all = { exported: ALL_KINDS.length, dropped: {}, failed: 0 };
    expect(destination(report, 'faulty')).toEqual(all);
  },
  'exporter-resolves-late': failed('faulty', /export_timeout/),
  'exporter-rejects-late': failed('faulty', /export_timeout/),
  'd1-without-schema': failed('d1', /missing_schema.*migrations apply/),
  'queue-refuses': failed('queue', /export_failed/),
  'openai-without-key': failed('openai', /missing_api_key/),
  'openai-hangs': failed('openai', /export_timeout/),
  'openai-refuses': failed('openai', /export_failed.*400/),
};

/** The records arrive all the same, and the report or the trace says what was wrong. */
function arrivesWith(expected: Partial<FlushReport>): Visible {
  return (report) => {
    expect(report).toMatchObject(expected);
    expect(destination(report, 'memory')).toMatchObject({ exported: ALL_KINDS.length, failed: 0 });
  };
}

const callbacks: Record<string, Visible> = {
  'onFlush-throws': arrivesWith({ faults: { onFlush: 1 } }),
  'onFlush-rejects': arrivesWith({ faults: { onFlush: 1 } }),
  'metadata-throws': arrivesWith({ refused: { 'metadata.threw': 1 } }),
  'metadata-is-hostile': arrivesWith({ refused: { 'metadata.threw': 1 } }),
  'groupId-throws': arrivesWith({ refused: { 'groupId.threw': 1 } }),
  'groupId-rejects': arrivesWith({ refused: { 'groupId.threw': 1 } }),
  'groupId-hangs': arrivesWith({ refused: { 'groupId.timeout': 1 } }),
  'workflow-throws': arrivesWith({ refused: { 'workflow.threw': 1 } }),
  'keep-throws': arrivesWith({ faults: { 'sampling.keep': 1 } }),
  'keep-rejects': arrivesWith({ faults: { 'sampling.keep': expect.any(Number) } }),
};

describe('a faulty destination changes no response, delays no first byte, and is in the report', () => {
  it.each(Object.entries(destinations))('%s', async (name, visible) => {
    const traceIds = [...(await compare(name, 'run')), ...(await compare(name, 'streamed-run'))];
    for (const traceId of traceIds) {
      const { reports } = await flushedAccount(worker.origin, traceId);
      expect(reports).toHaveLength(1);
      visible(reports[0]!);
    }
  });
});

describe('a faulty callback changes no response, loses no span, and is in the report', () => {
  it.each(Object.entries(callbacks))('%s', async (name, visible) => {
    const traceIds = [
      ...(await compare(name, 'run', 3)),
      ...(await compare(name, 'streamed-run', 3)),
    ];
    for (const traceId of traceIds) {
      const { reports } = await flushedAccount(worker.origin, traceId);
      expect(reports).toHaveLength(1);
      visible(reports[0]!);
    }
  });
});

describe('a fault of configuration changes no response, turns tracing off, and is logged', () => {
  it.each([
    ['enabled-throws', /not traced.*the callback is broken/],
    ['exporters-throws', /tracing is off.*the callback is broken/],
    ['exporters-returns-garbage', /tracing is off.*invalid_option.*exporters/],
    ['exporters-is-missing-a-binding', /tracing is off.*missing_binding.*TRACES_QUEUE/s],
  ])('%s', async (name, logged) => {
    const before = worker.logs.length;
    await compare(name, 'run', 3);
    await compare(name, 'streamed-run', 3);
    await expect.poll(() => worker.logs.slice(before).join('\n')).toMatch(logged);
  });

  it('what cannot become right by itself is logged once, not at each request', async () => {
    const before = worker.logs.length;
    for (let round = 0; round < 3; round += 1) await client.ask('/exporters-throws/run', marked());
    await client.ask('/enabled-throws/run', marked());
    await expect.poll(() => worker.logs.length).toBeGreaterThan(before);
    expect(worker.logs.slice(before).filter((line) => line.includes('tracing is off'))).toEqual([]);
  });
});

describe('exporters do not reach each other', () => {
  it('one that meddles with its batch changes nothing of what the next one gets', async () => {
    const { traceId, headers } = marked();
    await client.ask('/meddled/run', { headers });
    const { batches, reports } = await flushedAccount(worker.origin, traceId);
    expect(kindsOf(batches['after'])).toEqual(ALL_KINDS);
    expect(Object.keys(reports[0]!.destinations)).toEqual(['meddler', 'after', 'last']);
  });
});
