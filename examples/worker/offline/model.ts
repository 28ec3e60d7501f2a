/**
 * A model that needs no key and no network: a `fetch` for the OpenAI client that
 * answers over the Responses API, JSON and SSE. The client, and so every span of
 * a run, is the one that production has.
 */
import type {
  Response as ModelResponse,
  ResponseStreamEvent,
} from 'openai/resources/responses/responses';
import { decide } from './decide.ts';
import { readModelRequest } from './request.ts';
import { toEvents, toResponse } from './wire.ts';

/** What the model takes from outside: time, and ids that nothing else has. */
export interface OfflineModelOptions {
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Resolves after `ms`, or rejects when the signal aborts. */
  sleep: (ms: number, signal?: AbortSignal | null) => Promise<void>;
  newId: () => string;
}

/** Long enough to see in a trace, short enough to try things out. */
const THINKING_MS = 40;
const PIECE_MS = 12;

function errorResponse(status: number, type: string, message: string): Response {
  return Response.json({ error: { message, type, param: null, code: null } }, { status });
}

function eventStream(
  events: readonly ResponseStreamEvent[],
  sleep: OfflineModelOptions['sleep'],
  signal?: AbortSignal | null,
): Response {
  const encoder = new TextEncoder();
  let next = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const event = events[next];
      if (event === undefined) {
        controller.close();
        return;
      }
      next += 1;
      if (event.type === 'response.output_text.delta') await sleep(PIECE_MS, signal);
      controller.enqueue(
        encoder.encode(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`),
      );
    },
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } });
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The caller turns it into the provider's 400 for a body that is no request.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function answer(
  request: Request,
  options: OfflineModelOptions,
  signal?: AbortSignal | null,
): Promise<Response> {
  const path = new URL(request.url).pathname;
  if (request.method !== 'POST' || !path.endsWith('/responses')) {
    return errorResponse(
      404,
      'invalid_request_error',
      `The offline model answers POST /responses only, not ${request.method} ${path}.`,
    );
  }
  const read = readModelRequest(readJson(await request.text()));
  if ('problem' in read) return errorResponse(400, 'invalid_request_error', read.problem);
  const stamp = { createdAt: Math.floor(options.now() / 1000), id: options.newId() };
  const response: ModelResponse = toResponse(read, decide(read), stamp);
  await options.sleep(THINKING_MS, signal);
  return read.stream
    ? eventStream(toEvents(response), options.sleep, signal)
    : Response.json(response);
}

/**
 * @returns a `fetch` that never leaves the process.
 * @example
 * ```ts
 * const client = new OpenAI({ apiKey: 'offline', fetch: offlineModel({ now, sleep, newId }) });
 * ```
 */
export function offlineModel(
  options: OfflineModelOptions,
): (input: string | URL | Request, init?: RequestInit) => Promise<Response> {
  return (input, init) =>
    answer(new Request(input, { ...init, signal: null }), options, init?.signal);
}
