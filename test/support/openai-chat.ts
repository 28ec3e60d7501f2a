/** The Chat Completions API's shapes, checked against the client's own types. */
import type {
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionMessageFunctionToolCall,
} from 'openai/resources/chat/completions';
import type { CompletionUsage } from 'openai/resources/completions';
import { pieces } from './openai-content.ts';
import type { Content, ModelRequest } from './openai-content.ts';

type Delta = ChatCompletionChunk.Choice.Delta;
type FinishReason = ChatCompletion.Choice['finish_reason'];

export function chatCompletion(
  id: string,
  request: ModelRequest,
  content: Content,
): ChatCompletion {
  const calls = toolCalls(id, content);
  return {
    id: `chatcmpl-${id}`,
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model: request.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: content.text ?? null,
          refusal: content.refusal ?? null,
          annotations: [],
          ...(calls.length > 0 ? { tool_calls: calls } : {}),
        },
        logprobs: null,
        finish_reason: finishReason(content),
      },
    ],
    usage: usage(content),
    service_tier: 'default',
  };
}

/** The events of a stream as they go over the wire. */
export function chatEvents(id: string, request: ModelRequest, content: Content): string[] {
  const base = {
    id: `chatcmpl-${id}`,
    object: 'chat.completion.chunk' as const,
    created: Math.floor(Date.now() / 1000),
    model: request.model,
  };
  const choice = (
    delta: Delta,
    finish_reason: FinishReason | null = null,
  ): ChatCompletionChunk => ({
    ...base,
    choices: [{ index: 0, delta, logprobs: null, finish_reason }],
  });
  const chunks = [
    choice({ role: 'assistant', content: '', refusal: null }),
    ...deltas(id, content).map((delta) => choice(delta)),
    choice({}, finishReason(content)),
  ];
  if (request.stream_options?.include_usage)
    chunks.push({ ...base, choices: [], usage: usage(content) });
  return [...chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`), 'data: [DONE]\n\n'];
}

function deltas(id: string, content: Content): Delta[] {
  const text = pieces(content.text ?? '', content.chunks).map((piece): Delta => ({
    content: piece,
  }));
  const refusal = pieces(content.refusal ?? '', content.chunks).map((piece): Delta => ({
    refusal: piece,
  }));
  const calls = toolCalls(id, content).flatMap((call, index): Delta[] => [
    {
      tool_calls: [
        {
          index,
          id: call.id,
          type: 'function',
          function: { name: call.function.name, arguments: '' },
        },
      ],
    },
    ...pieces(call.function.arguments, content.chunks).map((piece): Delta => ({
      tool_calls: [{ index, function: { arguments: piece } }],
    })),
  ]);
  return [...text, ...refusal, ...calls];
}

function toolCalls(id: string, content: Content): ChatCompletionMessageFunctionToolCall[] {
  return content.toolCalls.map((call, index) => ({
    id: `call_${id}${index}`,
    type: 'function',
    function: { name: call.name, arguments: call.arguments },
  }));
}

function finishReason(content: Content): FinishReason {
  if (content.incomplete === 'content_filter') return 'content_filter';
  if (content.incomplete) return 'length';
  return content.toolCalls.length > 0 ? 'tool_calls' : 'stop';
}

function usage({ usage: { input, cached, output, reasoning } }: Content): CompletionUsage {
  return {
    prompt_tokens: input,
    prompt_tokens_details: { cached_tokens: cached, audio_tokens: 0 },
    completion_tokens: output,
    completion_tokens_details: { reasoning_tokens: reasoning, audio_tokens: 0 },
    total_tokens: input + output,
  };
}
