import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TraceBatch } from '../../src/model/records.ts';
import type { Answer as ModelAnswer } from '../support/script.ts';
import { startSupportServer } from '../support/server.ts';
import { askAndLeave, connection, leave, openRequest } from './live/client.ts';
import {
  ALL_KINDS,
  flushedAccount,
  kindsOf,
  marked,
  modelRequests,
  setFaults,
  sinkRequests,
  toolThenText,
} from './live/trace.ts';
import { startLive } from './live/worker.ts';
import type { LiveWorker } from './live/worker.ts';

let support: Awaited<ReturnType<typeof startSupportServer>>;
let worker: LiveWorker;

beforeAll(async () => {
  support = await startSupportServer();
  worker = await startLive({ supportUrl: support.url });
}, 60_000);

afterAll(async () => {
  await worker.stop();
  await support.close();
});

const [callTool, answer] = toolThenText as [ModelAnswer, ModelAnswer];

function spansOf(batches: readonly TraceBatch[] = []): TraceBatch['spans'] {
  return batches.flatMap(({ spans }) => spans);
}

/** The first words of the answer have come. */
const answering = (text: string): boolean => /data: \S/.test(text.split('\n\n').slice(1).join());

describe('a client that leaves a streamed run half-way', () => {
  it('costs no span when the run goes on to its end', async () => {
    const { traceId, headers } = marked([callTool, { ...answer, chunks: 8, chunkDelayMs: 20 }]);
    const text = await askAndLeave(`${worker.origin}/traced/streamed-run`, headers, answering);
    expect(text).not.toContain('event: close');
    const { reports, batches } = await flushedAccount(worker.origin, traceId);
    expect(kindsOf(batches['memory'])).toEqual(ALL_KINDS);
    expect(reports).toMatchObject([{ captured: 7, truncated: 0, reason: 'cancel' }]);
  });

  it('gets what had ended exported, and what is still open at the deadline marked as truncated', async () => {
    const { traceId, headers } = marked([callTool, { ...answer, chunks: 8, hangAfter: 7 }]);
    await askAndLeave(`${worker.origin}/traced/streamed-run`, headers, answering);
    const { reports, batches } = await flushedAccount(worker.origin, traceId);
    const spans = spansOf(batches['memory']);
    const open = spans.filter(({ facts }) => facts.truncated).map(({ facts }) => facts.kind);
    const ended = spans.filter(({ facts }) => !facts.truncated).map(({ facts }) => facts.kind);
    expect(open.toSorted()).toEqual(['agent', 'response', 'task', 'turn']);
    expect(ended.toSorted()).toEqual(['function', 'response', 'turn']);
    expect(reports).toMatchObject([{ captured: 7, truncated: 4, reason: 'deadline' }]);
    expect(batches['memory']?.[0]?.traces).toMatchObject([{ id: traceId, status: 'truncated' }]);
  });

  it('whose body is the text stream of the run itself is accounted for in full', async () => {
    const { traceId, headers } = marked([callTool, { ...answer, chunks: 8, chunkDelayMs: 20 }]);
    await askAndLeave(`${worker.origin}/traced/text-run`, headers, (text) => text.length > 0);
    const { reports, batches } = await flushedAccount(worker.origin, traceId);
    expect(kindsOf(batches['memory'])).toEqual(ALL_KINDS);
    expect(['cancel', 'deadline']).toContain(reports[0]?.reason);
  });
});

describe('a client that leaves before there is an answer', () => {
  it('has its run exported all the same', async () => {
    const { traceId, headers } = marked([callTool, { ...answer, delayMs: 150 }]);
    const outgoing = openRequest(`${worker.origin}/traced/run`, headers);
    await expect.poll(() => modelRequests(support.url, headers)).toHaveLength(2);
    leave(outgoing);
    const { batches } = await flushedAccount(worker.origin, traceId);
    expect(kindsOf(batches['memory'])).toEqual(ALL_KINDS);
  });

  it('does not take what had ended with it when the model never answers', async () => {
    const { traceId, headers } = marked([callTool, { hang: true }]);
    const outgoing = openRequest(`${worker.origin}/traced/run`, headers);
    await expect.poll(() => modelRequests(support.url, headers)).toHaveLength(2);
    leave(outgoing);
    const { reports, batches } = await flushedAccount(worker.origin, traceId);
    expect(kindsOf(batches['memory'])).toEqual(ALL_KINDS);
    expect(reports[0]).toMatchObject({ truncated: 4 });
  });
});

describe('a client that leaves while its trace is being exported', () => {
  it('poisons nothing: twenty requests after it all flush, and so does its own', async () => {
    await setFaults(support.url, 'slow', [{ slowMs: 400 }]);
    const leaver = marked([callTool, { ...answer, chunks: 8, chunkDelayMs: 10 }]);
    await askAndLeave(`${worker.origin}/slow/streamed-run`, leaver.headers, answering);
    await expect.poll(() => sinkRequests(support.url, 'slow')).toHaveLength(1);
    const client = connection(worker.origin);
    const healthy = Array.from({ length: 20 }, () => marked());
    for (const { headers } of healthy) await client.ask('/slow/streamed-run', { headers });
    client.close();
    for (const { traceId } of [leaver, ...healthy]) {
      const { reports } = await flushedAccount(worker.origin, traceId);
      expect(reports).toMatchObject([{ captured: 7, truncated: 0 }]);
      expect(reports[0]?.destinations).toEqual({ openai: { exported: 7, dropped: {}, failed: 0 } });
    }
  });
});
