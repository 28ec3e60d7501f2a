import { describe, expect, it } from 'vitest';
import type { HourlyTotals, StoredTraceWithSpans } from '../../src/model/store.ts';
import type { SpanRecord } from '../../src/model/records.ts';
import { buildTree } from '../../src/model/tree.ts';
import { align } from '../../src/viewer/align.ts';
import { messagesIn, sectionsOf } from '../../src/viewer/content.ts';
import { costOf } from '../../src/viewer/cost.ts';
import { readFilters, searchOf, toQuery } from '../../src/viewer/filters.ts';
import { duration, money } from '../../src/viewer/format.ts';
import { histogramOf } from '../../src/viewer/histogram.ts';
import { outline, rowsBetween } from '../../src/viewer/outline.ts';
import type { Row } from '../../src/viewer/outline.ts';
import { readView, reduced, viewSearch } from '../../src/viewer/reduce.ts';
import type { Html } from '../../src/viewer/html.ts';
import { ComparePage } from '../../src/viewer/pages/compare.tsx';
import { Panel } from '../../src/viewer/parts/panel.tsx';
import { line, visible } from '../../src/viewer/text.ts';
import { timelineOf } from '../../src/viewer/timeline.ts';
import { valueAt } from '../../src/viewer/value-path.ts';
import { makeSpan, NOON } from '../store/make.ts';
import fc from '../support/property.ts';

const HOUR = 3_600_000;

function span(
  id: string,
  parent: string | null,
  from = 0,
  to = 10,
  patch: Partial<SpanRecord> = {},
): SpanRecord {
  const iso = (ms: number): string => new Date(NOON + ms).toISOString();
  return makeSpan(id, {
    id,
    parent_id: parent,
    started_at: iso(from),
    ended_at: iso(to),
    ...patch,
  });
}

const axisOf = (...spans: SpanRecord[]) => timelineOf(buildTree(spans), { from: NOON, to: NOON });

describe('the axis of a trace', () => {
  it('goes from the first start to the last end', () => {
    const { at, start, end } = axisOf(span('a', null, 100, 200), span('b', null, 300, 500));
    expect([start - NOON, end - NOON]).toEqual([100, 500]);
    expect([at(NOON + 100), at(NOON + 300), at(NOON + 500)]).toEqual([0, 500, 1_000]);
  });

  it('folds the time in which only the run itself was open, such as waiting for an approval', () => {
    const { folds, at } = axisOf(
      span('run', null, 0, HOUR),
      span('ask', 'run', 0, 1_000),
      span('do', 'run', HOUR - 1_000, HOUR),
    );
    expect(folds).toMatchObject([{ from: NOON + 1_000, to: NOON + HOUR - 1_000 }]);
    expect(at(NOON + 1_000)).toBeCloseTo(488);
    expect(at(NOON + HOUR - 1_000)).toBeCloseTo(512);
  });

  it('folds nothing in which some work went on', () => {
    const slow = span('slow', 'run', 500, HOUR - 500);
    expect(axisOf(span('run', null, 0, HOUR), span('a', 'run', 0, 1_000), slow).folds).toEqual([]);
  });

  it('lets a span that is still open, and one without times, break nothing', () => {
    const open = span('open', null, 0, 10, { ended_at: null });
    const none = span('none', null, 0, 10, { started_at: null, ended_at: 'yesterday' });
    const { start, end, at } = axisOf(open, none, span('a', null, 5, 50));
    expect(end).toBe(NOON + 50);
    expect(Number.isFinite(at(start))).toBe(true);
  });

  it('keeps every time on the axis, in order', () => {
    const interval = fc.tuple(fc.integer({ min: 0, max: HOUR }), fc.integer({ min: 0, max: HOUR }));
    fc.assert(
      fc.property(fc.array(interval, { minLength: 1, maxLength: 12 }), (intervals) => {
        const { at } = axisOf(
          ...intervals.map(([from, took], n) => span(String(n), null, from, from + took)),
        );
        const times = intervals
          .flatMap(([from, took]) => [from, from + took])
          .toSorted((a, b) => a - b);
        const places = times.map((time) => at(NOON + time));
        expect(places).toEqual(places.toSorted((a, b) => a - b));
        expect(Math.min(...places)).toBeGreaterThanOrEqual(0);
        expect(Math.max(...places)).toBeLessThanOrEqual(1_000.001);
      }),
    );
  });
});

