import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { SluiceError } from '../../src/model/errors.ts';
import type { Chunk } from '../../src/model/envelope.ts';
import type { TraceStore } from '../../src/model/store.ts';
import { traceViewer } from '../../src/viewer/index.ts';
import { emptied, makeChunk, makeSpan, migrated, nativeId, NOON } from '../store/make.ts';
import { mounted, store, textOf, write } from './support.ts';

beforeAll(migrated);
beforeEach(emptied);

const get = mounted();
const page = async (path: string): Promise<string> => textOf(await (await get(path)).text());

const tool = makeSpan('a', {
  span_data: { type: 'function', name: 'lookup_order', input: '{"id":"A-1"}', output: 'found' },
});
const broken = makeSpan('b', {
  span_data: { type: 'function', name: 'refund_order' },
  error: { message: 'Error running tool' },
  facts: {
    kind: 'function',
    name: 'refund_order',
    error_kind: 'tool_error',
    error_class: 'RangeError',
  },
});
const model = makeSpan('m', {
  span_data: { type: 'generation' },
  facts: {
    kind: 'generation',
    model: 'gpt-5',
    counts_usage: true,
    usage: { input_tokens: 1_000, output_tokens: 200 },
  },
});

describe('the list', () => {
  it('says what to do where there is nothing', async () => {
    expect(await page('/traces')).toContain('Look at all time');
    expect(await page('/traces?range=all')).toContain('No traces yet');
    expect(await page('/traces?range=all&tool=x')).toContain('Take the filters out');
  });

  it('shows a trace with its first finding, and finds it by that', async () => {
    await write(makeChunk({ group_id: 'g1', status: 'error' }, [broken, model]));
    await write(makeChunk({ id: nativeId(NOON + 5), started_at: NOON + 5, flush_id: 'x' }, [tool]));
    const text = await page('/traces?range=all');
    expect(text).toContain('tool failed');
    expect(text).toContain('2 traces');
    expect(text).toContain('1,000 → 200');
    const found = await page('/traces?range=all&finding=tool_failed');
    expect(found).toContain('1 trace');
    expect(await page('/traces?range=all&finding=max_turns')).toContain('0 traces');
  });

  it('leads from a pasted trace id to the trace, and from a request id to its row', async () => {
    await write(makeChunk({ request_id: 'ray-1' }, [tool]));
    const jump = await get(`/traces?id=${nativeId(NOON)}&range=all`);
    expect([jump.status, jump.headers.get('location')]).toEqual([302, `/traces/${nativeId(NOON)}`]);
    expect(await page('/traces?id=ray-1&range=all')).toContain('1 trace');
  });

  it('has an address of what was filled in, though a form sends the rest too', async () => {
    for (const [sent, to] of [
      ['/traces?workflow=&status=error&tool=', '/traces?status=error'],
      ['/traces?workflow=&id=', '/traces'],
    ]) {
      const answer = await get(sent as string);
      expect([answer.status, answer.headers.get('location')]).toEqual([302, to]);
    }
  });

  it('keeps the filters on the way to older traces', async () => {
    const chunks = Array.from({ length: 60 }, (_, n) =>
      makeChunk({ id: nativeId(NOON + n), started_at: NOON + n, flush_id: `f${n}` }, [tool]),
    );
    await write(...chunks);
    const html = await (await get('/traces?range=all&workflow=support_triage')).text();
    const next = /href="([^"]*cursor=[^"]*)"/.exec(html)?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect(next).toContain('workflow=support_triage');
    expect(await page(next)).toContain('10 traces');
  });

  it('says what of the address it could not read, and shows the rest', async () => {
    await write(makeChunk({}, [tool]));
    const answer = await get('/traces?range=all&status=sad&min_ms=x');
    expect(answer.status).toBe(200);
    expect(textOf(await answer.text())).toContain('Minimum duration, ms must be a whole number.');
    expect((await get('/traces?cursor=garbage')).status).toBe(400);
  });

  it('is exported as lines of JSON that say where it goes on', async () => {
    const chunks = Array.from({ length: 201 }, (_, n) =>
      makeChunk({ id: nativeId(NOON + n), started_at: NOON + n, flush_id: `f${n}` }),
    );
    await write(...chunks);
    const answer = await get('/traces/-/export?range=all');
    expect(answer.headers.get('content-type')).toContain('application/x-ndjson');
    const lines = (await answer.text())
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text));
    expect(lines).toHaveLength(201);
    const rest = await get(lines.at(-1).next.replace('http://localhost', ''));
    expect((await rest.text()).trim().split('\n')).toHaveLength(1);
  });
});

