import { describe, expect, it } from 'vitest';
import type { SpanRecord } from '../../src/model/records.ts';
import type { StoredTraceWithSpans, TraceStore } from '../../src/model/store.ts';
import { soundStore } from '../../src/viewer/sound.ts';

async function read(
  span: object,
  metadata: Record<string, string> = {},
): Promise<StoredTraceWithSpans & { span: SpanRecord }> {
  const trace = { traceId: 'trace', metadata, spans: [span] } as unknown as StoredTraceWithSpans;
  const store = { getTrace: async () => trace } as unknown as TraceStore;
  const sound = await soundStore(store).getTrace('trace');
  const [first] = sound?.spans ?? [];
  if (!sound || !first) throw new Error('There is no such span.');
  return { ...sound, span: first };
}

const STORED = {
  object: 'trace.span',
  id: 'span',
  trace_id: 'trace',
  parent_id: null,
  started_at: '2026-11-20T12:00:00.000Z',
  ended_at: null,
  span_data: { type: 'function', name: 'lookup_order', input: { any: ['thing'] } },
  error: { message: 'no', data: { code: 7 } },
  facts: {
    kind: 'function',
    name: 'lookup_order',
    usage: { input_tokens: 5, output_tokens: 0 },
    counts_usage: true,
    turn: 1,
    outcome: { name: 'order_found', passed: false, code: 'none' },
    cut: { input: 9_000 },
  },
  extra: { _input: 'text' },
};

/** As an application may write one: its methods are of its class, and look into what is private. */
class OwnStore {
  #pages = 0;

  async listTraces(): Promise<object> {
    this.#pages += 1;
    return { traces: [], pages: this.#pages };
  }
}

describe('what the pages get of a store', () => {
  it('comes from a store that is a class, too', async () => {
    const store = soundStore(new OwnStore() as unknown as TraceStore);
    expect(await store.listTraces({})).toEqual({ traces: [], pages: 1 });
  });

  it('is a record as it was written', async () => {
    expect((await read(STORED)).span).toEqual(STORED);
  });

  it('has no fact of a wrong type, which once answered 503 for the whole list', async () => {
    const facts = {
      kind: 'function',
      name: { toString: 'none' },
      usage: { input_tokens: '5', output_tokens: -1, cached_input_tokens: 1e308 },
      counts_usage: 'yes',
      turn: [],
      outcome: { name: 1, passed: 'no' },
      cut: { input: '9' },
      of_a_later_version: true,
    };
    const { span } = await read({ ...STORED, facts });
    expect(span.facts).toEqual({ kind: 'function', usage: {}, cut: {} });
  });

  it('has times and parents that are text or null, and no extra that is none', async () => {
    const wrong = { parent_id: 7, started_at: {}, ended_at: [], error: undefined, extra: 'text' };
    const { span } = await read({ ...STORED, ...wrong });
    expect(span).toMatchObject({
      parent_id: null,
      started_at: null,
      ended_at: null,
      error: null,
    });
    expect(span).not.toHaveProperty('extra');
  });

  it('has ids that an address and a page’s parser leave alone, so that a span can be chosen', async () => {
    const { span } = await read({ ...STORED, id: 'a\uD800b\r\nc\0', parent_id: '\uDC00' });
    expect(span.id).toBe('a\uFFFDb\uFFFD\nc\uFFFD');
    expect(span.parent_id).toBe('\uFFFD');
  });

  it('has another id for each span; ids that became the same once hid all rows but one', async () => {
    const ids = ['a\r', 'a\uFFFD', 'a\0', 'a\uFFFD~2', 'b'];
    const spans = ids.map((id) => ({ ...STORED, id, parent_id: id === 'b' ? 'a\0' : null }));
    const trace = { traceId: 'trace', metadata: {}, spans };
    const store = { getTrace: async () => trace } as unknown as TraceStore;
    const sound = (await soundStore(store).getTrace('trace'))?.spans ?? [];
    expect(sound.map(({ id }) => id)).toEqual([
      'a\uFFFD~3',
      'a\uFFFD',
      'a\uFFFD~4',
      'a\uFFFD~2',
      'b',
    ]);
    expect(sound[4]?.parent_id).toBe('a\uFFFD~4');
  });

  it('has no metadata but its own, which once broke the comparison of two traces', async () => {
    const { metadata } = await read(STORED, Object.fromEntries([['__proto__', 'mine']]));
    expect(metadata['__proto__']).toBe('mine');
    expect(metadata['constructor']).toBeUndefined();
  });
});
