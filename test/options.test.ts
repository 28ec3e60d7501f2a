import { openaiExporter } from '../src/destinations/openai.ts';
import { describe, expect, it, vi } from 'vitest';
import { importHmacKey } from '../src/model/hmac.ts';
import type { TraceExporter } from '../src/model/exporter.ts';
import { resolveExporters, resolveOptions } from '../src/options.ts';
import { definePolicy } from '../src/policy/define.ts';
import { metadataOnly } from '../src/policy/policy.ts';
import { createRuntime } from '../src/request/runtime.ts';
import { validateOptions } from '../src/testing/validate-options.ts';

const BASE = { workflow: 'support_triage', exporters: () => [] };
const exporter = (name: string): TraceExporter => ({ name, export: async () => {} });

function problem(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect(error).toMatchObject({ name: 'SluiceError', code: 'invalid_option' });
    return (error as Error).message;
  }
  throw new Error('expected a SluiceError');
}

const refused = (options: object): string => problem(() => resolveOptions({ ...BASE, ...options }));

describe('options', () => {
  it('need a workflow and exporters; the rest has defaults', () => {
    expect(resolveOptions(BASE)).toMatchObject({
      workflow: 'support_triage',
      enabled: true,
      traceparent: false,
      exposeTraceId: false,
      policy: metadataOnly,
      dataRetention: 'standard',
      sampling: {},
      flush: { deadlineMs: 25_000, maxSpans: 1_000, maxBytes: 4_000_000, stepMs: 5_000 },
      exportEmpty: false,
      openaiDefault: 'remove',
    });
  });

  it('may be undefined one by one, as a value from env may be', () => {
    const nothing = Object.fromEntries(
      [
        'groupId',
        'metadata',
        'policy',
        'sampling',
        'flush',
        'metadataKeys',
        'fingerprintKey',
        'onFlush',
        'enabled',
      ].map((key) => [key, undefined]),
    );
    expect(resolveOptions({ ...BASE, ...nothing })).toEqual(resolveOptions(BASE));
  });

  it('keep what is given', async () => {
    const key = await importHmacKey('a key for tests only');
    const policy = definePolicy({ name: 'errors_only', errors: 'keep' });
    const resolved = resolveOptions({
      ...BASE,
      policy,
      fingerprintKey: key,
      flush: { deadlineMs: 100, maxSpans: 1, maxBytes: 1_000, stepMs: 100 },
      metadataKeys: ['tenant'],
      exposeTraceId: true,
      sampling: { head: 0 },
    });
    expect(resolved).toMatchObject({
      policy,
      flush: { deadlineMs: 100, maxSpans: 1, maxBytes: 1_000, stepMs: 100 },
      exposeTraceId: 'x-trace-id',
      sampling: { head: 0 },
    });
    expect(resolved.fingerprintKey).toBe(key);
    expect([...resolved.metadataKeys]).toEqual(
      expect.arrayContaining(['environment', 'request_id', 'tenant']),
    );
    expect(resolveOptions({ ...BASE, exposeTraceId: 'x-my-trace' }).exposeTraceId).toBe(
      'x-my-trace',
    );
    expect(resolveOptions({ ...BASE, exposeTraceId: false }).exposeTraceId).toBe(false);
    expect(resolveOptions({ ...BASE, flush: { maxSpans: 5 } }).flush).toEqual({
      deadlineMs: 25_000,
      maxSpans: 5,
      maxBytes: 4_000_000,
      stepMs: 5_000,
    });
  });

  it.each([
    [{ workflow: 'Agent workflow' }, '`workflow`', 'stable snake_case name of 2 to 64 characters'],
    [{ workflow: undefined }, '`workflow`', 'or a function of the context'],
    [{ exporters: [] }, '`exporters`', 'a function of env, such as (env) => [queueExporter('],
    [{ groupId: 'x-thread-id' }, '`groupId`', 'must be a function'],
    [{ metadata: { release: 'v1' } }, '`metadata`', 'must be a function'],
    [{ enabled: 'yes' }, '`enabled`', 'must be true, false or a function of the context'],
    [{ traceparent: 'yes' }, '`traceparent`', 'must be true or false'],
    [{ exposeTraceId: 'bad header' }, '`exposeTraceId`', 'must be true, false or a header name'],
    [
      { policy: 'full' },
      '`policy`',
      'must be metadataOnly, redacted, full, or what definePolicy()',
    ],
    [{ policy: { name: 'own' } }, '`policy`', 'or what definePolicy() returns'],
    [{ environment: 'a b' }, '`environment`', 'must be a stable name of 1 to 64 characters'],
    [
      { policy: definePolicy({ environments: { production: { content: 'drop' } } }) },
      '`environment`',
      'must say which of the environments of the policy this is',
    ],
    [{ dataRetention: 'none' }, '`dataRetention`', '"standard"|"zero"'],
    [{ sampling: { head: 1.5 } }, '`sampling.head`', 'number to be <=1'],
    [{ sampling: { keep: true } }, '`sampling.keep`', 'must be a function'],
    [{ flush: { deadlineMs: 60_000 } }, '`flush.deadlineMs`', 'number to be <=26000'],
    [{ flush: { maxSpans: 0 } }, '`flush.maxSpans`', 'number to be >=1'],
    [{ flush: { maxBytes: 1.5 } }, '`flush.maxBytes`', 'expected int'],
    [{ metadataKeys: ['tenant', 'Tenant Id'] }, '`metadataKeys.1`', 'must be a snake_case key'],
    [{ metadataKeys: 'tenant' }, '`metadataKeys`', 'expected array'],
    [{ fingerprintKey: 'short' }, '`fingerprintKey`', 'must be a secret of at least 16 characters'],
    [{ exportEmpty: 1 }, '`exportEmpty`', 'must be true or false'],
    [{ openaiDefault: 'both' }, '`openaiDefault`', '"remove"|"keep"'],
    [{ onFlush: 'log' }, '`onFlush`', 'must be a function'],
    [{ policies: metadataOnly }, '`policies`', 'is unknown; check its spelling'],
    [{ flush: { deadline: 1 } }, '`flush.deadline`', 'is unknown; check its spelling'],
  ])('that are wrong are named with the fix: %j', (options, name, fix) => {
    const message = refused(options);
    expect(message.startsWith(`option ${name}: `)).toBe(true);
    expect(message).toContain(fix);
  });

  it.each([[undefined], [null], ['options'], [[]]])('must be an object, not %j', (options) => {
    expect(problem(() => resolveOptions(options))).toContain('expected object');
  });

  it.each([
    [{ flush: { deadlineMs: 99 } }],
    [{ flush: { deadlineMs: Number.NaN } }],
    [{ flush: 25_000 }],
    [{ sampling: { head: -1 } }],
    [{ sampling: 0.5 }],
    [{ fingerprintKey: 7 }],
    [{ fingerprintKey: {} }],
    [{ fingerprintKey: '' }],
    [{ metadataKeys: ['__proto__'] }],
    [{ metadataKeys: Array.from({ length: 65 }, (_, n) => `key_${n}`) }],
    [{ exposeTraceId: '' }],
    [{ exposeTraceId: 'x'.repeat(65) }],
    [{ workflow: '' }],
    [{ workflow: 7 }],
    [{ exporters: undefined }],
    [{ policy: null }],
    [{ policy: {} }],
    [{ groupId: null }],
  ])('of a wrong value are refused: %j', (options) => {
    expect(refused(options)).toContain(Object.keys(options)[0]);
  });

  it('whose getters throw are refused with what they threw, not swallowed', () => {
    const options = {
      ...BASE,
      get policy(): never {
        throw new Error('broken getter');
      },
    };
    expect(() => resolveOptions(options)).toThrow('broken getter');
  });
});

