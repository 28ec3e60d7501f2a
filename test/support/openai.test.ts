import { Agent, MaxTurnsExceededError, Runner, setTraceProcessors, tool } from '@openai/agents';
import type { RunStreamEvent, Span, SpanData } from '@openai/agents';
import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { fakeOpenAI } from './openai.ts';
import type { Answer } from './script.ts';

const spans: Span<SpanData>[] = [];

beforeEach(() => {
  spans.length = 0;
  setTraceProcessors([
    {
      async onTraceStart() {},
      async onTraceEnd() {},
      async onSpanStart() {},
      async onSpanEnd(span) {
        spans.push(span);
      },
      async shutdown() {},
      async forceFlush() {},
    },
  ]);
});

const lookup = tool({
  name: 'lookup_order',
  description: 'Finds an order',
  parameters: z.object({ id: z.string() }),
  execute: ({ id }) => `order ${id} is on its way`,
});

const agent = new Agent({
  name: 'Support',
  instructions: 'Help.',
  tools: [lookup],
  model: 'gpt-test',
});

const script: Answer[] = [
  {
    toolCalls: [{ name: 'lookup_order', arguments: { id: 'A-1' } }],
    usage: { input: 10, output: 5 },
  },
  {
    text: 'Your order is on its way. ✓',
    usage: { input: 20, cached: 12, output: 7, reasoning: 3 },
  },
];

describe.each(['responses', 'chat'] as const)(
  'a real agent against the fake OpenAI (%s)',
  (api) => {
    const start = (answers: Answer[]) => {
      const fake = fakeOpenAI(undefined, answers);
      const modelProvider = api === 'chat' ? fake.chatProvider : fake.provider;
      return { fake, runner: new Runner({ modelProvider }) };
    };

    test('a plain run calls the tool and answers', async () => {
      const { fake, runner } = start(script);
      const result = await runner.run(agent, 'Where is A-1?');
      expect(result.finalOutput).toBe('Your order is on its way. ✓');
      expect(result.state.usage.inputTokens).toBe(30);
      expect(result.state.usage.outputTokens).toBe(12);
      const requests = await fake.requests();
      expect(requests).toHaveLength(2);
      expect(requests[1]?.body).toContain('order A-1 is on its way');
      expect(spans.map((span) => span.spanData.type)).toContain(
        api === 'chat' ? 'generation' : 'response',
      );
    });

    test('a streamed run yields its text in pieces and the same usage', async () => {
      const { runner } = start(script);
      const result = await runner.run(agent, 'Where is A-1?', { stream: true });
      const events: RunStreamEvent[] = [];
      for await (const event of result) events.push(event);
      const deltas = events.flatMap((event) =>
        event.type === 'raw_model_stream_event' && event.data.type === 'output_text_delta'
          ? [event.data.delta]
          : [],
      );
      expect(deltas.length).toBeGreaterThan(2);
      expect(deltas.join('')).toBe('Your order is on its way. ✓');
      expect(result.finalOutput).toBe('Your order is on its way. ✓');
      expect(result.state.usage.inputTokens).toBe(30);
      const details = result.state.usage.outputTokensDetails;
      expect(details).toContainEqual(expect.objectContaining({ reasoning_tokens: 3 }));
    });

    test('a refusal is a refusal', async () => {
      const { runner } = start([{ refusal: 'I cannot help with that.' }]);
      const run = runner.run(agent, 'x');
      await expect(run).rejects.toThrow(/I cannot help with that/);
    });

    test('a scripted HTTP error reaches the application with its status', async () => {
      const { runner } = start([
        { error: { status: 429, message: 'slow down', code: 'rate_limit' } },
      ]);
      await expect(runner.run(agent, 'x')).rejects.toMatchObject({ status: 429 });
    });

    test('a stream that breaks off fails the run', async () => {
      const { runner } = start([{ text: 'never to be read to its end', breakAfter: 3 }]);
      const result = await runner.run(agent, 'x', { stream: true });
      const read = async () => {
        for await (const _ of result);
        await result.completed;
      };
      await expect(read()).rejects.toThrow();
    });

    test('tool calls without end exceed the turns', async () => {
      const { runner } = start(Array(3).fill(script[0]) as Answer[]);
      await expect(runner.run(agent, 'x', { maxTurns: 2 })).rejects.toThrow(MaxTurnsExceededError);
    });

    test('an answer cut short says so', async () => {
      const { runner } = start([{ incomplete: 'max_output_tokens', text: 'half of' }]);
      const outcome = await runner.run(agent, 'x').then(
        (result) => JSON.stringify(result.rawResponses),
        (error: unknown) => String(error),
      );
      expect(outcome).toContain(
        api === 'chat' ? '"finish_reason":"length"' : 'response.incomplete',
      );
    });

    test('without a script the model repeats the user', async () => {
      const { runner } = start([]);
      expect((await runner.run(agent, 'hello there')).finalOutput).toBe('hello there');
    });
  },
);

test('answers can be queued for a client that sends no script', async () => {
  const fake = fakeOpenAI();
  await fake.queue({ text: 'one' }, { text: 'two' });
  const ask = () => fake.client.responses.create({ model: 'm', input: 'x' });
  expect([(await ask()).output_text, (await ask()).output_text]).toEqual(['one', 'two']);
});

test('a run of more answers than the script has is a clear error', async () => {
  const fake = fakeOpenAI(undefined, [{ text: 'only one' }]);
  const ask = () => fake.client.responses.create({ model: 'm', input: 'x' });
  await ask();
  await expect(ask()).rejects.toThrow('no answer left');
});
