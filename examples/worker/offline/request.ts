/** Reads a Responses API request into the little that the offline model needs of it. */
import { z } from 'zod';

export type ConversationItem =
  | { kind: 'message'; role: string; text: string }
  | { kind: 'call'; callId: string; name: string; arguments: string }
  | { kind: 'result'; callId: string; output: string };

export interface OfferedTool {
  name: string;
  description: string;
  parameters: ParameterSchema;
}

export interface ModelRequest {
  model: string;
  stream: boolean;
  instructions: string;
  items: ConversationItem[];
  tools: OfferedTool[];
}

const text = z.union([
  z.string(),
  z
    .array(z.looseObject({ text: z.string().optional() }))
    .transform((parts) => parts.map((part) => part.text ?? '').join('\n')),
]);

const item = z.union([
  z
    .object({
      type: z.literal('function_call'),
      call_id: z.string(),
      name: z.string(),
      arguments: z.string(),
    })
    .transform((call): ConversationItem => ({
      kind: 'call',
      callId: call.call_id,
      name: call.name,
      arguments: call.arguments,
    })),
  z
    .object({ type: z.literal('function_call_output'), call_id: z.string(), output: text })
    .transform((result): ConversationItem => ({
      kind: 'result',
      callId: result.call_id,
      output: result.output,
    })),
  z
    .object({ type: z.literal('message').optional(), role: z.string(), content: text })
    .transform((message): ConversationItem => ({
      kind: 'message',
      role: message.role,
      text: message.content,
    })),
]);

const parameterSchema = z.object({
  properties: z
    .record(
      z.string(),
      z.object({
        type: z.string().optional(),
        description: z.string().optional(),
        pattern: z.string().optional(),
        enum: z.array(z.string()).optional(),
      }),
    )
    .default({}),
  required: z.array(z.string()).default([]),
});

/** The part of a tool's JSON schema that says how to fill its arguments. */
export type ParameterSchema = z.infer<typeof parameterSchema>;

const functionTool = z.object({
  type: z.literal('function'),
  name: z.string(),
  description: z.string().nullish(),
  parameters: parameterSchema.nullish(),
});

const body = z.object({
  model: z.string(),
  stream: z.boolean().nullish(),
  instructions: z.string().nullish(),
  input: z.union([z.string(), z.array(z.unknown())]),
  tools: z.array(z.unknown()).nullish(),
});

/** Item and tool types that this model has no use for (reasoning, hosted tools) are passed over, as a model may. */
function known<T>(schema: z.ZodType<T>, values: readonly unknown[]): T[] {
  return values.flatMap((value) => {
    const parsed = schema.safeParse(value);
    return parsed.success ? [parsed.data] : [];
  });
}

/** @returns the request, or what is wrong with it. */
export function readModelRequest(value: unknown): ModelRequest | { problem: string } {
  const parsed = body.safeParse(value);
  if (!parsed.success) return { problem: z.prettifyError(parsed.error) };
  const { model, stream, instructions, input, tools } = parsed.data;
  return {
    model,
    stream: stream ?? false,
    instructions: instructions ?? '',
    items:
      typeof input === 'string'
        ? [{ kind: 'message', role: 'user', text: input }]
        : known(item, input),
    tools: known(functionTool, tools ?? []).map((tool) => ({
      name: tool.name,
      description: tool.description ?? '',
      parameters: tool.parameters ?? { properties: {}, required: [] },
    })),
  };
}
