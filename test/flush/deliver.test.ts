import { expect, it } from 'vitest';
import { Scope } from '../../src/capture/scope.ts';
import { openaiExporter } from '../../src/destinations/openai.ts';
import { deliver } from '../../src/flush/deliver.ts';
import { batchOf, spanRecord } from '../destinations/records.ts';
import { memoryExporter } from '../support/app.ts';
import { openSink } from '../support/sink.ts';

const root = { id: 'trace_1', workflow: 'support', groupId: null, metadata: {}, startedAt: 0 };
const scope = new Scope({
  requestId: 'request_1',
  root,
  now: Date.now,
  adopt: () => root,
  maxSpans: 1,
  maxBytes: 1,
  stepMs: 1,
});

it('a step that the end of its request cut short lost what a fallback would have taken', async () => {
  const sink = openSink();
  await sink.setFaults({ hang: true });
  const kept = memoryExporter('kept');
  const exporter = openaiExporter({
    apiKey: 'not-a-key',
    endpoint: sink.ingestUrl,
    fallback: kept,
  });
  const ending = new AbortController();
  const delivering = deliver(
    scope,
    [exporter],
    () => batchOf([spanRecord(), spanRecord()]),
    20_000,
    {
      ending: ending.signal,
      tails: new Map(),
    },
  );
  setTimeout(() => ending.abort(1_000), 50);
  const began = Date.now();
  expect((await delivering).get(exporter)).toEqual({
    exported: 2,
    failed: 0,
    fallback: 2,
    fallbackReason: expect.stringContaining('export_timeout'),
  });
  expect(kept.spans).toHaveLength(2);
  expect(Date.now() - began).toBeLessThan(1_000);
});

it('a step that hangs is over when the last moment of its request is', async () => {
  const ending = new AbortController();
  const hanging = { name: 'hanging', export: () => new Promise<void>(() => {}) };
  const delivering = deliver(scope, [hanging], () => batchOf([spanRecord()]), 20_000, {
    ending: ending.signal,
    tails: new Map(),
  });
  ending.abort(40);
  expect((await delivering).get(hanging)).toMatchObject({ exported: 0, failed: 1 });
});
