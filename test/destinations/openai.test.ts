import { describe, expect, test } from 'vitest';
import { openaiExporter } from '../../src/destinations/openai.ts';
import { PartialExportError } from '../../src/model/errors.ts';
import { batchOf, bottomless, spanRecord, traceRecord } from './records.ts';
import { API_KEY, rejection, start } from './start.ts';

const spans = (count: number) => Array.from({ length: count }, () => spanRecord());

describe('openaiExporter', () => {
  test('is named openai and sends one POST with the trace before its spans', async () => {
    const { sink, exporter, send } = start({ organization: 'org-1', project: 'proj-1' });
    await send();
    const [request] = await sink.requests();
    expect(exporter.name).toBe('openai');
    const body = JSON.parse(request?.body ?? '') as { data: { object: string }[] };
    expect(body.data.map((item) => item.object)).toEqual(['trace', 'trace.span']);
    expect(request).toMatchObject({
      method: 'POST',
      headers: {
        'openai-organization': 'org-1',
        'openai-project': 'proj-1',
        'openai-beta': 'traces=v1',
      },
    });
  });

  test('sends nothing for an empty batch, which needs no key', async () => {
    const { sink, send } = start({ apiKey: undefined });
    await send(batchOf([], []));
    expect(await sink.requests()).toEqual([]);
  });

  test('splits 250 spans into POSTs of 100 records, traces first', async () => {
    const { sink, send } = start();
    await send(batchOf(spans(250), [traceRecord(), traceRecord({ id: 'trace_2' })]));
    const objects = (await sink.requests()).map(({ body }) =>
      (JSON.parse(body) as { data: { object: string }[] }).data.map((item) => item.object),
    );
    expect(objects.map((list) => list.length)).toEqual([100, 100, 52]);
    expect(objects.flat().lastIndexOf('trace')).toBe(1);
  });

  test('splits by bytes what the count would allow', async () => {
    const { sink, send } = start();
    const large = () =>
      spanRecord({
        type: 'function',
        name: 'f',
        input: 'x'.repeat(90_000),
        output: 'y'.repeat(90_000),
      });
    await send(batchOf(Array.from({ length: 24 }, large)));
    const sizes = (await sink.requests()).map(({ body }) => body.length);
    expect(sizes.length).toBeGreaterThan(1);
    expect(Math.max(...sizes)).toBeLessThan(2_100_000);
  });
});

describe('a key that cannot be used', () => {
  test.each([undefined, '', '   ', '\n'])(
    'is missing when it is %j, and every export says what to set',
    async (apiKey) => {
      const { sink, send } = start({ apiKey });
      const error = await rejection(send());
      expect(error.code).toBe('missing_api_key');
      expect(error.message).toContain('wrangler secret put OPENAI_API_KEY');
      expect(await sink.requests()).toEqual([]);
    },
  );

  test.each([
    ['apiKey', { apiKey: 'key-with-break\n' }],
    ['apiKey', { apiKey: 'key\r\nX-Evil: 1' }],
    ['apiKey', { apiKey: 'schlüssel' }],
    ['apiKey', { apiKey: 7 as unknown as string }],
    ['organization', { organization: 'org\u0000' }],
    ['project', { project: 'a b' }],
    ['endpoint', { endpoint: 'ftp://example.com/ingest' }],
    ['endpoint', { endpoint: '/relative/ingest' }],
    ['endpoint', { endpoint: 'https://user:word@example.com/' }],
    ['endpoint', { endpoint: '' }],
  ])('throws at construction and names %s: %j', (option, options) => {
    const make = () => openaiExporter({ apiKey: API_KEY, ...options });
    expect(make).toThrow(expect.objectContaining({ code: 'invalid_option' }));
    expect(make).toThrow(`\`${option}\``);
    for (const value of Object.values(options).filter((given) => given !== '')) {
      expect(make).not.toThrow(value);
    }
  });
});

describe('a batch of which part arrived', () => {
  test('rejects with the number of spans that did', async () => {
    const { sink, send } = start();
    await sink.setFaults({ slowMs: 0 }, { status: 401 });
    const error = await rejection(send(batchOf(spans(250))));
    expect(error).toBeInstanceOf(PartialExportError);
    expect(error).toMatchObject({ code: 'export_failed', exportedSpans: 99 });
    expect(error.message).toContain('401');
    // Two of three: what refuses the key would refuse it again.
    expect(await sink.requests()).toHaveLength(2);
  });

  test('a body that is refused takes nothing from those after it', async () => {
    const { sink, send } = start();
    await sink.setFaults({ slowMs: 0 }, { status: 400 });
    const error = await rejection(send(batchOf(spans(250))));
    expect(error).toMatchObject({ exportedSpans: 99 + 51 });
    expect(await sink.requests()).toHaveLength(3);
  });

  test('is no part when only the trace arrived', async () => {
    const { sink, send } = start();
    await sink.setFaults({ slowMs: 0 }, { status: 401 });
    const traces = Array.from({ length: 100 }, (_, index) => traceRecord({ id: `trace_${index}` }));
    const error = await rejection(send(batchOf(spans(1), traces)));
    expect(error).not.toBeInstanceOf(PartialExportError);
    expect(error.code).toBe('export_failed');
  });

  test('a span that cannot be written takes nothing from the others', async () => {
    const { sink, send } = start();
    const hostile = spanRecord({ type: 'custom', name: 'c', data: { deep: bottomless() } });
    const error = await rejection(send(batchOf([spanRecord(), hostile, spanRecord()])));
    expect(error).toMatchObject({
      exportedSpans: 2,
      message: expect.stringContaining('could not be written'),
    });
    const [request] = await sink.requests();
    expect((JSON.parse(request?.body ?? '') as { data: unknown[] }).data).toHaveLength(3);
  });
});