/** A trace of so many tokens, some days ago. */
function spent(n: number, input_tokens: number, days: number, name = 'gpt-5'): Chunk {
  const started_at = Date.now() - days * 86_400_000 - n;
  const id = nativeId(started_at, String(n));
  const usage = { input_tokens, output_tokens: 0 };
  const span = makeSpan('m', { trace_id: id, facts: { ...model.facts, model: name, usage } });
  return makeChunk({ id, started_at, group_id: 'g', flush_id: `spent-${n}` }, [span]);
}

describe('tokens that are unusual', () => {
  it('are found alike by the list, its export, the group and the trace, however short the time shown is', async () => {
    const usual = Array.from({ length: 30 }, (_, n) => spent(n + 1, 100, 4));
    const large = spent(0, 5_000, 0);
    await write(...usual, large);
    const { id } = large.trace;
    for (const path of [
      '/traces?range=1h&finding=tokens_unusual',
      '/traces?range=30d&finding=tokens_unusual',
      '/traces/-/group/g',
      `/traces/${id}`,
    ])
      expect([path, (await page(path)).includes('tokens unusual')]).toEqual([path, true]);
    const lines = await (await get('/traces/-/export?range=1h&finding=tokens_unusual')).text();
    expect(lines.trim().split('\n')).toHaveLength(1);
    expect(lines).toContain(id);
  });
});

describe('costs of which a part has no price', () => {
  const priced = mounted({ prices: { 'gpt-5': { input: 1, output: 1 } } });
  const pricedPage = async (path: string): Promise<string> =>
    textOf(await (await priced(path)).text());

  it('are not written as exact in a group, and not subtracted beside another', async () => {
    const [a, b] = [spent(1, 1_000_000, 0), spent(2, 5_000_000, 0, 'other')];
    const both = spent(3, 1_000_000, 0);
    const extra = { ...makeSpan('x', { trace_id: both.trace.id }), facts: b.spans[0]!.facts };
    await write(a, b, { ...both, spans: [...both.spans, extra] });
    expect(await pricedPage('/traces/-/group/g')).toContain('≥ $2.00');
    const compared = await pricedPage(`/traces/-/compare?t=${a.trace.id}&t=${both.trace.id}`);
    expect(compared).toMatch(/Cost\s+\$1\.00\s+≥ \$1\.00/);
  });
});

describe('a price', () => {
  it('is that of a model whose name ends in the day of its release, and the page names those without', async () => {
    await write(spent(1, 1_000_000, 0, 'gpt-5-2025-08-07'), spent(2, 7, 0, 'other-1'));
    const asked = mounted({ prices: { 'gpt-5': { input: 1, output: 1 } } });
    const text = textOf(await (await asked('/traces/-/usage?by=model')).text());
    expect(text).toContain('$1.00');
    expect(text).toContain('There is no price for other-1.');
    expect(text).not.toContain('no price for gpt-5');
  });

  it('of nothing at all is no zero', async () => {
    await write(spent(1, 1_000_000, 0, 'other'));
    const asked = mounted({ prices: { 'gpt-5': { input: 1, output: 1 } } });
    const text = textOf(await (await asked('/traces/-/usage')).text());
    expect(text).not.toContain('$0.00');
  });
});

describe('an address that cannot be read', () => {
  it.each([
    ['/traces?finding=zzz', 'There is no rule of this name'],
    ['/traces?from=2026-02-31', 'must be a time'],
    ['/traces/-/usage?by=user', 'Tokens are added up by'],
    ['/traces/-/usage?range=2y', 'There is no such time range'],
  ])('says so: %s', async (path, what) => {
    expect(await page(path)).toContain(what);
  });

  it('gives no file of other traces than were asked for', async () => {
    await write(spent(1, 1, 0));
    const answer = await get('/traces/-/export?status=failed');
    expect([answer.status, await answer.text()]).toEqual([
      400,
      expect.stringContaining('Status must be one of'),
    ]);
  });

  it('with a time before 1970 means all since then, on the pages that it leads to as well', async () => {
    const html = await (await get('/traces?from=1960-01-01')).text();
    expect(html).toContain('from=0');
    expect(html).not.toContain('from=-');
  });
});

