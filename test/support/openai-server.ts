import { setTimeout as delay } from 'node:timers/promises';
import { chatCompletion, chatEvents } from './openai-chat.ts';
import { contentOf } from './openai-content.ts';
import type { ModelRequest } from './openai-content.ts';
import { response as wholeResponse, responseEvents } from './openai-responses.ts';
import type { Answer, Call } from './script.ts';

/** Answers a call to `/v1/responses` or `/v1/chat/completions` as the script says. */
export async function answerOpenAI(call: Call): Promise<void> {
  const { record, response } = call;
  const isChat = record.path === '/v1/chat/completions';
  if (record.method !== 'POST' || (!isChat && record.path !== '/v1/responses')) {
    return refuse(call, 404, `Invalid URL (${record.method} ${record.path})`);
  }
  const request = JSON.parse(record.body) as ModelRequest;
  const answer = nextAnswer(call, request);
  if (!answer) return refuse(call, 400, 'The script of this test has no answer left');
  // What nobody waits for any more does not hold up the end of the tests.
  await delay(answer.delayMs ?? 0, undefined, { ref: false });
  if ('hang' in answer) return;
  if ('reset' in answer) return void response.socket?.resetAndDestroy();
  if ('error' in answer) {
    const { status, message = 'The server had an error', code, headers } = answer.error;
    return refuse(call, status, message, code, headers);
  }
  const content = contentOf(answer);
  const id = crypto.randomUUID().replaceAll('-', '');
  if (!request.stream) {
    const body = isChat
      ? chatCompletion(id, request, content)
      : wholeResponse(id, request, content);
    response.writeHead(200, { 'content-type': 'application/json', 'x-request-id': `req_${id}` });
    return void response.end(JSON.stringify(body));
  }
  const events = isChat ? chatEvents(id, request, content) : responseEvents(id, request, content);
  await stream(call, answer, events);
}

/** Scripts run in order; a script that is absent, not used up, leaves the echo. */
function nextAnswer({ room, record }: Call, request: ModelRequest): Answer | undefined {
  const header = record.headers['x-script'];
  if (header) return (JSON.parse(decodeURIComponent(header)) as Answer[])[room.answered++];
  return room.answers.shift() ?? { text: lastUserText(request) };
}

async function stream({ record, response }: Call, answer: Answer, events: string[]): Promise<void> {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
  });
  for (const [index, event] of events.entries()) {
    if (record.aborted || index === answer.hangAfter) return;
    if (index === answer.breakAfter) return void response.socket?.resetAndDestroy();
    response.write(event);
    // A turn of the event loop at least, so that the client sees chunks and a departure is noticed.
    await delay(answer.chunkDelayMs ?? 0);
  }
  response.end();
}

function refuse(
  { response }: Call,
  status: number,
  message: string,
  code: string | null = null,
  headers: Record<string, string> = {},
): void {
  const type =
    status === 429 ? 'rate_limit_error' : status < 500 ? 'invalid_request_error' : 'server_error';
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ error: { message, type, param: null, code } }));
}

function lastUserText(request: ModelRequest): string {
  if (typeof request.input === 'string') return request.input;
  const items = (request.input ?? request.messages ?? []) as { role?: string; content?: unknown }[];
  const content = items.findLast((item) => item.role === 'user')?.content;
  if (typeof content === 'string') return content;
  return Array.isArray(content)
    ? content.map((part: { text?: string }) => part.text ?? '').join('')
    : '';
}
