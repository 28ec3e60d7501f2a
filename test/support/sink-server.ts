import { setTimeout as delay } from 'node:timers/promises';
import { ingestComplaint } from './ingest-shape.ts';
import type { Call } from './script.ts';

const INGEST_PATH = '/v1/traces/ingest';

/** Accepts what the trace ingest would accept; any other path accepts anything. */
export async function answerSink({ room, record, response }: Call): Promise<void> {
  const fault = room.faults.shift();
  if (fault && 'hang' in fault) return;
  if (fault && 'reset' in fault) return void response.socket?.resetAndDestroy();
  if (fault && 'endless' in fault) {
    const drip = setInterval(() => response.write('x'.repeat(1024)), 20);
    response.on('close', () => clearInterval(drip));
    return void response.writeHead(fault.endless, { 'content-type': 'text/plain' });
  }
  if (fault && 'status' in fault) {
    return void response.writeHead(fault.status, fault.headers).end(fault.body);
  }
  if (fault) await delay(fault.slowMs);
  if (record.path !== INGEST_PATH) return void response.writeHead(204).end();
  const [status, message] = ingestComplaint(record);
  if (status === 204) return void response.writeHead(204).end();
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(
    JSON.stringify({ error: { message, type: 'invalid_request_error', param: null, code: null } }),
  );
}
