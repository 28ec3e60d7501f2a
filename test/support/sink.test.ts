import { describe, expect, test, vi } from 'vitest';
import { openSink } from './sink.ts';

const headers = { authorization: 'Bearer x', 'openai-beta': 'traces=v1' };
const span = {
  object: 'trace.span',
  id: 's',
  trace_id: 't',
  parent_id: null,
  started_at: null,
  ended_at: null,
  error: null,
};

async function post(url: string, data: unknown[]): Promise<[status: number, body: string]> {
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ data }) });
  return [response.status, await response.text()];
}

describe('the sink', () => {
  test('keeps what it got, apart for each token', async () => {
    const [mine, other] = [openSink(), openSink()];
    await post(mine.ingestUrl, []);
    await fetch(`${mine.url}/any/path?q=1`, { method: 'PUT', body: 'é' });
    expect(await mine.requests()).toMatchObject([
      { method: 'POST', path: '/v1/traces/ingest', headers, body: '{"data":[]}', aborted: false },
      { method: 'PUT', path: '/any/path?q=1', body: 'é' },
    ]);
    expect(await other.requests()).toEqual([]);
  });

  test.each([
    [
      'a field that is not on the wire',
      { ...span, span_data: { type: 'speech_group' }, facts: {} },
      "'facts'",
    ],
    ['a private field', { ...span, span_data: { type: 'response', _input: 'x' } }, "'_input'"],
    [
      'an input that is no string',
      { ...span, span_data: { type: 'function', name: 'f', input: {} } },
      "'input'",
    ],
    [
      'usage beyond the two numbers',
      {
        ...span,
        span_data: { type: 'generation', usage: { input_tokens: 1, output_tokens: 1, total: 2 } },
      },
      "'total'",
    ],
    ['a type that it does not know', { ...span, span_data: { type: 'outcome' } }, 'outcome'],
    [
      'nested metadata',
      { object: 'trace', id: 't', workflow_name: 'w', metadata: { a: {} } },
      "'metadata'",
    ],
  ])('refuses %s', async (_, item, why) => {
    const [status, body] = await post(openSink().ingestUrl, [item]);
    expect(status).toBe(400);
    expect(body).toContain(why);
  });

  test('meets the next requests with the faults that it was given, then accepts again', async () => {
    const sink = openSink();
    await sink.setFaults({ status: 503, body: 'later' }, { reset: true });
    expect(await post(sink.ingestUrl, [])).toEqual([503, 'later']);
    await expect(post(sink.ingestUrl, [])).rejects.toThrow();
    expect(await post(sink.ingestUrl, [])).toEqual([204, '']);
  });

  test('tells when a client left before the answer', async () => {
    const sink = openSink();
    await sink.setFaults({ hang: true });
    await expect(
      fetch(sink.ingestUrl, { method: 'POST', signal: AbortSignal.timeout(50) }),
    ).rejects.toThrow();
    await vi.waitFor(async () => expect(await sink.requests()).toMatchObject([{ aborted: true }]));
  });
});