const named = (rows: Row[]): string[] =>
  rows.map((row) => {
    if ('node' in row) return `${row.level}:${row.node.span.id}`;
    return 'between' in row ? `${row.level}:…${row.between}` : `+${row.last - row.first}`;
  });

describe('the rows of a trace', () => {
  const wide = [
    span('root', null),
    ...Array.from({ length: 10_000 }, (_, n) => span(`c${n}`, 'root')),
  ];

  it('are all of a small one', () => {
    expect(
      named(outline(buildTree([span('a', null), span('b', 'a'), span('c', 'b')]), undefined)),
    ).toEqual(['1:a', '2:b', '3:c']);
  });

  it('leave 10,000 children closed, and open on the selected one with its neighbours', () => {
    expect(named(outline(buildTree(wide), undefined))).toEqual(['1:root']);
    const rows = named(outline(buildTree(wide), 'c7000'));
    expect(rows.slice(0, 3)).toEqual(['1:root', '+6990', '2:c6990']);
    expect(rows).toContain('2:c7000');
    expect(rows.at(-1)).toBe('+2810');
    expect(rows.length).toBeLessThan(210);
  });

  it('do not make the selected span one that opens, where it has nothing below it', () => {
    const tree = buildTree([span('a', null), span('b', 'a')]);
    const open = outline(tree, 'b').map((row) => 'node' in row && row.isOpen);
    expect(open).toEqual([true, undefined]);
  });

  it('come in steps, each child once', () => {
    const [root] = buildTree(wide);
    const seen: string[] = [];
    let [first, last] = [0, root?.children.length ?? 0];
    for (let more = true; more;) {
      const rows = rowsBetween(root?.children ?? [], root, 2, first, last);
      more = false;
      for (const row of rows) {
        if ('node' in row) seen.push(row.node.span.id);
        else if ('last' in row) [more, first, last] = [true, row.first, row.last];
      }
    }
    expect(seen).toEqual(wide.slice(1).map(({ id }) => id));
  });

  it('are few for a chain that is 5,000 deep, and end at the selected span', () => {
    const chain = Array.from({ length: 5_000 }, (_, n) =>
      span(String(n), n === 0 ? null : String(n - 1)),
    );
    expect(outline(buildTree(chain), undefined).length).toBeLessThanOrEqual(401);
    expect(named(outline(buildTree(chain), '4000'))).toContain('4001:4000');
  });
});

describe('the way to a selected span', () => {
  const chain = (length: number, children = 0): SpanRecord[] =>
    Array.from({ length }, (_, n) => [
      span(String(n), n === 0 ? null : String(n - 1)),
      ...Array.from({ length: children }, (__, child) => span(`${n}.${child}`, String(n))),
    ]).flat();

  it('has a gap where it is long; a chain of 10,000 once made as many rows', () => {
    const rows = named(outline(buildTree(chain(10_000)), '9999'));
    expect(rows.length).toBeLessThan(1_500);
    expect(rows.slice(398, 402)).toEqual(['399:398', '400:399', '401:…8599', '9000:8999']);
    expect(rows.at(-1)).toBe('10000:9999');
  });

  it('is bounded where each of it has many children, too', () => {
    const rows = named(outline(buildTree(chain(300, 150)), '250'));
    expect(rows.length).toBeLessThan(1_800);
    expect(rows).toContain('251:250');
    expect(rows.filter((row) => row.includes('…'))).toEqual([
      expect.stringMatching(/^\d+:…2\d\d$/),
    ]);
  });

  it('begins where the view begins, whatever is above that', () => {
    const { roots } = reduced(chain(3_000), { from: '2000' });
    const rows = named(outline(roots, '2999'));
    expect(rows[0]).toBe('1:2000');
    expect(rows.at(-1)).toBe('1000:2999');
  });

  it('comes nearer with each gap that is followed, until there is none', () => {
    let [spans, steps] = [chain(10_000), 0];
    for (let from: string | undefined = '0'; from !== undefined; steps += 1) {
      const rows = outline(reduced(spans, { from }).roots, '9999');
      const gap = rows.find((row) => 'between' in row);
      from = gap?.from.span.id;
      spans = gap ? spans : [];
    }
    expect(steps).toBeGreaterThan(5);
    expect(steps).toBeLessThan(30);
  });
});

