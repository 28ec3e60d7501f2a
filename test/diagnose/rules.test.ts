/** What the labelled runs do not reach: other tracers' shapes, the edges of limits, the words. */
import { describe, expect, it } from 'vitest';
import { diagnose } from '../../src/diagnose/diagnose.ts';
import type { DiagnoseOptions } from '../../src/diagnose/options.ts';
import type { SpanRecord } from '../../src/model/records.ts';
import { calls, span, START, traceOf } from './shapes.ts';

const rulesOf = (spans: readonly SpanRecord[], options?: DiagnoseOptions): string[] =>
  diagnose(traceOf(spans), options).map(({ rule }) => rule);

const titleOf = (spans: readonly SpanRecord[], options?: DiagnoseOptions): string | undefined =>
  diagnose(traceOf(spans), options)[0]?.title;

const asks = (id: string, at: number, toolCalls = 1) =>
  span(id, 'generation', { tool_calls: toolCalls, finish_reason: 'tool_calls' }, { at });

describe('the order of findings', () => {
  const failing = (id: string, at: number) =>
    span(id, 'function', { name: id, error_kind: 'tool_error', error_class: 'RangeError' }, { at });

  it('has the earliest failure that nothing got over first, then the rest by time, then what was got over, then notes', () => {
    const slow = span('slow', 'custom', { name: 'slow' }, { at: 0, ms: 20_000 });
    const retried = [
      failing('retried', 10),
      span('again', 'function', { name: 'retried' }, { at: 20 }),
    ];
    const trace = traceOf([slow, ...retried, failing('late', 40), failing('first', 30)], {
      missing: 1,
    });
    const found = diagnose(trace).map(({ rule, spanId, recovered }) => [rule, spanId, recovered]);
    expect(found).toEqual([
      ['tool_failed', 'first', false],
      ['slow_span', 'slow', false],
      ['tool_failed', 'late', false],
      ['tool_failed', 'retried', true],
      ['trace_incomplete', null, false],
    ]);
  });

  it('goes by when a thing first showed, in milliseconds', () => {
    const [first] = diagnose(traceOf([failing('late', 40), failing('first', 30)]));
    expect(first?.at).toBe(START + 30);
  });
});

describe('a title', () => {
  it('says how often, of how many, and with which errors', () => {
    const failed = { name: 'search', error_kind: 'tool_error', error_class: 'RangeError' } as const;
    const spans = [
      span('a', 'function', failed, { at: 0 }),
      span('b', 'function', { name: 'search' }, { at: 10 }),
      span('c', 'function', { ...failed, error_class: 'TypeError' }, { at: 20 }),
    ];
    expect(titleOf(spans)).toBe(
      'Tool search failed in 2 of 3 calls with RangeError and TypeError.',
    );
  });

  it('shows no character that turns or breaks the line, and only the head of a long name', () => {
    const name = `\u202eevil\n\u0000${'x'.repeat(5_000)}`;
    const title = titleOf([span('a', 'function', { name, error_kind: 'tool_error' })]) ?? '';
    expect(title).toMatch(/^Tool evilx+… failed\.$/);
    expect(title.length).toBeLessThan(90);
  });
});