describe('exporters', () => {
  const from = (list: unknown, options: object = {}): TraceExporter[] =>
    resolveExporters(resolveOptions({ ...BASE, ...options, exporters: () => list }), {});

  it('are given env and may be none', () => {
    const seen: unknown[] = [];
    const env = { QUEUE: 1 };
    resolveExporters(
      resolveOptions({ ...BASE, exporters: (given: unknown) => (seen.push(given), []) }),
      env,
    );
    expect(seen).toEqual([env]);
    expect(from([])).toEqual([]);
  });

  it('keep their identity, so that methods of a class still work', () => {
    class Counting implements TraceExporter {
      readonly name = 'counting';
      readonly #calls: number[] = [];
      async export(): Promise<void> {
        this.#calls.push(this.#calls.length);
      }
    }
    const counting = new Counting();
    expect(from([counting])[0]).toBe(counting);
  });

  it.each([
    ['a single exporter', exporter('a')],
    ['nothing', undefined],
    ['a promise', Promise.resolve([])],
  ])('that are %s instead of a list are named with the fix', (_what, list) => {
    expect(problem(() => from(list))).toBe('option `exporters`: must return an array of exporters');
  });

  it.each([
    ['without a name', { export: async () => {} }, '`exporters.0.name`: ', 'expected string'],
    ['with an empty name', exporter(''), '`exporters.0.name`: ', '>=1 characters'],
    ['without an export', { name: 'a' }, '`exporters.0.export`: ', 'must be a function'],
    ['that are null', null, '`exporters.0`: ', 'an object with a `name` and an `export` function'],
  ])('%s are named with the fix', (_what, wrong, name, fix) => {
    const message = problem(() => from([wrong]));
    expect(message.startsWith(`option ${name}`)).toBe(true);
    expect(message).toContain(fix);
  });

  it('of one name are refused, as reports could not tell them apart', () => {
    expect(problem(() => from([exporter('a'), exporter('b'), exporter('a')]))).toBe(
      'option `exporters` has two of one name: give one another `name`, so that reports can tell them apart',
    );
  });

  it('to OpenAI are refused under zero data retention', () => {
    expect(problem(() => from([exporter('openai')], { dataRetention: 'zero' }))).toBe(
      "option `exporters` has an OpenAI exporter, but `dataRetention` is 'zero', under which OpenAI refuses traces: remove one of the two",
    );
  });

  it('regression: to OpenAI under another name passed under zero data retention', () => {
    const renamed = { ...openaiExporter({ apiKey: 'not-a-key' }), name: 'mine' };
    expect(problem(() => from([renamed], { dataRetention: 'zero' }))).toContain('OpenAI exporter');
  });

  it('of any other name are fine under zero data retention', () => {
    expect(from([exporter('queue')], { dataRetention: 'zero' })).toHaveLength(1);
    expect(from([exporter('openai')])).toHaveLength(1);
  });
});

