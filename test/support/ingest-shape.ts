import type { RecordedRequest } from './script.ts';

type Fields = Record<string, unknown>;

/**
 * What the trace ingest refuses, as far as its error messages and the SDK's own
 * work-arounds tell: unknown parameters, wrong types, no credentials.
 *
 * @returns the status that it answers, and why.
 */
export function ingestComplaint(request: RecordedRequest): [status: number, message: string] {
  if (!/^Bearer \S+$/.test(request.headers.authorization ?? ''))
    return [401, 'Missing bearer token'];
  if (request.headers['openai-beta'] !== 'traces=v1') return [400, 'Missing OpenAI-Beta header'];
  let body: unknown;
  try {
    body = JSON.parse(request.body);
  } catch (error) {
    return [400, `We could not parse the JSON body: ${String(error)}`];
  }
  const items = isFields(body) ? body.data : undefined;
  if (!Array.isArray(items)) return [400, "Invalid type for 'data': expected an array"];
  for (const [index, item] of items.entries()) {
    const complaint = isFields(item) ? itemComplaint(item) : 'expected an object';
    if (complaint) return [400, `data[${index}]: ${complaint}`];
  }
  return [204, ''];
}

function itemComplaint(item: Fields): string | undefined {
  if (item.object === 'trace') {
    return (
      unknownKey(item, ['object', 'id', 'workflow_name', 'group_id', 'metadata']) ??
      wrongType(item, {
        id: 'string',
        workflow_name: 'string',
        group_id: 'string?',
        metadata: 'flat',
      })
    );
  }
  if (item.object !== 'trace.span') return 'unknown object';
  const known = [
    'object',
    'id',
    'trace_id',
    'parent_id',
    'started_at',
    'ended_at',
    'span_data',
    'error',
  ];
  const complaint =
    unknownKey(item, known) ??
    wrongType(item, {
      id: 'string',
      trace_id: 'string',
      parent_id: 'string?',
      started_at: 'string?',
    }) ??
    wrongType(item, { ended_at: 'string?', span_data: 'object', error: 'object?' });
  if (complaint) return complaint;
  const error = item.error as Fields | null | undefined;
  return (
    (error ? wrongType(error, { message: 'string', data: 'object?' }) : undefined) ??
    dataComplaint(item.span_data as Fields)
  );
}

const SPAN_DATA: Record<string, Record<string, string>> = {
  agent: { name: 'string', handoffs: 'strings?', tools: 'strings?', output_type: 'string?' },
  function: { name: 'string', input: 'string?', output: 'string?', mcp_data: 'string?' },
  generation: {
    input: 'array?',
    output: 'array?',
    model: 'string?',
    model_config: 'object?',
    usage: 'object?',
  },
  response: { response_id: 'string?' },
  handoff: { from_agent: 'string?', to_agent: 'string?' },
  custom: { name: 'string', data: 'object' },
  guardrail: { name: 'string', triggered: 'boolean' },
  transcription: { input: 'object?', output: 'string?', model: 'string?', model_config: 'object?' },
  speech: { input: 'string?', output: 'object?', model: 'string?', model_config: 'object?' },
  speech_group: { input: 'string?' },
  mcp_tools: { server: 'string?', result: 'strings?' },
};

function dataComplaint(data: Fields): string | undefined {
  const shape = SPAN_DATA[String(data.type)];
  if (!shape) return `unknown span type ${String(data.type)}`;
  const complaint = unknownKey(data, ['type', ...Object.keys(shape)]) ?? wrongType(data, shape);
  if (complaint || !isFields(data.usage)) return complaint;
  return (
    unknownKey(data.usage, ['input_tokens', 'output_tokens', 'details']) ??
    wrongType(data.usage, { input_tokens: 'number', output_tokens: 'number', details: 'object?' })
  );
}

function unknownKey(value: Fields, known: string[]): string | undefined {
  const key = Object.keys(value).find((name) => !known.includes(name));
  return key === undefined ? undefined : `unknown parameter '${key}'`;
}

function wrongType(value: Fields, shape: Record<string, string>): string | undefined {
  for (const [key, type] of Object.entries(shape)) {
    const field = value[key];
    const absent = field === undefined || field === null;
    if (absent ? !type.endsWith('?') : !hasType(field, type.replace('?', ''))) {
      return `invalid type for '${key}': expected ${type}`;
    }
  }
  return undefined;
}

function hasType(value: unknown, type: string): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'strings')
    return Array.isArray(value) && value.every((item) => typeof item === 'string');
  if (type === 'flat')
    return isFields(value) && Object.values(value).every((item) => typeof item === 'string');
  if (type === 'object') return isFields(value);
  return typeof value === type;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