describe('traces of other tracers', () => {
  it('whose spans have no end but a result are taken for ended', () => {
    const open = { ended_at: null, output: 'found' };
    expect(rulesOf(calls(1, 'search', open))).toEqual([]);
    const { output: _none, ...nothing } = open;
    expect(rulesOf([span('a', 'function', { name: 'search' }, nothing)])).toEqual([
      'tool_result_missing',
    ]);
  });

  it('without the calls of tools do not miss them', () => {
    expect(rulesOf([asks('a', 0), asks('b', 10), span('c', 'generation', {}, { at: 20 })])).toEqual(
      [],
    );
    expect(rulesOf([span('agent', 'agent', { name: 'A' }), asks('a', 0)])).toEqual([]);
  });

  it('with some calls of tools do miss the one that is not there', () => {
    const spans = [
      asks('a', 0),
      ...calls(1),
      asks('b', 200),
      span('c', 'generation', {}, { at: 300 }),
    ];
    expect(rulesOf(spans)).toEqual(['tool_result_missing']);
    expect(diagnose(traceOf(spans))[0]?.recovered).toBe(true);
  });

  it('name who is handed over to by the tool that does it', () => {
    const agent = span('b', 'agent', { name: 'Billing Agent' }, { at: 20 });
    const acts = span('m', 'generation', {}, { at: 30, parent_id: 'b' });
    const handoff = span('h', 'handoff', {
      handoff_from: 'Triage',
      handoff_to: 'transfer_to_billing',
    });
    expect(rulesOf([handoff, agent, acts])).toEqual([]);
    expect(rulesOf([handoff, { ...agent, facts: { kind: 'agent', name: 'Sales' } }, acts])).toEqual(
      ['handoff_not_taken'],
    );
  });

  it('whose models are in no agent are content with the agent itself', () => {
    const handoff = span('h', 'handoff', { handoff_from: 'A', handoff_to: 'B' });
    const agent = span('b', 'agent', { name: 'B' }, { at: 20 });
    expect(rulesOf([handoff, agent, span('m', 'generation', {}, { at: 30 })])).toEqual([]);
  });

  it('without agents cannot show that a handover was not taken', () => {
    const handoff = span('h', 'handoff', { handoff_from: 'A', handoff_to: 'B' });
    expect(rulesOf([handoff, span('m', 'generation', {}, { at: 30 })])).toEqual([]);
  });

  it('say in words of their own that an answer was cut or withheld', () => {
    expect(rulesOf([span('m', 'generation', { finish_reason: 'MAX_TOKENS' })])).toEqual([
      'output_cut_by_length',
    ]);
    expect(rulesOf([span('m', 'generation', { finish_reason: 'SAFETY' })])).toEqual([
      'model_refused',
    ]);
  });

  it('without facts of their content have it read, where it is there', () => {
    const broken = { input: '{"q": 1', output: '{"rows": [1, 2' };
    const failed = { error: { message: 'no' } };
    expect(rulesOf(calls(1, 'search', { input: broken.input, ...failed }))).toEqual([
      'tool_arguments_malformed',
    ]);
    expect(rulesOf(calls(1, 'search', { input: 'any text', ...failed }))).toEqual(['tool_failed']);
    expect(rulesOf(calls(1, 'search', { output: broken.output }))).toEqual([
      'tool_output_malformed',
    ]);
  });
});

describe('a tool of the application, which may take any text', () => {
  const facts = { name: 'cache', arguments_valid: false } as const;

  it('has no malformed arguments where it worked', () => {
    expect(rulesOf([span('a', 'function', facts, { input: 'order A-1' })])).toEqual([]);
  });

  it('has failed where it failed, not its arguments', () => {
    const failed = { ...facts, error_kind: 'tool_error' } as const;
    expect(rulesOf([span('a', 'function', failed, { input: 'order A-1' })])).toEqual([
      'tool_failed',
    ]);
  });
});