describe('the page of a trace', () => {
  const id = nativeId(NOON);

  it('opens at what went wrong first, with what it claims', async () => {
    await write(makeChunk({ status: 'error' }, [tool, broken]));
    const text = await page(`/traces/${id}`);
    expect(text).toContain('Tool refund_order failed');
    expect(text).toContain('RangeError');
    expect(text).toMatch(/What this says/);
  });

  it('says how many spans match, as a sentence does', async () => {
    await write(makeChunk({}, [tool, broken]));
    expect(await page(`/traces/${id}?match=refund_order`)).toContain('1 span matches');
    expect(await page(`/traces/${id}?match=nothing`)).toContain('0 spans match');
  });

  it('has the request’s id once, though it is a key of the metadata too', async () => {
    const request = 'ray-7f2c';
    await write(makeChunk({ request_id: request, metadata: { request_id: request } }, [tool]));
    expect((await page(`/traces/${id}`)).split(request)).toHaveLength(2);
  });

  it('shows content as the policy left it', async () => {
    const dropped = makeSpan('d', {
      span_data: {
        type: 'function',
        name: 'x',
        input: { $dropped: 'string', bytes: 1_234, fingerprint: 'abcd' },
      },
    });
    await write(makeChunk({}, [tool, dropped]));
    expect(await page(`/traces/${id}?span=span_a`)).toContain('"A-1"');
    expect(await page(`/traces/${id}?span=span_d`)).toContain('not kept string, 1.2 kB abcd');
  });

  it('marks what is not whole', async () => {
    const open = makeSpan('o', {
      ended_at: null,
      facts: { kind: 'function', name: 'x', truncated: true },
    });
    await write(
      makeChunk(
        { status: 'truncated', captured: 5, dropped: { buffer_full: 1 }, sample_weight: 4 },
        [open],
      ),
    );
    const text = await page(`/traces/${id}`);
    expect(text).toContain('work was still open at the deadline');
    expect(text).toContain('3 captured spans are missing here');
    expect(text).toContain('1 dropped: buffer full');
    expect(text).toContain('stands for 4 traces');
  });

  it('says how many spans are over what is read of a trace, and claims nothing of the whole', async () => {
    await write(makeChunk({}, []));
    const cut = mounted({
      store: () => ({
        ...store,
        async getTrace(traceId) {
          const trace = await store.getTrace(traceId);
          return trace && { ...trace, left: 5 };
        },
      }),
    });
    const text = textOf(await (await cut(`/traces/${nativeId(NOON)}`)).text());
    expect(text).toContain('5 spans are over the 24 MB that are read of one trace');
    expect(text).toContain('trace incomplete');
    expect(text).not.toContain('no agent ran');
  });

  it('gives a large value as a file of text, whatever is in it', async () => {
    const html = `<script>alert(1)</script>${'x'.repeat(1_000_000)}`;
    await write(
      makeChunk({}, [makeSpan('l', { span_data: { type: 'function', name: 'x', output: html } })]),
    );
    const text = await (await get(`/traces/${id}?span=span_l`)).text();
    expect(text.length).toBeLessThan(100_000);
    const file = /href="([^"]*\/-\/value\/[^"]*)"/.exec(text)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const answer = await get(file);
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(answer.headers.get('content-disposition')).toContain('attachment');
    expect(await answer.text()).toBe(html);
  });

  it('is exported with its spans', async () => {
    await write(makeChunk({}, [tool, broken]));
    const lines = (await (await get(`/traces/-/export/${id}`)).text()).trim().split('\n');
    expect(lines.map((text) => JSON.parse(text).traceId ?? JSON.parse(text).id)).toEqual([
      id,
      'span_a',
      'span_b',
    ]);
  });

  it.each([
    '/traces/none',
    '/traces/-/export/none',
    '/traces/-/compare?t=none&t=none',
    '/traces/%2e%2e',
    '/traces/-/span/a/b',
  ])('is not there at %s, and says so', async (path) => {
    const answer = await get(path);
    expect(answer.status).toBe(404);
  });
});