describe('a reduced trace', () => {
  const tree = [
    span('run', null),
    span('a', 'run', 0, 1, { facts: { kind: 'function', name: 'refund_order' } }),
    span('b', 'run', 0, 1, { facts: { kind: 'agent', name: 'triage' } }),
    span('c', 'b', 0, 1, {
      facts: { kind: 'function', name: 'lookup', error_kind: 'tool_error' },
      error: { message: '' },
    }),
  ];

  it.each([
    ['refund', ['1:run', '2:a'], 1],
    ['tool_error', ['1:run', '2:b', '3:c'], 1],
    ['nothing', [], 0],
  ])('keeps what matches %s, and what leads to it', (match, rows, matched) => {
    const result = reduced(tree, { match });
    expect(named(outline(result.roots, undefined))).toEqual(rows);
    expect(result.matched).toBe(matched);
  });

  it('may be 130,000 siblings, which once were too many for a call', () => {
    const siblings = Array.from({ length: 130_000 }, (_, n) => span(`wide_${n}`, 'run'));
    const { roots, matched } = reduced([span('run', null), ...siblings], { match: 'wide_' });
    expect([matched, roots[0]?.children.length]).toEqual([130_000, 130_000]);
  });

  it('begins at the span that the address names', () => {
    expect(named(outline(reduced(tree, { from: 'b' }).roots, undefined))).toEqual(['1:b', '2:c']);
    expect(reduced(tree, { from: 'gone' }).roots).toEqual([]);
  });

  it('has its view in the address', () => {
    const view = { match: 'a b', from: 'x&y', selected: '?#', zoom: [10, 250] as [number, number] };
    expect(readView(new URLSearchParams(viewSearch(view)))).toEqual(view);
    for (const zoom of ['9-1', '0-5000', 'a-b', '-1-5']) {
      expect(readView(new URLSearchParams({ zoom })).zoom).toBeUndefined();
    }
  });
});

describe('two traces side by side', () => {
  const run = (...tools: string[]) =>
    buildTree([
      span('run', null, 0, 1, { facts: { kind: 'task', name: 'run' } }),
      ...tools.map((name, n) =>
        span(`t${n}`, 'run', n, n + 1, { facts: { kind: 'function', name } }),
      ),
    ]);
  const paths = (a: string[], b: string[]): string[] =>
    align(run(...a), run(...b)).pairs.map(({ left, right }) => {
      const name = (side: typeof left): string => side?.node.span.facts.name ?? '-';
      return `${name(left)}|${name(right)}`;
    });

  it('pairs what both did and leaves what one did alone', () => {
    expect(paths(['look', 'pay', 'mail'], ['look', 'mail', 'log'])).toEqual([
      'run|run',
      'look|look',
      'pay|-',
      'mail|mail',
      '-|log',
    ]);
    expect(paths([], ['look'])).toEqual(['run|run', '-|look']);
  });

  it('has every step of both once, in order', () => {
    const tools = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 8 });
    fc.assert(
      fc.property(tools, tools, (a, b) => {
        const pairs = paths(a, b).map((pair) => pair.split('|'));
        expect(pairs.map(([left]) => left).filter((name) => name !== '-')).toEqual(['run', ...a]);
        expect(pairs.map(([, right]) => right).filter((name) => name !== '-')).toEqual([
          'run',
          ...b,
        ]);
        for (const [left, right] of pairs)
          expect(left === right || left === '-' || right === '-').toBe(true);
      }),
    );
  });
});

describe('the filters of an address', () => {
  const read = (search: string) => readFilters(new URLSearchParams(search));

  it('are read and written back', () => {
    const search = '?workflow=a&status=error&min_ms=5&tool=x+y&from=1000&to=2000';
    expect(new URLSearchParams(searchOf(read(search))).toString().split('&').toSorted()).toEqual(
      search.slice(1).split('&').toSorted(),
    );
  });

  it('leave out what they cannot read, and say so', () => {
    const { problems, ...filters } = read(
      '?status=sad&min_ms=-1&min_tokens=x&from=tomorrow&range=1y',
    );
    expect(filters).toEqual({ range: '24h' });
    expect(problems).toHaveLength(5);
    expect(read('?from=2000&to=1000').problems).toHaveLength(1);
    expect(read(`?tool=${'x'.repeat(400)}`)).toMatchObject({
      problems: [expect.stringContaining('300')],
    });
  });

  it('take the times of a form for UTC', () => {
    expect(read('?from=2026-11-20T12:00')).toMatchObject({ from: NOON });
    expect(read('?from=2026-11-20')).toMatchObject({ from: NOON - 12 * HOUR });
  });

  it('become a question to the store', () => {
    expect(toQuery(read('?range=1h&prompt=b&release=7&error=tool_error'), NOON)).toMatchObject({
      from: NOON - HOUR,
      metadata: { release: '7', prompt_version: 'b' },
      errorKind: 'tool_error',
    });
    expect(toQuery(read('?range=all'), NOON)).not.toHaveProperty('from');
  });
});