describe('a repeated call', () => {
  const turnsOf = (...agents: [id: string, name: string, tool: string][]) =>
    agents.flatMap(([id, name, called], at) => [
      span(id, 'agent', { name }, { at: at * 100, ms: 90 }),
      span(
        `${id}-t`,
        'function',
        { name: called },
        { at: at * 100 + 10, parent_id: id, input: '{"q":1}', output: called },
      ),
    ]);

  it('is seen through an agent that has a span for each of its turns', () => {
    const again = turnsOf(['a1', 'A', 'search'], ['b1', 'B', 'search'], ['a2', 'A', 'search']);
    expect(diagnose(traceOf(again)).map(({ evidence }) => evidence)).toEqual([['a1-t', 'a2-t']]);
  });

  it('is none where another agent brought something new in between', () => {
    expect(
      rulesOf(turnsOf(['a1', 'A', 'search'], ['b1', 'B', 'write'], ['a2', 'A', 'search'])),
    ).toEqual([]);
  });

  it('is seen through a loop of two calls that take turns', () => {
    const turns = [0, 1, 2].flatMap((turn) => [
      ...calls(1, 'search', { at: turn * 100 }).map((call) => ({ ...call, id: `s${turn}` })),
      ...calls(1, 'read', { at: turn * 100 + 50 }).map((call) => ({ ...call, id: `r${turn}` })),
    ]);
    expect(rulesOf(turns)).toEqual(['repeated_call', 'repeated_call']);
  });

  it('is not made by calls side by side, nor where content is withheld', () => {
    expect(rulesOf(calls(3, 'search', { at: 0 }))).toEqual([]);
    expect(rulesOf(calls(3, 'search', { input: '', output: '' }))).toEqual([]);
    const withheld = { $dropped: 'string', bytes: 2, fingerprint: '0123456789abcdef' };
    expect(rulesOf(calls(3, 'search', { input: withheld, output: withheld }))).toEqual([]);
  });

  it('is seen by fingerprints alone, whatever the bytes', () => {
    const print = (bytes: number) => ({
      $dropped: 'string',
      bytes,
      fingerprint: '0123456789abcdef',
    });
    const spans = calls(2).map((call, at) => ({
      ...call,
      span_data: { type: 'function', input: print(20 + at), output: print(30) },
    }));
    expect(rulesOf(spans)).toEqual(['repeated_call']);
  });
});

it.each(['AgentMaxStepsError', 'GraphRecursionError', 'MaxIterationsExceeded'])(
  'turns have run out by other names: %s',
  (error_class) => {
    expect(rulesOf([span('a', 'agent', { error_kind: 'run_error', error_class })])).toEqual([
      'max_turns',
    ]);
  },
);

describe('a slow step', () => {
  const parent = span('p', 'function', { name: 'outer' }, { ms: 30_000 });

  it('is slow by what it did itself, however its parts overlap', () => {
    const part = (id: string, at: number, ms: number) =>
      span(id, 'custom', { name: id }, { at, ms, parent_id: 'p' });
    expect(rulesOf([parent])).toEqual(['slow_span']);
    const covered = [0, 8_000, 16_000, 22_000].map((at) => part(`c${at}`, at, 9_000));
    expect(rulesOf([parent, ...covered])).toEqual([]);
    expect(rulesOf([parent, part('x', 0, 9_000), part('y', 1_000, 8_000)])).toEqual(['slow_span']);
  });

  it('has a limit by its kind, which can be set for all or for one', () => {
    const model = span('m', 'generation', {}, { ms: 30_000 });
    expect(rulesOf([model])).toEqual([]);
    expect(rulesOf([model], { slowMs: 30_000 })).toEqual(['slow_span']);
    expect(rulesOf([model], { slowMs: 30_001 })).toEqual([]);
    expect(rulesOf([model, parent], { slowMs: { generation: 1_000, function: 40_000 } })).toEqual([
      'slow_span',
    ]);
  });
});

describe('tokens', () => {
  it('are compared with what the trace itself tells, where spans are missing', () => {
    const trace = traceOf([], { inputTokens: 9_000, outputTokens: 1_000, missing: 4 });
    const [finding] = diagnose(trace, { usual: { tokens: 2_000 } });
    expect(finding?.title).toBe('The trace took 10,000 tokens, 5.0 times the usual 2,000.');
  });

  it.each([0, -1, Number.NaN, undefined])('are not unusual where the usual is %s', (tokens) => {
    const trace = traceOf([span('a', 'agent')], { inputTokens: 9_000_000 });
    expect(diagnose(trace, { usual: { tokens } })).toEqual([]);
  });
});

