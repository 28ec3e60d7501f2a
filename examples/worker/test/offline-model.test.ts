import OpenAI from 'openai';
import type { ResponseInputItem, FunctionTool } from 'openai/resources/responses/responses';
import { describe, expect, test } from 'vitest';
import { offlineModel } from '../offline/model.ts';

let ids = 0;
const model = offlineModel({
  now: () => 1_700_000_000_000,
  sleep: async () => {},
  newId: () => `id${ids++}`,
});
const client = new OpenAI({
  apiKey: 'offline',
  baseURL: 'https://offline.invalid/v1',
  fetch: model,
  maxRetries: 0,
});

function tool(
  name: string,
  description: string,
  properties: Record<string, unknown>,
): FunctionTool {
  return {
    type: 'function',
    name,
    description,
    strict: true,
    parameters: {
      type: 'object',
      properties,
      required: Object.keys(properties),
      additionalProperties: false,
    },
  };
}

const weather = tool('get_weather', 'Tells the weather in a city', {
  city: { type: 'string', enum: ['Oslo', 'Lima'] },
});
const convert = tool('convert_currency', 'Converts money', { amount: { type: 'number' } });
const ticket = tool('open_ticket', 'Opens a ticket', {
  ticket_id: { type: 'string', pattern: '^T-\\d{3}$' },
});

const ask = (
  input: string | ResponseInputItem[],
  tools: FunctionTool[] = [weather, convert, ticket],
) => client.responses.create({ model: 'gpt-test', instructions: 'Be brief.', input, tools });