describe('the charts', () => {
  const hour = (n: number, patch: Partial<HourlyTotals> = {}): HourlyTotals => ({
    hour: NOON + n * HOUR,
    workflow: 'w',
    traces: 10,
    tracesEstimated: 10,
    statuses: { ok: 9, error: 1 },
    durations: [
      [100, 5],
      [200, 4],
      [9_000, 1],
    ],
    ...patch,
  });

  it('add hours up into bars', () => {
    const { bars, traces, failed, p50, p95 } = histogramOf(
      [hour(0), hour(1), hour(3)],
      NOON,
      NOON + 4 * HOUR,
    );
    expect(bars.map((bar) => bar.traces)).toEqual([10, 10, 0, 10]);
    expect([traces, failed, p50, p95]).toEqual([30, 3, 100, 9_000]);
  });

  it('have at most 48 bars of whole steps, whatever the time', () => {
    for (const hours of [1, 24, 49, 24 * 7, 24 * 30, 24 * 365]) {
      const { bars } = histogramOf([], NOON - hours * HOUR, NOON);
      expect(bars.length).toBeLessThanOrEqual(50);
      expect(
        bars.every(({ from, to }, n) => to > from && (n === 0 || from === bars[n - 1]?.to)),
      ).toBe(true);
    }
  });

  it('say when they are estimated', () => {
    expect(histogramOf([hour(0, { tracesEstimated: 40 })], NOON, NOON + HOUR).estimated).toBe(true);
  });
});

describe('costs', () => {
  const usage = {
    model: 'gpt',
    inputTokens: 1_000_000,
    cachedInputTokens: 400_000,
    outputTokens: 100_000,
    reasoningTokens: 50_000,
  };
  const price = { input: 10, cachedInput: 1, output: 40, reasoning: 60 };

  it('take cached input and reasoning at their own price', () => {
    expect(costOf(usage, undefined, new Map([['gpt', price]]))).toEqual({
      amount: 6 + 0.4 + 2 + 3,
      unpriced: 0,
    });
  });

  it('go by the alias where the model has no price, and say what has none', () => {
    expect(costOf(usage, 'fast', new Map([['fast', price]])).amount).toBeCloseTo(11.4);
    expect(costOf(usage, 'other', new Map([['fast', price]]))).toEqual({
      amount: 0,
      unpriced: 1_100_000,
    });
  });

  it('are never negative where a provider counts more cached tokens than tokens', () => {
    const odd = { ...usage, cachedInputTokens: 9e9, reasoningTokens: 9e9 };
    expect(costOf(odd, undefined, new Map([['gpt', price]])).amount).toBeGreaterThan(0);
  });

  it('are written with the digits that they need', () => {
    expect([
      money(0, 'USD'),
      money(0.00002, 'USD'),
      money(0.0005, 'EUR'),
      money(0.01234, 'EUR'),
      money(1234.5, 'USD'),
    ]).toEqual(['$0.00', '$0.00002', '€0.0005', '€0.0123', '$1,234.50']);
    expect([duration(0), duration(999), duration(61_000), duration(90_000_000)]).toEqual([
      '0 ms',
      '999 ms',
      '1 min 1 s',
      '1 d 1 h',
    ]);
  });
});