describe('an invariant', () => {
  const at = (id: string, ms: number, agent?: string) =>
    span(id, 'function', { name: id }, { at: ms, ...(agent && { parent_id: agent }) });

  it('may ask of which agent a tool is', () => {
    const agents = ['Triage', 'Billing'].map((name) => span(name, 'agent', { name }));
    const invariants = [
      {
        name: 'only_billing_refunds',
        when: { tool: 'refund', agent: 'Triage' },
        requires: { atMost: 0 },
      },
    ];
    expect(rulesOf([...agents, at('refund', 10, 'Billing')], { invariants })).toEqual([]);
    expect(titleOf([...agents, at('refund', 10, 'Triage')], { invariants })).toBe(
      'Invariant only_billing_refunds is broken by tool refund: it requires at most 0 times.',
    );
  });

  it('may require that something failed, or passed, before', () => {
    const outcome = (passed: boolean) =>
      span('o', 'outcome', { outcome: { name: 'limit', passed } }, { at: 0 });
    const invariants = [
      {
        name: 'checked',
        when: { tool: 'refund' },
        requires: { before: { outcome: 'limit' } },
      },
    ];
    expect(rulesOf([outcome(true), at('refund', 50)], { invariants })).toEqual([]);
    expect(rulesOf([outcome(false), at('refund', 50)], { invariants })).toEqual([
      'outcome_failed',
      'invariant',
    ]);
  });

  it.each<[unknown, RegExp]>([
    [{ invariants: 'abc' }, /`invariants`: must be an array/],
    [{ invariants: [null] }, /`invariants.0`: must be an object with a name/],
    [{ invariants: [{ name: 'x' }] }, /`invariants.0.when`: must be an object that names a span/],
    [{ invariants: [{ name: 'x', when: {}, requires: { atMost: 1 } }] }, /when`: must name one of/],
    [
      { invariants: [{ name: 'x', when: { tools: 'a' }, requires: { atMost: 1 } }] },
      /when.tools`: is unknown/,
    ],
    [
      { invariants: [{ name: 'x', when: { tool: 'a' }, requires: {} }] },
      /requires`: must name one of/,
    ],
    [
      { invariants: [{ name: 'x', when: { tool: 'a' }, requires: { befor: { tool: 'b' } } }] },
      /requires.befor`: is unknown/,
    ],
    [
      { invariants: [{ name: 'x', when: { tool: 'a' }, requires: { never: {} } }] },
      /requires.never`: must name one of/,
    ],
    [
      { invariants: [{ name: 'x', when: { tool: 'a' }, requires: { atMost: -1 } }] },
      /atMost`: must not be negative/,
    ],
    [{ invariants: [{ name: 'x', check: 1 }] }, /check`: must be a function/],
    [{ slowMs: '1' }, /`slowMs`: must be milliseconds/],
    [{ slowMs: -1 }, /`slowMs`: must/],
    [{ slow: 1 }, /`slow`: is unknown/],
  ])(
    'that would never find anything is refused, and what is wrong is named: %o',
    (options, what) => {
      const trace = traceOf([at('a', 0)]);
      expect(() => diagnose(trace, options as DiagnoseOptions)).toThrow(what);
    },
  );

  it.each([[undefined], [Promise.resolve(true)], ['yes'], [{}]])(
    'whose function gives %o is told of',
    (verdict) => {
      const invariants = [{ name: 'vague', check: () => verdict as boolean }];
      expect(titleOf([at('a', 0)], { invariants })).toContain(
        'gave neither true or false nor spans',
      );
    },
  );

  it('whose function throws is told of, and takes no other finding with it', () => {
    const invariants = [
      {
        name: 'careless',
        check: () => {
          throw new TypeError('spans[0] is undefined');
        },
      },
    ];
    const found = diagnose(traceOf([span('a', 'agent')]), { invariants });
    expect(found).toMatchObject([{ rule: 'invariant', severity: 'warning', spanId: null }]);
  });

  it('whose function names spans has those as evidence', () => {
    const invariants = [
      { name: 'named', check: ({ spans }: { spans: SpanRecord[] }) => spans.slice(1) },
    ];
    const [finding] = diagnose(traceOf([at('a', 0), at('b', 1)]), { invariants });
    expect(finding?.evidence).toEqual(['b']);
  });
});