describe('the offline model', () => {
  test('calls the tool that the words of the question are about, with arguments from the question', async () => {
    const response = await ask('What will the weather be in Lima?');
    expect(response.output).toMatchObject([
      { type: 'function_call', name: 'get_weather', arguments: '{"city":"Lima"}' },
    ]);
    expect(await ask('Convert 12.50 to euros')).toMatchObject({
      output: [{ name: 'convert_currency', arguments: '{"amount":12.5}' }],
    });
    expect(await ask('Reopen ticket T-042, will you?')).toMatchObject({
      output: [{ name: 'open_ticket', arguments: '{"ticket_id":"T-042"}' }],
    });
  });

  test('asks for an argument that the question does not have', async () => {
    const response = await ask('Open a ticket');
    expect(response.output_text).toContain('ticket id');
  });

  test('calls no tool that is not on offer', async () => {
    const response = await ask('What will the weather be in Lima?', [ticket]);
    expect(response.output).toMatchObject([{ type: 'message' }]);
  });

  test('answers from the results once the tools have run, and calls no tool twice', async () => {
    const response = await ask([
      { role: 'user', content: [{ type: 'input_text', text: 'Weather in Oslo?' }] },
      {
        type: 'function_call',
        call_id: 'call_1',
        name: 'get_weather',
        arguments: '{"city":"Oslo"}',
      },
      { type: 'function_call_output', call_id: 'call_1', output: 'Snow, -4 degrees.' },
    ]);
    expect(response.output_text).toContain('Snow, -4 degrees.');
  });

  test('begins anew when the user speaks again', async () => {
    const response = await ask([
      { role: 'user', content: 'Weather in Oslo?' },
      {
        type: 'function_call',
        call_id: 'call_1',
        name: 'get_weather',
        arguments: '{"city":"Oslo"}',
      },
      { type: 'function_call_output', call_id: 'call_1', output: 'Snow' },
      { role: 'user', content: 'And the weather in Lima?' },
    ]);
    expect(response.output).toMatchObject([{ name: 'get_weather', arguments: '{"city":"Lima"}' }]);
  });

  test('gives the same answer and the same usage to the same request', async () => {
    const [first, second] = await Promise.all([ask('Weather in Oslo?'), ask('Weather in Oslo?')]);
    expect(second.usage).toEqual(first.usage);
    expect(second.output[0]).toMatchObject({ name: 'get_weather' });
    expect(second.id).not.toBe(first.id);
  });

  test('counts input, cached, output and reasoning tokens', async () => {
    const short = await ask('Weather in Oslo?');
    const long = await ask([
      { role: 'user', content: 'Weather in Oslo?' },
      {
        type: 'function_call',
        call_id: 'call_1',
        name: 'get_weather',
        arguments: '{"city":"Oslo"}',
      },
      { type: 'function_call_output', call_id: 'call_1', output: 'Snow' },
    ]);
    expect(short.usage?.input_tokens_details.cached_tokens).toBe(0);
    expect(long.usage?.input_tokens_details.cached_tokens).toBeGreaterThan(0);
    expect(long.usage?.input_tokens).toBeGreaterThan(short.usage?.input_tokens ?? Infinity);
    expect(long.usage?.output_tokens_details.reasoning_tokens).toBe(24);
    expect(long.usage?.total_tokens).toBe(
      (long.usage?.input_tokens ?? 0) + (long.usage?.output_tokens ?? 0),
    );
  });

  test('streams the events of the real API, which add up to the same response', async () => {
    const stream = await client.responses.create({
      model: 'gpt-test',
      input: 'Hello there',
      stream: true,
    });
    const types: string[] = [];
    let text = '';
    for await (const event of stream) {
      expect(event).toMatchObject({ sequence_number: types.length });
      types.push(event.type);
      if (event.type === 'response.output_text.delta') text += event.delta;
      if (event.type === 'response.completed') expect(event.response.output_text).toBe(text);
    }
    expect(types.slice(0, 4)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
    ]);
    expect(types.slice(-4)).toEqual([
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    expect(text.length).toBeGreaterThan(20);
  });

  test('streams a tool call', async () => {
    const stream = await client.responses.create({
      model: 'gpt-test',
      input: 'Weather in Oslo?',
      tools: [weather],
      stream: true,
    });
    const done: string[] = [];
    for await (const event of stream)
      if (event.type === 'response.function_call_arguments.done') done.push(event.arguments);
    expect(done).toEqual(['{"city":"Oslo"}']);
  });

  test.each([
    ['no JSON', '{'],
    ['no object', '"text"'],
    ['no input', '{"model":"gpt-test"}'],
    ['no model', '{"input":"text"}'],
  ])('answers 400 in the shape of the real API to a body with %s', async (_, body) => {
    const response = await model('https://offline.invalid/v1/responses', { method: 'POST', body });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { type: 'invalid_request_error', message: expect.any(String) },
    });
  });

  test('passes over items and tools that it does not know', async () => {
    const response = await model('https://offline.invalid/v1/responses', {
      method: 'POST',
      body: JSON.stringify({
        model: 'gpt-test',
        input: [
          { type: 'reasoning', summary: [] },
          null,
          7,
          { role: 'user', content: [{ type: 'input_image' }, { text: 'Weather in Oslo' }] },
        ],
        tools: [{ type: 'web_search' }, null, weather],
      }),
    });
    expect(await response.json()).toMatchObject({ output: [{ name: 'get_weather' }] });
  });

  test('knows no other endpoint', async () => {
    const response = await model('https://offline.invalid/v1/models');
    expect(response.status).toBe(404);
  });

  test('stops waiting when the caller gives up', async () => {
    const slow = offlineModel({
      now: () => 0,
      newId: () => 'id',
      sleep: (_, signal) =>
        new Promise((_resolve, reject) =>
          signal?.addEventListener('abort', () => reject(signal.reason as Error)),
        ),
    });
    const caller = new AbortController();
    const answer = slow('https://offline.invalid/v1/responses', {
      method: 'POST',
      body: '{"model":"gpt-test","input":"hello"}',
      signal: caller.signal,
    });
    setTimeout(() => caller.abort(new Error('gone')), 5);
    await expect(answer).rejects.toThrow('gone');
  });
});
