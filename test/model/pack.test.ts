import fc from '../support/property.ts';
import { describe, expect, it } from 'vitest';
import type { Chunk } from '../../src/model/envelope.ts';
import { MIN_CHUNK_BYTES } from '../../src/model/limits.ts';
import { packSized } from '../../src/model/pack.ts';
import type { SpanRecord, TraceBatch, TraceRecord } from '../../src/model/records.ts';
import { unpack } from '../../src/model/unpack.ts';
import { readEnvelope } from '../../src/queue/schema.ts';
import { makeSpan, makeTrace, nativeId, NOON } from '../store/make.ts';
import { anyJson, anyText, bytesOf } from './arbitrary.ts';

const BUDGET = MIN_CHUNK_BYTES;

const pack = (batch: TraceBatch, maxBytes: number = BUDGET): Chunk[] =>
  packSized(batch, maxBytes).map(({ chunk }) => chunk);

/** A name or id as the shape checks let it through. */
const name = fc.string({ minLength: 1, maxLength: 128 });
const anySpan: fc.Arbitrary<Omit<SpanRecord, 'id' | 'trace_id'>> = fc.record({
  object: fc.constant('trace.span'),
  parent_id: fc.option(name),
  started_at: fc.constant(makeSpan('a').started_at),
  ended_at: fc.constantFrom(makeSpan('a').ended_at, null),
  span_data: fc
    .tuple(fc.constantFrom('function', 'custom'), fc.dictionary(anyText, anyJson, { maxKeys: 4 }))
    .map(([type, data]) => ({ ...data, type })),
  error: fc.option(fc.record({ message: anyText, data: anyJson })),
  facts: fc.record(
    {
      kind: name,
      name,
      model: name,
      finish_reason: name,
      counts_usage: fc.boolean(),
      usage: fc.record({ input_tokens: fc.nat() }),
      handoff_to: name,
    },
    { requiredKeys: ['kind'] },
  ),
  extra: fc.dictionary(anyText, anyJson, { maxKeys: 3 }),
});
const anyTrace: fc.Arbitrary<Omit<TraceRecord, 'id'>> = fc.record({
  object: fc.constant('trace'),
  workflow_name: name,
  group_id: fc.option(name),
  metadata: fc.dictionary(name, fc.string({ unit: 'binary', maxLength: 256 }), { maxKeys: 40 }),
  request_id: fc.option(name),
  status: fc.constantFrom('ok', 'error', 'incomplete'),
  started_at: fc.nat(),
  ended_at: fc.nat(),
  flush_id: fc.constant('flush_0123456789ab'),
  flush_seq: fc.nat(9),
  refused: fc.dictionary(name, fc.nat(), { maxKeys: 5 }),
});
/** Spans of several traces, mixed; the last trace has none. */
const anyBatch: fc.Arbitrary<TraceBatch> = fc
  .record({
    traces: fc.array(anyTrace, { minLength: 1, maxLength: 4 }),
    spans: fc.array(fc.tuple(anySpan, fc.nat(2)), { maxLength: 30 }),
  })
  .map(({ traces, spans }) => {
    const ids = traces.map((_, n) => `trace_${n}`);
    return {
      id: 'flush_0123456789ab',
      traces: traces.map((one, n) => ({ ...one, id: `trace_${n}` })),
      spans: spans.map(([one, of], n) => ({
        ...one,
        id: `span_${n}`,
        trace_id: ids[of % Math.max(1, ids.length - 1)]!,
      })),
    };
  });

const idsOf = (chunks: readonly Chunk[]): string[] =>
  chunks.flatMap(({ spans }) => spans.map(({ id }) => id)).toSorted();