describe('the other pages', () => {
  it('show a group in the order of its traces, with the time between and a wait within', async () => {
    const iso = (ms: number): string => new Date(NOON + ms).toISOString();
    const asked = makeSpan('ask', { started_at: iso(0), ended_at: iso(1_000) });
    const done = makeSpan('do', { started_at: iso(7_200_000), ended_at: iso(7_201_000) });
    await write(
      makeChunk({ group_id: 'g1', ended_at: NOON + 7_201_000, workflow_name: 'first' }, [
        asked,
        done,
      ]),
      makeChunk({
        id: nativeId(NOON + 8e6),
        started_at: NOON + 8e6,
        group_id: 'g1',
        flush_id: 'x',
        workflow_name: 'second',
      }),
    );
    const text = await page('/traces/-/group/g1');
    expect(text.indexOf('first')).toBeLessThan(text.indexOf('second'));
    expect(text).toContain('resumed after 1 h 59 min');
    expect(text).toContain('13 min 19 s later');
    expect(await page('/traces/-/group/none')).toContain('No trace has this group id');
  });

  it('compare two traces', async () => {
    const other = nativeId(NOON + 5);
    await write(
      makeChunk({ metadata: { prompt_version: 'a' } }, [tool]),
      makeChunk(
        { id: other, started_at: NOON + 5, flush_id: 'x', metadata: { prompt_version: 'b' } },
        [
          { ...tool, trace_id: other, span_data: { ...tool.span_data, output: 'lost' } },
          { ...model, trace_id: other },
        ],
      ),
    );
    const text = await page(`/traces/-/compare?t=${nativeId(NOON)}&t=${other}`);
    expect(text).toContain('1 of 2 steps are in one of them only');
    expect(text).toContain('Output differs');
    expect(text).toContain('prompt_version a b differs');
    expect((await get(`/traces/-/compare?t=${other}`)).status).toBe(400);
  });

  it('add up tokens and what they cost, and say where sampling left some behind', async () => {
    await write(makeChunk({ sample_weight: 4, metadata: { release: '7' } }, [model]));
    const priced = mounted({ prices: { 'gpt-5': { input: 10, output: 100 } } });
    const text = textOf(await (await priced('/traces/-/usage?by=release&range=all')).text());
    expect(text).toContain('7 gpt-5 – 1,000 0 200 0 $0.0300');
    expect(text).toContain('Sampling left traces of this time behind');
    expect(await page('/traces/-/usage?by=user&range=all')).toContain('Tokens only');
    // Days are added up whole, so that the page says where the first begins.
    expect(await page('/traces/-/usage?range=7d')).toMatch(/Since \d{4}-\d\d-\d\d 00:00 UTC/);
    expect(await page('/traces/-/usage?range=6h')).toMatch(/Since [\d-]+ \d\d:00 UTC/);
  });
});

describe('a store that fails', () => {
  const failing = (error: Error): TraceStore =>
    new Proxy({} as TraceStore, { get: () => () => Promise.reject(error) });

  it('is a page that says what to do, and nothing of what is inside', async () => {
    const log = vi.spyOn(console, 'error').mockReturnValue();
    const missing = mounted({
      store: () => failing(new SluiceError('missing_schema', 'run the migrations')),
    });
    const answer = await missing('/traces');
    expect([answer.status, textOf(await answer.text()).includes('run the migrations')]).toEqual([
      503,
      true,
    ]);
    const secret = mounted({ store: () => failing(new Error('secret of the database')) });
    const other = await secret(`/traces/${nativeId(NOON)}`);
    expect([other.status, (await other.text()).includes('secret')]).toEqual([503, false]);
    expect(String(log.mock.calls)).toContain('secret of the database');
  });
});

describe('the viewer', () => {
  it.each(['/', '/admin/traces', '/a/:b/traces'])(
    'finds its own pages when it is mounted at %s',
    async (at) => {
      await write(makeChunk({ group_id: 'g1' }, [tool]));
      const path = at.replace(':b', 'x');
      const here = mounted({}, at);
      const html = await (await here(`${path}?range=all`)).text();
      const links = [...html.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, link = '']) =>
        link.replaceAll('&amp;', '&'),
      );
      expect(links.length).toBeGreaterThan(20);
      for (const link of new Set(links.filter((to) => to.startsWith('/')))) {
        expect([link, (await here(link)).status]).toEqual([link, 200]);
      }
    },
  );

  it('shows a trace whose id would lead elsewhere in an address', async () => {
    for (const [n, id] of ['a/b', '-', 'a?b#c', '%2F', 'é "x"'].entries()) {
      await write(makeChunk({ id, flush_id: `f${n}` }, [{ ...tool, trace_id: id }]));
      expect([
        id,
        (await get(`/traces/${encodeURIComponent(id).replaceAll('.', '%2E')}`)).status,
      ]).toEqual([id, 200]);
    }
  });

  it('throws for a currency or a price that is none', () => {
    expect(() => traceViewer({ store: () => ({}) as TraceStore, currency: 'dollars' })).toThrow(
      /currency/,
    );
  });
});