describe('validateOptions', () => {
  it('passes valid options, as an object and as a function of env', () => {
    expect(() => validateOptions<object>(BASE, {})).not.toThrow();
    expect(() =>
      validateOptions<{ NAME: string }>((env) => ({ ...BASE, workflow: env.NAME }), {
        NAME: 'support',
      }),
    ).not.toThrow();
  });

  it('throws for what is static and for what needs env', () => {
    expect(problem(() => validateOptions<object>({ ...BASE, workflow: 'No' }, {}))).toContain(
      'workflow',
    );
    expect(
      problem(() =>
        validateOptions<{ NAME?: string }>((env) => ({ ...BASE, workflow: env.NAME ?? '' }), {}),
      ),
    ).toContain('workflow');
    expect(
      problem(() =>
        validateOptions<object>({ ...BASE, exporters: () => [exporter('a'), exporter('a')] }, {}),
      ),
    ).toContain('exporters');
  });
});

describe('a runtime', () => {
  const silenced = (): ReturnType<typeof vi.spyOn> =>
    vi.spyOn(console, 'error').mockImplementation(() => {});

  it('throws at once for static options that are wrong', () => {
    expect(problem(() => createRuntime({ ...BASE, workflow: 'No' }))).toContain('workflow');
  });

  it('makes the exporters once for each env', () => {
    let made = 0;
    const runtimeFor = createRuntime({ ...BASE, exporters: () => ((made += 1), []) });
    const env = {};
    expect(runtimeFor(env)).toBe(runtimeFor(env));
    runtimeFor({});
    expect(made).toBe(2);
  });

  it('serves an app without bindings', () => {
    const runtimeFor = createRuntime(BASE);
    expect(runtimeFor(undefined)?.exporterList).toEqual([]);
  });

  it('turns tracing off with one logged error where env shows a fault', () => {
    const log = silenced();
    const runtimeFor = createRuntime({ ...BASE, exporters: () => 'none' });
    expect(runtimeFor({})).toBeUndefined();
    expect(runtimeFor({})).toBeUndefined();
    expect(log.mock.calls).toEqual([
      [
        expect.stringContaining(
          'invalid_option: option `exporters`: must return an array of exporters',
        ),
      ],
    ]);
    log.mockRestore();
  });

  it('absorbs a function of env that throws', () => {
    const log = silenced();
    const runtimeFor = createRuntime(() => {
      throw new Error('no binding');
    });
    expect(runtimeFor({})).toBeUndefined();
    expect(log.mock.calls).toEqual([['sluice: tracing is off in this isolate. Error: no binding']]);
    log.mockRestore();
  });

  it("refuses to keep the SDK's own processor by a function of env, which comes too late for it", () => {
    const log = silenced();
    expect(createRuntime(() => ({ ...BASE, openaiDefault: 'keep' }))({})).toBeUndefined();
    expect(log.mock.calls[0]?.[0]).toContain('must be static');
    log.mockRestore();
  });

  it('is absent where `enabled` is false, or says so where env does, and then makes no exporters', () => {
    const exporters = (): never => {
      throw new Error('must not be called');
    };
    expect(createRuntime({ ...BASE, exporters, enabled: false })({})).toBeUndefined();
    const runtimeFor = createRuntime((env: { ON?: boolean }) => ({
      ...BASE,
      exporters: env.ON ? () => [] : exporters,
      enabled: env.ON === true,
    }));
    expect(runtimeFor({})).toMatchObject({ enabled: false, exporterList: [] });
    expect(runtimeFor({ ON: true })).toMatchObject({ enabled: true, exporterList: [] });
  });
});
