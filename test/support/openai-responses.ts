/** The Responses API's shapes, checked against the client's own types. */
import type {
  Response,
  ResponseFunctionToolCall,
  ResponseOutputMessage,
  ResponseOutputRefusal,
  ResponseOutputText,
  ResponseStreamEvent,
} from 'openai/resources/responses/responses';
import { pieces } from './openai-content.ts';
import type { Content, ModelRequest } from './openai-content.ts';

/** The client adds the two itself, or they are newer than the wire. */
type WireResponse = Omit<Response, 'output_text' | 'access_programs'>;
type Item = ResponseOutputMessage | ResponseFunctionToolCall;
type Part = ResponseOutputText | ResponseOutputRefusal;
/** An event before it has its sequence number. */
type Unnumbered<E> = E extends { response: unknown }
  ? Omit<E, 'sequence_number' | 'response'> & { response: WireResponse }
  : Omit<E, 'sequence_number'>;
type Event = Unnumbered<ResponseStreamEvent>;

export function response(id: string, request: ModelRequest, content: Content): WireResponse {
  const { input, cached, output, reasoning } = content.usage;
  return {
    ...started(id, request),
    status: content.incomplete ? 'incomplete' : 'completed',
    incomplete_details: content.incomplete ? { reason: content.incomplete } : null,
    output: items(id, content),
    usage: {
      input_tokens: input,
      input_tokens_details: { cached_tokens: cached, cache_write_tokens: 0 },
      output_tokens: output,
      output_tokens_details: { reasoning_tokens: reasoning },
      total_tokens: input + output,
    },
  };
}

function started(id: string, request: ModelRequest): WireResponse {
  return {
    id: `resp_${id}`,
    object: 'response',
    created_at: Math.floor(Date.now() / 1000),
    status: 'in_progress',
    background: false,
    error: null,
    incomplete_details: null,
    instructions: (request.instructions ?? null) as Response['instructions'],
    metadata: {},
    model: request.model,
    output: [],
    parallel_tool_calls: true,
    temperature: request.temperature ?? 1,
    tool_choice: 'auto',
    tools: (request.tools ?? []) as Response['tools'],
    top_p: 1,
    truncation: 'disabled',
  };
}

function items(id: string, content: Content): Item[] {
  const status = content.incomplete ? 'incomplete' : 'completed';
  const parts: Part[] = [];
  if (content.text !== undefined) {
    parts.push({ type: 'output_text', text: content.text, annotations: [], logprobs: [] });
  }
  if (content.refusal !== undefined) parts.push({ type: 'refusal', refusal: content.refusal });
  const message: Item[] =
    parts.length > 0
      ? [{ id: `msg_${id}`, type: 'message', role: 'assistant', status, content: parts }]
      : [];
  const calls = content.toolCalls.map((call, index): Item => ({
    id: `fc_${id}${index}`,
    type: 'function_call',
    call_id: `call_${id}${index}`,
    name: call.name,
    arguments: call.arguments,
    status: 'completed',
  }));
  return [...message, ...calls];
}

/** The events of a stream as they go over the wire. */
export function responseEvents(id: string, request: ModelRequest, content: Content): string[] {
  const whole = response(id, request, content);
  const open = started(id, request);
  const events: Event[] = [
    { type: 'response.created', response: open },
    { type: 'response.in_progress', response: open },
    ...whole.output.flatMap((item, index) => itemEvents(item as Item, index, content.chunks)),
    { type: content.incomplete ? 'response.incomplete' : 'response.completed', response: whole },
  ];
  return events.map((event, index) => {
    const data = JSON.stringify({ ...event, sequence_number: index });
    return `event: ${event.type}\ndata: ${data}\n\n`;
  });
}

function itemEvents(item: Item, output_index: number, chunks: number): Event[] {
  const empty: Item =
    item.type === 'message'
      ? { ...item, status: 'in_progress', content: [] }
      : { ...item, status: 'in_progress', arguments: '' };
  const body =
    item.type === 'message'
      ? item.content.flatMap((part, index) =>
          partEvents(part, item.id, output_index, index, chunks),
        )
      : argumentEvents(item, output_index, chunks);
  return [
    { type: 'response.output_item.added', output_index, item: empty },
    ...body,
    { type: 'response.output_item.done', output_index, item },
  ];
}

function argumentEvents(
  item: ResponseFunctionToolCall,
  output_index: number,
  chunks: number,
): Event[] {
  const at = { item_id: item.id ?? '', output_index };
  const deltas = pieces(item.arguments, chunks).map((delta): Event => ({
    type: 'response.function_call_arguments.delta',
    ...at,
    delta,
  }));
  return [
    ...deltas,
    { type: 'response.function_call_arguments.done', ...at, arguments: item.arguments },
  ];
}

function partEvents(
  part: Part,
  item_id: string,
  output_index: number,
  content_index: number,
  chunks: number,
): Event[] {
  const at = { item_id, output_index, content_index };
  const empty: Part =
    part.type === 'output_text' ? { ...part, text: '' } : { ...part, refusal: '' };
  const body: Event[] =
    part.type === 'output_text'
      ? [
          ...pieces(part.text, chunks).map((delta): Event => ({
            type: 'response.output_text.delta',
            ...at,
            delta,
            logprobs: [],
          })),
          { type: 'response.output_text.done', ...at, text: part.text, logprobs: [] },
        ]
      : [
          ...pieces(part.refusal, chunks).map((delta): Event => ({
            type: 'response.refusal.delta',
            ...at,
            delta,
          })),
          { type: 'response.refusal.done', ...at, refusal: part.refusal },
        ];
  return [
    { type: 'response.content_part.added', ...at, part: empty },
    ...body,
    { type: 'response.content_part.done', ...at, part },
  ];
}
