/**
 * The world around a Worker, in the process of the test: the fake OpenAI, two
 * sinks whose faults are set for each request's marker, and the scripts that
 * tell the Worker what to do.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { ingestComplaint } from '../../support/ingest-shape.ts';
import { answerOpenAI } from '../../support/openai-server.ts';
import type { Fault, RecordedRequest, Room } from '../../support/script.ts';
import type { WireItem } from '../oracle/records.ts';
import type { Script } from '../script.ts';

/** A POST that a sink has had. */
interface IngestCall {
  sink: string;
  items: WireItem[];
  /** It was answered with success, so what it carried is stored. */
  accepted: boolean;
}

/** What a sink does with the POSTs that carry a marker's trace. */
export interface Weather {
  /** One for each POST, in order. */
  faults?: Fault[];
  /** And then this, for as long as it is set. */
  always?: Fault;
  /** `always` is over that long after the first POST. */
  clearsAfterMs?: number;
  /** When the first POST came, in milliseconds since the epoch. */
  since?: number;
}

export interface Stage {
  url: string;
  scripts: Map<string, Script>;
  /** By sink and marker: `a/<marker>`. */
  weather: Map<string, Weather>;
  calls: IngestCall[];
  /** The marker of each trace that a sink has seen, accepted or not. */
  groups: Map<string, string>;
  /** Told of each call to the model or a sink for a request, as it comes. */
  watchers: Map<string, Watcher>;
  /** Lets go of all that is known of these markers. */
  forget(markers: ReadonlySet<string>): void;
  close(): Promise<void>;
}

/** Gets how many calls the model has had, or that it is a sink that was called. */
type Watcher = (call: number | 'ingest') => void;

const MAX_HEADER_BYTES = 512_000;

/** A connection that is closed just when a Worker takes it up again would be a fault that no case asked for. */
const KEEP_ALIVE_MS = 300_000;

export async function openStage(): Promise<Stage> {
  const server = createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    keepAliveTimeout: KEEP_ALIVE_MS,
  });
  const rooms = new Map<string, Room>();
  const stage: Stage = {
    url: '',
    scripts: new Map(),
    weather: new Map(),
    calls: [],
    groups: new Map(),
    watchers: new Map(),
    forget(markers) {
      forget(stage, markers);
      for (const token of rooms.keys()) {
        if (markers.has(token.split('-', 1)[0] ?? '')) rooms.delete(token);
      }
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  server.on('request', (request, response) => {
    serve(stage, rooms, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end(String(error));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stage.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return stage;
}

function forget(
  { scripts, weather, calls, groups, watchers }: Stage,
  markers: ReadonlySet<string>,
): void {
  const isOld = ({ items }: IngestCall): boolean =>
    items.every(({ id, trace_id: traceId = id }) => markers.has(groups.get(traceId) ?? ''));
  calls.splice(0, calls.length, ...calls.filter((call) => !isOld(call)));
  for (const [id, marker] of groups) if (markers.has(marker)) groups.delete(id);
  for (const marker of markers) {
    scripts.delete(marker);
    watchers.delete(marker);
    for (const sink of ['a', 'b']) weather.delete(`${sink}/${marker}`);
  }
}

async function serve(
  stage: Stage,
  rooms: Map<string, Room>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [, kind = '', token = '', path = '/'] =
    /^\/([^/]+)\/([^/]+)(\/.*)?$/.exec(request.url ?? '') ?? [];
  if (kind === 'scripts') return json(response, stage.scripts.get(token));
  const record = recordOf(request, path);
  response.on('close', () => (record.aborted = !response.writableFinished));
  record.body = await textOf(request);
  if (kind === 'sink') return ingest(stage, token, record, response);
  if (kind !== 'openai') return void response.writeHead(404).end();
  const room = rooms.get(token) ?? { requests: [], faults: [], answers: [], answered: 0 };
  rooms.set(token, room);
  stage.watchers.get(token.split('-', 1)[0] ?? '')?.(room.answered + 1);
  await answerOpenAI({ room, record, response });
}

async function ingest(
  stage: Stage,
  sink: string,
  record: RecordedRequest,
  response: ServerResponse,
): Promise<void> {
  const [status, message] = ingestComplaint(record);
  if (status !== 204) return void response.writeHead(status).end(message);
  const { data: items } = JSON.parse(record.body) as { data: WireItem[] };
  for (const { object, id, group_id: group } of items) {
    if (object === 'trace' && group) stage.groups.set(id, group);
  }
  const call: IngestCall = { sink, items, accepted: false };
  stage.calls.push(call);
  for (const { id, trace_id: traceId = id } of items) {
    stage.watchers.get(stage.groups.get(traceId) ?? '')?.('ingest');
  }
  const fault = faultOf(stage, sink, items);
  if (fault && 'slowMs' in fault) await delay(fault.slowMs);
  else if (fault) {
    misbehave(fault, response);
    return;
  }
  // A client that has left by now was never told, so it may send again.
  call.accepted = !record.aborted;
  response.writeHead(204).end();
}

/** The next fault of whichever request of the call has one. */
function faultOf(
  { weather, groups }: Stage,
  sink: string,
  items: readonly WireItem[],
): Fault | undefined {
  for (const { id, trace_id: traceId = id } of items) {
    const own = weather.get(`${sink}/${groups.get(traceId)}`);
    if (!own) continue;
    own.since ??= Date.now();
    const isClear = Date.now() - own.since > (own.clearsAfterMs ?? Infinity);
    const fault = own.faults?.shift() ?? (isClear ? undefined : own.always);
    if (fault) return fault;
  }
  return undefined;
}

function misbehave(fault: Fault, response: ServerResponse): void {
  if ('reset' in fault) response.socket?.resetAndDestroy();
  if ('status' in fault) response.writeHead(fault.status, fault.headers).end(fault.body);
}

function recordOf({ method = '', headers }: IncomingMessage, path: string): RecordedRequest {
  const named = Object.entries(headers).map(([name, value]) => [name, String(value)]);
  return { method, path, headers: Object.fromEntries(named), body: '', at: 0, aborted: false };
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(value === undefined ? 404 : 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value ?? null));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