describe('stored text on a page', () => {
  it('shows what would turn or hide text as what it is', () => {
    expect(visible('a\u202Eb\u0000c\u2066d\u200Be')).toBe('a\\u{202e}b\\u{0}c\\u{2066}d\\u{200b}e');
    expect(visible('tab\tline\nfamily 👩‍👩‍👧')).toBe('tab\tline\nfamily 👩‍👩‍👧');
    expect(visible('half \ud800 pair')).toBe('half \ufffd pair');
  });

  it.each(['\u3164', '\u115F\u1160', '\u2800 \u2800', '\uFFA0\u200D', '\u00A0', ' \t'])(
    'is written out where it is blank, which once was a link without a text: %j',
    (blank) => {
      expect(line(blank)).toMatch(/^(?:\\u\{[\da-f]+\})+$/);
      expect(line(`a${blank}b`)).not.toContain('u{');
    },
  );

  it('is one short line where there is room for one', () => {
    expect(line('a\n  b\tc')).toBe('a b c');
    expect(line('x'.repeat(1_000_000), 10)).toBe(`${'x'.repeat(10)}…`);
  });
});

describe('content of a span', () => {
  it('is read as messages in the shapes of both APIs', () => {
    const responses = [
      { role: 'user', content: 'hi' },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'hello' }] },
      { type: 'reasoning', summary: [] },
      { type: 'function_call', name: 'look', arguments: '{}', call_id: 'c' },
      { type: 'function_call_output', call_id: 'c', output: 'found' },
    ];
    expect(
      messagesIn(responses, [])?.map(({ role, tool, content }) => [role, tool, content]),
    ).toEqual([
      ['user', undefined, 'hi'],
      ['assistant', undefined, 'hello'],
      ['reasoning', undefined, { type: 'reasoning', summary: [] }],
      ['tool call', 'look', '{}'],
      ['tool result', 'c', 'found'],
    ]);
    const chat = [
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ function: { name: 'look', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'c', content: 'found' },
    ];
    expect(messagesIn(chat, [])?.map(({ role }) => role)).toEqual(['tool call', 'tool']);
    const completion = [{ choices: [{ message: { role: 'assistant', content: 'hello' } }] }];
    expect(messagesIn(completion, [])).toMatchObject([{ role: 'assistant', content: 'hello' }]);
  });

  it('is no list of messages where one of them is something else', () => {
    for (const value of [
      [],
      [1],
      [{ role: 7 }],
      [{ role: 'user', content: 'a' }, 'b'],
      { role: 'user' },
    ]) {
      expect(messagesIn(value, [])).toBeUndefined();
    }
  });

  it('is found by its path, and nothing that a path inherits is', () => {
    const record = span('a', null, 0, 1, { span_data: { type: 'custom', data: { list: ['x'] } } });
    expect(valueAt(record, '["span_data","data","list",0]')).toBe('x');
    for (const path of [
      '["constructor"]',
      '["span_data","__proto__"]',
      '["span_data","data","list","length2"]',
      'x',
      '{}',
      '[{}]',
    ]) {
      expect(valueAt(record, path)).toBeUndefined();
    }
    expect(sectionsOf(record).map(({ title }) => title)).toEqual(['Data']);
  });
});

