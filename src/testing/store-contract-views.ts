/** What a viewer asks of a store: filters without an index, spans of many traces, hours, tokens. */
import { SluiceError } from '../model/errors.ts';
import type { SpanRecord, TraceRecord } from '../model/records.ts';
import type { TraceQuery } from '../model/store.ts';
import { ensure, ensureEqual, ensureRejects } from './contract.ts';
import type { StoreCheck } from './contract.ts';
import { contractChunk, contractSpan, NOON, traceIdAt } from './contract-records.ts';

const HOUR_MS = 3_600_000;

function generation(name: string, model: string, input: number, output: number): SpanRecord {
  const usage = {
    input_tokens: input,
    output_tokens: output,
    cached_input_tokens: 1,
    reasoning_tokens: 2,
  };
  return contractSpan(name, { facts: { kind: 'generation', model, usage, counts_usage: true } });
}

function failing(name: string): SpanRecord {
  return contractSpan(name, {
    error: { message: '' },
    facts: { kind: 'function', name: 'refund_order', error_kind: 'tool_error' },
  });
}

const trace = (n: number, patch: Partial<TraceRecord> = {}): Partial<TraceRecord> => ({
  id: traceIdAt(NOON + n, n),
  started_at: NOON + n,
  ended_at: NOON + n + 1_000,
  flush_id: `flush_${n}`,
  ...patch,
});

const FILTERED = [
  contractChunk(trace(0, { metadata: { release: '7', prompt_version: 'a' } }), [
    contractSpan('a'),
    generation('b', 'gpt-5', 100, 20),
  ]),
  contractChunk(trace(1, { metadata: { release: '8', model_alias: 'fast' } }), [failing('c')]),
  contractChunk(trace(2, { ended_at: NOON + 60_000 }), [generation('d', 'gpt-5-mini', 5_000, 1)]),
];