describe('packing any batch', () => {
  it('keeps every chunk within the budget and knows its size', () => {
    fc.assert(
      fc.property(anyBatch, fc.integer({ min: BUDGET, max: 4 * BUDGET }), (made, budget) => {
        for (const { chunk, bytes } of packSized(made, budget)) {
          expect(bytesOf(chunk)).toBeLessThanOrEqual(budget);
          expect(bytes).toBeGreaterThanOrEqual(bytesOf(chunk));
          expect(bytes).toBeLessThanOrEqual(bytesOf(chunk) + 20);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('loses no span and doubles none', () => {
    fc.assert(
      fc.property(anyBatch, (made) => {
        expect(idsOf(pack(made))).toEqual(made.spans.map(({ id }) => id).toSorted());
      }),
    );
  });

  it('keeps each span with its own trace, in the order in which they came', () => {
    fc.assert(
      fc.property(anyBatch, (made) => {
        const chunks = pack(made);
        for (const one of made.traces) {
          const own = chunks.filter((chunk) => chunk.trace.id === one.id);
          expect(own.length).toBeGreaterThan(0);
          expect(own.flatMap(({ spans }) => spans.map(({ id }) => id))).toEqual(
            made.spans.filter(({ trace_id }) => trace_id === one.id).map(({ id }) => id),
          );
        }
      }),
    );
  });

  it('makes only chunks that the other end of a queue accepts', () => {
    fc.assert(
      fc.property(anyBatch, (made) => {
        const sent: unknown = JSON.parse(JSON.stringify({ v: 1, chunks: pack(made) }));
        expect(() => readEnvelope(sent)).not.toThrow();
      }),
    );
  });

  it('makes the same chunks with the same numbered ids of the same batch', () => {
    fc.assert(
      fc.property(anyBatch, (made) => {
        const chunks = pack(made);
        expect(pack(structuredClone(made))).toEqual(chunks);
        for (const [n, { chunk_id, trace: of }] of chunks.entries())
          expect(chunk_id).toBe(`${of.flush_id}-${n}`);
      }),
    );
  });

  it('leaves the batch as it was, since other exporters have it too', () => {
    fc.assert(
      fc.property(anyBatch, (made) => {
        const before = structuredClone(made);
        pack(made);
        expect(made).toEqual(before);
      }),
    );
  });
});

describe('packing', () => {
  const one = (spans: SpanRecord[], trace: Partial<TraceRecord> = {}): Chunk[] =>
    pack({ id: 'flush', traces: [makeTrace(trace)], spans });

  it('puts what fits into one chunk, as it was', () => {
    const spans = [makeSpan('a'), makeSpan('b')];
    expect(one(spans)).toEqual([{ chunk_id: 'flush-0', trace: makeTrace(), spans }]);
  });

  it('makes one chunk of a trace without spans', () => {
    expect(one([])).toEqual([{ chunk_id: 'flush-0', trace: makeTrace(), spans: [] }]);
  });

  it('makes nothing of nothing', () => {
    expect(pack({ id: 'flush', traces: [], spans: [] })).toEqual([]);
  });

  it('refuses a span without its trace', () => {
    expect(() => pack({ id: 'flush', traces: [], spans: [makeSpan('a')] })).toThrow(
      expect.objectContaining({
        code: 'export_failed',
        message: expect.stringContaining('span_a'),
      }),
    );
  });

  it('sends the spans once when their trace is listed twice', () => {
    const traces = [makeTrace(), makeTrace({ flush_seq: 1 })];
    const spans = [makeSpan('a')];
    expect(pack({ id: 'flush', traces, spans })).toEqual([
      { chunk_id: 'flush-0', trace: traces[1], spans },
    ]);
  });

  it('leaves out metadata that takes the room of spans, and says so', () => {
    const metadata = Object.fromEntries(
      Array.from({ length: 60 }, (_, n) => [`key_${n}`, 'v'.repeat(256)]),
    );
    const [chunk, ...others] = one([makeSpan('a')], { metadata, refused: { group_id: 1 } });
    expect(others).toEqual([]);
    expect(chunk?.trace).toEqual(makeTrace({ refused: { group_id: 1, metadata: 60 } }));
    expect(chunk?.spans).toEqual([makeSpan('a')]);
  });

  it('fills chunks: no two neighbours of a trace would fit into one', () => {
    const spans = Array.from({ length: 200 }, (_, n) =>
      makeSpan(String(n), { span_data: { type: 'custom', data: 'x'.repeat((n * 37) % 900) } }),
    );
    const chunks = one(spans);
    expect(chunks.length).toBeGreaterThan(3);
    for (const [n, chunk] of chunks.entries()) {
      const next = chunks[n + 1];
      if (next) expect(bytesOf(chunk) + bytesOf(next.spans[0])).toBeGreaterThan(BUDGET - 50);
    }
  });

  it('keeps a chunk within the budget for a span of any size around it', () => {
    for (let length = BUDGET - 800; length < BUDGET; length += 1) {
      const [chunk, ...others] = one([
        makeSpan('a', { span_data: { type: 'custom', data: 'x'.repeat(length) } }),
      ]);
      expect(others).toEqual([]);
      expect(bytesOf(chunk)).toBeLessThanOrEqual(BUDGET);
    }
  });

  it('takes time in proportion to its traces and spans', () => {
    const ids = Array.from({ length: 20_000 }, (_, n) => nativeId(NOON, String(n)));
    const spans = ids.map((trace_id, n) => makeSpan(String(n), { trace_id }));
    const started = performance.now();
    const chunks = pack({ id: 'flush', traces: ids.map((id) => makeTrace({ id })), spans });
    expect(chunks).toHaveLength(20_000);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('comes back as the batch that it was', () => {
    const spans = Array.from({ length: 300 }, (_, n) => makeSpan(String(n)));
    const made: TraceBatch = { id: 'flush', traces: [makeTrace()], spans };
    expect(unpack(pack(made), 'flush')).toEqual(made);
  });

  it('gives back the latest of several records of a trace', () => {
    const [first, last] = [
      makeTrace({ flush_seq: 0 }),
      makeTrace({ flush_seq: 1, ended_at: NOON + 9_000 }),
    ];
    const chunks = [last, first].map((of, n) => ({ chunk_id: `flush-${n}`, trace: of, spans: [] }));
    expect(unpack(chunks, 'flush')).toEqual({ id: 'flush', traces: [last], spans: [] });
  });
});