describe('values on a page', () => {
  const shared = { base: '/traces', prices: new Map(), currency: 'USD' };
  const trace: StoredTraceWithSpans = {
    traceId: 't',
    workflow: 'w',
    groupId: null,
    requestId: null,
    status: 'ok',
    startedAt: NOON,
    endedAt: NOON + 500,
    spanCount: 1,
    errorCount: 0,
    inputTokens: 0,
    outputTokens: 0,
    metadata: {},
    captured: null,
    dropped: {},
    missing: 0,
    sampleWeight: 1,
    tools: [],
    errorKinds: [],
    models: [],
    spans: [],
  };
  const htmlOf = async (part: Html): Promise<string> => (await part).toString();
  const recordOf = (fields: Record<string, unknown>): SpanRecord =>
    span('s', null, 0, 1, {
      span_data: { type: 'function', ...fields },
    });
  const panelOf = (record: SpanRecord): Promise<string> =>
    htmlOf(Panel({ ...shared, traceId: 't', span: record, findings: [], alias: undefined }));
  const linksOf = (html: string): string[] =>
    [...html.matchAll(/href="([^"]*\/-\/value\/[^"]*)"/g)].map(
      ([, link = '']) => new URL(link, 'http://localhost').searchParams.get('path') ?? '',
    );
  const shownOf = (html: string): string => html.slice(0, html.indexOf('class="raw"'));
  const numbers = (length: number, first = 0): number[] =>
    Array.from({ length }, (_, n) => n + first);

  it('have one room for all of two traces, of which 1,000 outputs that differ once made 50 MB', async () => {
    const traceOf = (id: string, first: number): StoredTraceWithSpans => {
      const output = numbers(300, first);
      const spans = numbers(1_000).map((n) =>
        span(`s${n}`, null, n, n + 1, { span_data: { type: 'function', output } }),
      );
      return { ...trace, traceId: id, spans };
    };
    const [left, right] = [traceOf('a', 0), traceOf('b', 1)];
    const compared = align(buildTree(left.spans), buildTree(right.spans));
    const html = await htmlOf(ComparePage({ ...shared, left, right, ...compared }));
    expect(html.match(/Output differs/g)).toHaveLength(1_000);
    expect(html.match(/class="literal"/g)?.length).toBeGreaterThan(10_000);
    expect(html).toContain('<a href="/traces/b?span=s999">its span</a>');
    expect(html.length).toBeLessThan(4_000_000);
  });

  it('have one room for all messages of a span, and the rest is linked', async () => {
    const lists = numbers(300).flatMap(() => [
      { role: 'user', content: 'hi' },
      { role: 'tool', content: numbers(299) },
    ]);
    const html = shownOf(await panelOf(recordOf({ input: lists })));
    expect(html.length).toBeLessThan(3_000_000);
    expect(html).toContain('300 earlier messages');
    expect(html).toContain('Not shown, as there is much on this page.');
  });

  it('may be messages within messages, as deep as the store takes them', async () => {
    let nested: unknown = 'x';
    for (let level = 0; level < 450; level += 1)
      nested = [
        { role: 'a', content: 'x' },
        { role: 'b', content: nested },
      ];
    expect(await panelOf(recordOf({ input: nested }))).toContain('class="messages"');
  });

  it('have one room for all texts of a span', async () => {
    const texts = numbers(300).map((n) => ({ role: 'user', content: `${n}`.padEnd(4_000, 'x') }));
    const many = Object.fromEntries(numbers(5).map((n) => [`part_${n}`, texts]));
    const html = shownOf(await panelOf(recordOf(many)));
    expect(html.match(/x/g)?.length).toBeGreaterThan(900_000);
    expect(html.length).toBeLessThan(1_500_000);
  });

  it('are of 50 fields of a span, which says how many more it has; 50,000 once made 6 MB', async () => {
    const fields = Object.fromEntries(numbers(50_000).map((n) => [`k${n}`, n]));
    const html = await panelOf(recordOf({ output: 'last', ...fields }));
    expect(html.length).toBeLessThan(50_000);
    // What the SDK writes comes first, wherever it stands.
    expect(html).toContain('last');
    expect(html).toContain('49,951 more fields');
    expect(linksOf(html)).toContain('[]');
  });

  it('are at most 300 lines of one tree, whose branches once had 300 each', async () => {
    let deep: unknown = 'bottom';
    for (const n of numbers(38)) deep = [deep, ...numbers(300, n)];
    const html = shownOf(await panelOf(recordOf({ output: deep })));
    expect(html.match(/class="key"/g)?.length).toBeLessThanOrEqual(300);
    expect(html).toMatch(/… \d+ more/);
  });

  it('leave room for what follows a long list', async () => {
    const html = shownOf(
      await panelOf(recordOf({ output: { list: numbers(9_000), after: 'seen' } })),
    );
    expect(html).toContain('seen');
  });

  it('lead to the whole by a path that is in the span, also within text that is JSON and under a key of any length', async () => {
    const long = 'long '.repeat(2_000);
    const inText = JSON.stringify([
      { role: 'user', content: numbers(500) },
      { role: 'user', content: 'x' },
    ]);
    const record = recordOf({
      input: inText,
      output: [{ role: 'tool', content: { deep: { text: long } } }],
      data: { ['k'.repeat(50_000)]: { text: long, list: numbers(500) } },
    });
    const html = shownOf(await panelOf(record));
    const links = linksOf(html);
    expect(links.length).toBeGreaterThan(3);
    expect(links).toContain('["span_data","input"]');
    expect(links).toContain('["span_data","data"]');
    expect(Math.max(...links.map((link) => link.length))).toBeLessThan(1_001);
    for (const link of links) expect(valueAt(record, link)).toBeDefined();
  });
});
