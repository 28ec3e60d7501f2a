/**
 * One HTTP server on loopback for the whole test run, so that exporters and the
 * OpenAI client talk to real sockets. State is kept per token: parallel tests
 * that use their own tokens never see each other.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerOpenAI } from './openai-server.ts';
import type { Answer, Call, Fault, RecordedRequest, Room } from './script.ts';
import { answerSink } from './sink-server.ts';

type Handler = (call: Call) => Promise<void> | void;

const handlers: Record<string, Handler> = { sink: answerSink, openai: answerOpenAI };

/** Scripts travel in a header. */
const MAX_HEADER_BYTES = 512_000;

export async function startSupportServer(): Promise<{ url: string; close(): Promise<void> }> {
  const rooms = new Map<string, Room>();
  // A connection that is closed just when a Worker takes it up again is a fault that no test asked for.
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: 300_000 });
  server.on('request', (request, response) => {
    serve(rooms, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end(String(error));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function serve(
  rooms: Map<string, Room>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [, kind = '', token = '', rest = '/'] =
    /^\/([^/]+)\/([^/]+)(\/.*)$/.exec(request.url ?? '') ?? [];
  const handler = handlers[kind];
  if (!handler) return void response.writeHead(404).end();
  const key = `${kind}/${token}`;
  const room = rooms.get(key) ?? { requests: [], faults: [], answers: [], answered: 0 };
  rooms.set(key, room);
  const record: RecordedRequest = {
    method: request.method ?? '',
    path: rest,
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    ),
    body: '',
    at: 0,
    aborted: false,
  };
  if (rest.startsWith('/control/')) return control(room, record, request, response);
  // Noted before the body is read: a client that leaves half-way was here too.
  room.requests.push(record);
  response.on('close', () => (record.aborted = !response.writableFinished));
  record.body = await read(request);
  record.at = Date.now();
  await handler({ room, record, response });
}

async function control(
  room: Room,
  { method, path }: RecordedRequest,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await read(request);
  switch (`${method} ${path}`) {
    case 'PUT /control/faults':
      room.faults = JSON.parse(body) as Fault[];
      break;
    case 'PUT /control/answers':
      room.answers.push(...(JSON.parse(body) as Answer[]));
      break;
    case 'GET /control/requests':
      break;
    default:
      return void response.writeHead(404).end();
  }
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(room.requests));
}

async function read(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
