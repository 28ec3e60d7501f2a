/** The Responses API's shapes, as the provider sends them. */
import type {
  Response as ModelResponse,
  ResponseFunctionToolCall,
  ResponseOutputMessage,
  ResponseStreamEvent,
} from 'openai/resources/responses/responses';
import type { Decision } from './decide.ts';
import type { ModelRequest } from './request.ts';
import { usageOf } from './usage.ts';

/** What a response has that its request does not determine. */
export interface Stamp {
  /** Seconds since the epoch. */
  createdAt: number;
  /** Makes the ids of the response and its item. */
  id: string;
}

type OutputItem = ResponseOutputMessage | ResponseFunctionToolCall;

function outputItem(decision: Decision, id: string): OutputItem {
  if (decision.kind === 'call') {
    const { name, arguments: args } = decision;
    return {
      type: 'function_call',
      id: `fc_${id}`,
      call_id: `call_${id}`,
      name,
      arguments: args,
      status: 'completed',
    };
  }
  return {
    type: 'message',
    id: `msg_${id}`,
    role: 'assistant',
    status: 'completed',
    content: [{ type: 'output_text', text: decision.text, annotations: [] }],
  };
}

/** A whole response, as `POST /responses` answers without `stream`. */
export function toResponse(request: ModelRequest, decision: Decision, stamp: Stamp): ModelResponse {
  return {
    id: `resp_${stamp.id}`,
    object: 'response',
    access_programs: null,
    created_at: stamp.createdAt,
    status: 'completed',
    error: null,
    incomplete_details: null,
    instructions: request.instructions,
    metadata: {},
    model: request.model,
    output: [outputItem(decision, stamp.id)],
    output_text: decision.kind === 'text' ? decision.text : '',
    parallel_tool_calls: true,
    temperature: 1,
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    usage: usageOf(request, decision),
  };
}

/** `Omit` that keeps a union a union. */
type WithoutSequence<T> = T extends unknown ? Omit<T, 'sequence_number'> : never;
type Unnumbered = WithoutSequence<ResponseStreamEvent>;

/** Words with the space that follows them: about a token each. */
const pieces = (text: string): string[] => text.match(/\S+\s*/g) ?? [];

function messageEvents(item: ResponseOutputMessage, text: string): Unnumbered[] {
  const at = { item_id: item.id, output_index: 0, content_index: 0 };
  const part = { type: 'output_text' as const, text, annotations: [] };
  return [
    {
      type: 'response.output_item.added',
      output_index: 0,
      item: { ...item, status: 'in_progress', content: [] },
    },
    { type: 'response.content_part.added', ...at, part: { ...part, text: '' } },
    ...pieces(text).map((delta): Unnumbered => ({
      type: 'response.output_text.delta',
      ...at,
      delta,
      logprobs: [],
    })),
    { type: 'response.output_text.done', ...at, text, logprobs: [] },
    { type: 'response.content_part.done', ...at, part },
    { type: 'response.output_item.done', output_index: 0, item },
  ];
}

function callEvents(item: ResponseFunctionToolCall): Unnumbered[] {
  const at = { item_id: item.id ?? '', output_index: 0 };
  return [
    {
      type: 'response.output_item.added',
      output_index: 0,
      item: { ...item, status: 'in_progress', arguments: '' },
    },
    { type: 'response.function_call_arguments.delta', ...at, delta: item.arguments },
    { type: 'response.function_call_arguments.done', ...at, arguments: item.arguments },
    { type: 'response.output_item.done', output_index: 0, item },
  ];
}

/** The same response as the events that `stream: true` sends, in order. */
export function toEvents(response: ModelResponse): ResponseStreamEvent[] {
  const begun: ModelResponse = {
    ...response,
    status: 'in_progress',
    output: [],
    output_text: '',
    usage: undefined,
  };
  const item = response.output[0] as OutputItem;
  const events: Unnumbered[] = [
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
    ...(item.type === 'message' ? messageEvents(item, response.output_text) : callEvents(item)),
    { type: 'response.completed', response },
  ];
  return events.map((event, index): ResponseStreamEvent => ({ ...event, sequence_number: index }));
}