export const viewCases: Record<string, StoreCheck> = {
  'finds by metadata, tool, kind of error, model, duration and tokens': async (empty) => {
    const store = await empty();
    await store.write(FILTERED);
    const found: [TraceQuery, number[]][] = [
      [{ metadata: { release: '7' } }, [0]],
      [{ metadata: { release: '7', prompt_version: 'b' } }, []],
      [{ metadata: { nothing: 'x' } }, []],
      [{ tool: 'lookup_order' }, [0]],
      [{ tool: 'lookup' }, []],
      [{ errorKind: 'tool_error' }, [1]],
      [{ model: 'gpt-5' }, [0]],
      [{ model: 'fast' }, [1]],
      [{ minDurationMs: 10_000 }, [2]],
      [{ minTokens: 100 }, [2, 0]],
      [{ minTokens: 100, tool: 'lookup_order', from: NOON, to: NOON + 1 }, [0]],
      [{ tool: '"] OR 1=1 --' }, []],
    ];
    for (const [query, expected] of found) {
      const { traces } = await store.listTraces(query);
      const places = traces.map(({ startedAt }) => startedAt - NOON);
      ensureEqual(places, expected, `listTraces(${JSON.stringify(query)})`);
    }
  },

  'gives a trace its tools, kinds of errors and tokens by model, of all its chunks': async (
    empty,
  ) => {
    const chunks = [
      contractChunk({}, [failing('a'), generation('b', 'gpt-5', 100, 20)]),
      contractChunk({ flush_id: 'flush_2', flush_seq: 1 }, [
        contractSpan('c'),
        generation('d', 'gpt-5', 10, 2),
        generation('e', 'gpt-5-mini', 3, 1),
      ]),
    ];
    const usage = (model: string, inputTokens: number, outputTokens: number, calls: number) => ({
      model,
      inputTokens,
      cachedInputTokens: calls,
      outputTokens,
      reasoningTokens: 2 * calls,
    });
    for (const order of [chunks, chunks.toReversed()]) {
      const store = await empty();
      for (const chunk of order) await store.write([chunk, chunk]);
      const { tools, errorKinds, models } = (await store.listTraces()).traces[0] ?? {};
      ensureEqual(
        { tools, errorKinds, models },
        {
          tools: ['lookup_order', 'refund_order'],
          errorKinds: ['tool_error'],
          models: [usage('gpt-5', 110, 22, 2), usage('gpt-5-mini', 3, 1, 1)],
        },
        'a trace has what its chunks have together',
      );
    }
  },

  'gives the spans of several traces, and says which it left out': async (empty) => {
    const store = await empty();
    await store.write(FILTERED);
    const ids = FILTERED.map(({ trace: { id } }) => id);
    const all = await store.spansOf([...ids, 'trace_of_nothing']);
    ensureEqual([...all.spans.keys()].toSorted(), ids, 'each trace that is stored has its spans');
    ensureEqual(all.spans.get(ids[1] ?? '')?.length, 1, 'a trace has its own spans');
    ensureEqual(all.left, [], 'none was left out');
    const none = await store.spansOf(ids, { bytes: 10 });
    ensureEqual([none.spans.size, none.left], [0, ids], 'a budget leaves out what is over it');
  },

  'adds up hours, with the status and the duration of each trace, each once': async (empty) => {
    const steps = [
      contractChunk(trace(0, { status: 'incomplete' })),
      contractChunk(
        trace(0, { status: 'error', flush_id: 'last', flush_seq: 1, ended_at: NOON + 60_000 }),
      ),
      contractChunk(trace(5, { workflow_name: 'other', started_at: NOON - HOUR_MS })),
    ];
    for (const order of [steps, steps.toReversed()]) {
      const store = await empty();
      for (const chunk of order) await store.write([chunk]);
      for (const chunk of order) await store.write([chunk]);
      const { hours, complete } = await store.hourly();
      ensure(complete, 'two hours are all');
      const [now, before] = hours;
      ensureEqual(
        [hours.length, now?.workflow, before?.workflow],
        [2, 'contract', 'other'],
        'hours',
      );
      ensureEqual(
        [now?.hour, now?.traces, now?.statuses],
        [NOON, 1, { error: 1 }],
        'a trace counts once, with its last status',
      );
      const [[ms, traces] = [0, 0]] = now?.durations ?? [];
      ensure(traces === 1 && ms > 54_000 && ms < 66_000, `it took 60 s, not ${ms} ms`);
    }
  },

  'gives hours of a range and of a workflow': async (empty) => {
    const store = await empty();
    await store.write(
      [0, 1, 2].map((n) =>
        contractChunk(trace(n * HOUR_MS, { workflow_name: n === 1 ? 'other' : 'contract' })),
      ),
    );
    const hoursIn = async (query: object): Promise<number[]> =>
      (await store.hourly(query)).hours.map(({ hour }) => (hour - NOON) / HOUR_MS);
    ensureEqual(await hoursIn({}), [2, 1, 0], 'newest first');
    ensureEqual(await hoursIn({ from: NOON + HOUR_MS }), [2, 1], 'from');
    ensureEqual(await hoursIn({ to: NOON + HOUR_MS }), [0], 'to');
    ensureEqual(await hoursIn({ workflow: 'other' }), [1], 'workflow');
    ensureEqual(await hoursIn({ hours: 24 }), [-12, -12], 'a day of each workflow');
    ensureEqual(
      await hoursIn({ hours: 6, from: NOON + 2 * HOUR_MS }),
      [0, 0],
      'the day that from is in',
    );
  },

  'adds up tokens by workflow, model, release and day, each chunk once': async (empty) => {
    const store = await empty();
    for (let n = 0; n < 2; n += 1) await store.write(FILTERED);
    const by = async (key: 'workflow' | 'model' | 'release' | 'day'): Promise<unknown> =>
      (await store.usage({ by: key, hours: key === 'day' ? 24 : 1 })).map(
        ({ key: of, model, inputTokens }) => [of, model, inputTokens],
      );
    const [large, small] = [
      ['gpt-5-mini', 5_000],
      ['gpt-5', 100],
    ];
    ensureEqual(
      await by('workflow'),
      [
        ['contract', ...large],
        ['contract', ...small],
      ],
      'by workflow',
    );
    ensureEqual(
      await by('release'),
      [
        ['', ...large],
        ['7', ...small],
      ],
      'by release',
    );
    ensureEqual(
      await by('model'),
      [
        ['gpt-5-mini', ...large],
        ['gpt-5', ...small],
      ],
      'by model',
    );
    const days = (await by('day')) as [string][];
    ensureEqual([...new Set(days.map(([day]) => day))], ['2026-11-20'], 'by day');
  },

  'refuses a question of a viewer that is none with a coded error': async (empty) => {
    const store = await empty();
    const wrong: [string, () => Promise<unknown>][] = [
      ['listTraces({ tool: 7 })', () => store.listTraces({ tool: 7 as unknown as string })],
      ['listTraces({ minTokens: -1 })', () => store.listTraces({ minTokens: -1 })],
      [
        'listTraces({ metadata: { \'"\': "x" } })',
        () => store.listTraces({ metadata: { '"': 'x' } }),
      ],
      ['usage({ by: "user" })', () => store.usage({ by: 'user' as 'day' })],
      ['hourly({ from: NaN })', () => store.hourly({ from: Number.NaN })],
      ['hourly({ hours: 2 })', () => store.hourly({ hours: 2 as 24 })],
      ['hourly({ from: 2, to: 1 })', () => store.hourly({ from: 2, to: 1 })],
      ['spansOf("a")', () => store.spansOf('a' as unknown as string[])],
    ];
    for (const [what, ask] of wrong) {
      const error = await ensureRejects(Promise.resolve().then(ask), `${what} has to reject`);
      const isCoded = error instanceof SluiceError && error.code === 'invalid_option';
      ensure(isCoded, `${what} has to reject with \`invalid_option\`, not ${String(error)}`);
    }
  },
};
