import { describe, expect, it } from 'vitest';
import type { SpanRecord } from '../../src/model/records.ts';
import { definePolicy } from '../../src/policy/define.ts';
import { full, metadataOnly } from '../../src/policy/policy.ts';
import { redacted } from '../../src/policy/redacted.ts';
import { createRedactor } from '../../src/redaction/redactor.ts';
import { previewPolicy } from '../../src/testing/preview.ts';
import type { PreviewField } from '../../src/testing/preview.ts';
import { capture, judged, listen } from '../capture/spans.ts';

const support = definePolicy({
  redactor: createRedactor(),
  content: 'redact',
  errors: () => 'an error',
  metadata: 'keep',
  instructions: 'drop',
  tools: { lookup_order: { output: 'keep' } },
  fields: { 'custom.data.user': 'keep' },
  destinations: { openai: { content: 'drop', errors: 'drop', metadata: 'drop' } },
  environments: { test: { content: 'keep' } },
});

const at = (fields: readonly PreviewField[], place: string): PreviewField | undefined =>
  fields.find((field) => field.place === place);

describe('the preview of a policy', () => {
  it('has the decision on each class by destination, and says where parts differ', async () => {
    const { destinations, decisions } = await previewPolicy(support);
    expect(destinations).toEqual(['store', 'openai']);
    expect(decisions).toMatchObject({
      model: { store: 'redact, parts differ', openai: 'drop' },
      instructions: { store: 'drop', openai: 'drop' },
      custom: { store: 'redact, parts differ' },
      handoff: { store: 'redact' },
      errors: { store: 'function', openai: 'drop' },
      metadata: { store: 'keep', openai: 'drop' },
      names: { store: 'keep', openai: 'keep' },
    });
  });

  it('shows each field of a sample as every destination would receive it', async () => {
    const { fields } = await previewPolicy(support);
    expect(at(fields, 'extra.instructions')?.received).toMatchObject({
      store: { $dropped: 'string' },
      openai: { $dropped: 'string' },
    });
    const output = fields.find(
      ({ span, place }) => span === 'function lookup_order' && place === 'span_data.output',
    );
    expect(output?.received).toEqual({
      store: output?.captured,
      openai: expect.objectContaining({ $dropped: 'string' }),
    });
    expect(at(fields, 'error.data.error')?.received['store']).toBe('an error');
    expect(at(fields, 'span_data.data')?.received['store']).toMatchObject({ password: '[secret]' });
    expect(at(fields, 'metadata.release')?.received).toEqual({ store: 'v42', openai: undefined });
  });

  it('shows what an environment changes, and what ready-made policies do', async () => {
    const test = await previewPolicy(support, { environment: 'test', destinations: ['store'] });
    expect(test.decisions.handoff).toEqual({ store: 'keep' });
    const texts = await Promise.all(
      [metadataOnly, redacted, full].map(async (one) => String(await previewPolicy(one))),
    );
    expect(texts.map((text) => text.split('ada@corp.example').length > 4)).toEqual([
      false,
      false,
      false,
    ]);
    expect(
      (await previewPolicy(full)).fields.every(
        ({ captured, received }) =>
          received['store'] === captured ||
          JSON.stringify(received['store']) === JSON.stringify(captured),
      ),
    ).toBe(true);
  });

  it('says which span is none', async () => {
    const circle: Record<string, unknown> = {};
    circle['circle'] = circle;
    const broken = { span_data: { type: 'custom', name: 'x', data: circle } };
    for (const span of [null, 'x', {}, { span_data: null }, broken])
      await expect(previewPolicy(full, { spans: [span as never] })).rejects.toMatchObject({
        code: 'invalid_option',
        message: expect.stringContaining('`spans.0` is no span record'),
      });
  });

  it('has a sample of every class of data', async () => {
    const { fields } = await previewPolicy(full);
    const classes = new Set(fields.map((field) => field.class));
    expect([...classes].toSorted()).toEqual(
      [
        'audio',
        'custom',
        'errors',
        'guardrail',
        'handoff',
        'instructions',
        'metadata',
        'model',
        'names',
        'tool',
      ].toSorted(),
    );
  });

  it('takes spans as a store has them, a response and what was wrapped for the wire included', async () => {
    listen({});
    const datas = [
      {
        type: 'response',
        _input: 'the question',
        _response: { instructions: 'the prompt', output: [] },
      },
      { type: 'task', name: 'run', notes: 'the notes' },
    ];
    const spans = await Promise.all(datas.map((data) => judged(full, capture(data))));
    const { fields } = await previewPolicy(support, { spans });
    expect(at(fields, 'extra.input')).toMatchObject({ class: 'model', captured: 'the question' });
    expect(at(fields, 'extra.instructions')).toMatchObject({
      class: 'instructions',
      captured: 'the prompt',
    });
    expect(fields.find(({ captured }) => captured === 'the notes')?.class).toBe('other');
  });
});

describe('its text', () => {
  const hostile = {
    object: 'trace.span',
    span_data: {
      type: 'custom',
      name: 'x',
      data: {
        '|a': '`b` <img> \u001B[31m \u202Egpj.exe',
        ['__proto__']: 'y',
        long: 'z'.repeat(5_000),
      },
    },
    error: null,
    facts: { kind: 'custom' },
  } as unknown as SpanRecord;

  it('keeps to the width of a terminal and obeys nothing in it', async () => {
    const preview = await previewPolicy(full, { spans: [hostile] });
    for (const width of [40, 80, 120]) {
      const text = preview.toString(width);
      expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(width);
      for (const sign of ['\u001B', '\u202E']) expect(text).not.toContain(sign);
      expect(text).toMatch(/… 50\d\d/);
    }
  });

  it('is a table in Markdown in which nothing of a value is markup', async () => {
    const markdown = (await previewPolicy(full, { spans: [hostile] })).toMarkdown();
    expect(markdown).toContain('| class | store |');
    expect(markdown).not.toMatch(/<img>|[^\\]`/);
    for (const sign of ['\u001B', '\u202E']) expect(markdown).not.toContain(sign);
    const rows = markdown.split('\n').filter((line) => line.startsWith('|'));
    for (const row of rows)
      expect(row.replaceAll('\\|', '').split('|').length).toBeLessThanOrEqual(6);
  });
});
