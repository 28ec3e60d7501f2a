import { afterEach, describe, expect, test, vi } from 'vitest';
import { consoleExporter } from '../../src/destinations/console.ts';
import { PartialExportError } from '../../src/model/errors.ts';
import type { TraceBatch } from '../../src/model/records.ts';
import { batchOf, bottomless, spanRecord, traceRecord } from './records.ts';

const context = { signal: new AbortController().signal };
const utf8 = (line: string) => new TextEncoder().encode(line).length;

async function linesOf(batch: TraceBatch): Promise<string[]> {
  const lines: string[] = [];
  await consoleExporter({ write: (line) => lines.push(line) }).export(batch, context);
  return lines;
}

type Line = Record<string, unknown> & { facts: Record<string, unknown> };
const parse = (line: string | undefined) => JSON.parse(line ?? '') as Line;

afterEach(() => {
  vi.restoreAllMocks();
});

describe('consoleExporter', () => {
  test('is named console and writes through console.log unless told otherwise', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    const exporter = consoleExporter();
    await exporter.export(batchOf([spanRecord()]), context);
    expect(exporter.name).toBe('console');
    expect(log.mock.calls.map(([line]) => parse(line as string).event)).toEqual([
      'sluice.trace',
      'sluice.span',
    ]);
  });

  test('writes the whole of a record, with the trace id to join by', async () => {
    const [trace, span] = [traceRecord(), spanRecord()];
    const [first, second] = (await linesOf(batchOf([span], [trace]))).map(parse);
    const { object: _, id, ...fields } = trace;
    expect(first).toEqual({ event: 'sluice.trace', trace_id: id, ...fields });
    const { object: __, id: span_id, ...rest } = span;
    expect(second).toEqual({ event: 'sluice.span', span_id, ...rest });
  });

  test('one record is one line, whatever is in it', async () => {
    const [line] = await linesOf(
      batchOf([spanRecord({ type: 'custom', name: 'c', data: { text: 'a\nb\r\nc\u2028d' } })], []),
    );
    expect(line).not.toMatch(/[\n\r\u2028]/);
    expect(parse(line).span_data).toMatchObject({ data: { text: 'a\nb\r\nc\u2028d' } });
  });

  test('no character that a terminal obeys comes through, and none is lost', async () => {
    const codes = [...Array(0xa0).keys()].concat(
      0x61c,
      0x200e,
      0x200f,
      0x2028,
      0x202e,
      0x2066,
      0x2069,
    );
    const text = String.fromCharCode(...codes);
    const [line] = await linesOf(
      batchOf([spanRecord({ type: 'function', name: text, input: '\u001b[2J\u009b2J' })], []),
    );
    const obeyed = codes.filter((code) => code < 0x20 || code > 0x7e);
    expect(obeyed.filter((code) => line?.includes(String.fromCharCode(code)))).toEqual([]);
    expect(parse(line).span_data).toMatchObject({ name: text, input: '\u001b[2J\u009b2J' });
  });
});

describe('a line that would be too long', () => {
  test.each([
    ['text', 'x'.repeat(300_000)],
    ['text of many bytes', '語'.repeat(100_000)],
    ['escapes', '"\\'.repeat(100_000)],
    ['C1 controls', '\u009b\u007f'.repeat(100_000)],
    ['lone surrogates', '\ud800'.repeat(100_000)],
    ['a list', Array<string>(50_000).fill('item')],
    [
      'fields',
      Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`key${index}`, index])),
    ],
    ['nesting', JSON.parse('['.repeat(500) + ']'.repeat(500).concat()) as string[]],
  ])('of %s is cut, marked and still JSON', async (_, value) => {
    const filler = 'x'.repeat(20_000);
    const facts = { kind: 'custom', usage: { input_tokens: 7 }, error_kind: 'tool_error' as const };
    const record = spanRecord({ type: 'custom', name: 'c', data: { value, filler } }, { facts });
    const [line] = await linesOf(batchOf([record], []));
    expect(utf8(line ?? '')).toBeLessThanOrEqual(16_000);
    expect(line).toMatch(/\[cut\]|\$cut/);
    expect(parse(line)).toMatchObject({ trace_id: record.trace_id, span_id: record.id, facts });
  });

  test('by hostile facts or metadata is cut too', async () => {
    const facts = { kind: 'k'.repeat(100_000), name: '\u0085'.repeat(100_000) };
    const metadata = Object.fromEntries(
      Array.from({ length: 3_000 }, (_, index) => [`key${index}`, 'v'.repeat(90)]),
    );
    const lines = await linesOf(
      batchOf([spanRecord(undefined, { facts })], [traceRecord({ metadata })]),
    );
    for (const line of lines) {
      expect(utf8(line)).toBeLessThanOrEqual(16_000);
      expect(parse(line).trace_id).toBe(traceRecord().id);
    }
  });
});

describe('what goes wrong', () => {
  test('a write that throws is an export that failed', async () => {
    const write = () => {
      throw new Error('console is gone');
    };
    const work = consoleExporter({ write }).export(batchOf([spanRecord()]), context);
    await expect(work).rejects.toMatchObject({
      code: 'export_failed',
      message: expect.stringContaining('console is gone'),
    });
  });

  test('a record that cannot be written takes nothing from the others', async () => {
    const lines: string[] = [];
    const hostile = spanRecord({ type: 'custom', name: 'c', data: { deep: bottomless() } });
    const exporter = consoleExporter({ write: (line) => lines.push(line) });
    const work = exporter.export(batchOf([spanRecord(), hostile, spanRecord()]), context);
    await expect(work).rejects.toBeInstanceOf(PartialExportError);
    await expect(work).rejects.toMatchObject({ exportedSpans: 2 });
    expect(lines).toHaveLength(3);
  });

  test('after the deadline nothing is written', async () => {
    const write = vi.fn();
    const work = consoleExporter({ write }).export(batchOf([spanRecord()]), {
      signal: AbortSignal.abort(),
    });
    await expect(work).rejects.toMatchObject({ code: 'export_timeout' });
    expect(write).not.toHaveBeenCalled();
  });

  test('a write that is no function throws at construction', () => {
    const options = { write: 'stdout' as unknown as () => void };
    expect(() => consoleExporter(options)).toThrow(
      expect.objectContaining({ code: 'invalid_option' }),
    );
  });
});
