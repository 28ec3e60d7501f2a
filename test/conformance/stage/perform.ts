/** Asks a Worker what a case says, and leaves when it says so. */
import { randomBytes } from 'node:crypto';
import { askAndLeave, leave, openRequest } from '../../node/live/client.ts';
import type { Case } from '../case.ts';
import { expectedSpans } from '../oracle/expect.ts';
import type { Expectation } from '../oracle/judge.ts';
import { plots, sign } from '../plot.ts';
import type { How, Script } from '../script.ts';
import type { Stage } from './server.ts';

/** A request of a case: its own trace, under its own marker. */
export interface Act {
  script: Script;
  expectation: Expectation;
}

/** How often a handler of that kind runs the agent. */
const RUNS: Partial<Record<How, number>> = {
  none: 0,
  'throws-before': 0,
  parallel: 2,
  sequence: 2,
};

const STREAMED: readonly How[] = ['sse', 'text', 'unawaited'];

/** Letters only, so that no check of a name takes it for a secret. */
function makeMarker(): string {
  return Array.from(randomBytes(12), (byte) => String.fromCodePoint(97 + (byte % 26))).join('');
}

/** Requests, whose caller can name the trace. */
function isRequest({ handler }: Case): boolean {
  return handler === 'middleware' || handler === 'fetch';
}

export function prepare(stage: Stage, given: Case): Act {
  const { how = 'json', destination = 'sink', deadline = 'long' } = given;
  const { anyState, traces, status } = given;
  const marker = makeMarker();
  const plot = sign(plots[given.plot], marker);
  const traceId = isRequest(given) ? `trace_${randomBytes(16).toString('hex')}` : undefined;
  const script: Script = {
    marker,
    plot,
    how,
    destination,
    deadline,
    ...(traceId && { traceId }),
  };
  stage.scripts.set(marker, script);
  const runs = given.runs ?? RUNS[how] ?? 1;
  const once = expectedSpans(plot, marker, STREAMED.includes(how));
  const spans = Array.from({ length: runs }, () => once).flat();
  return { script, expectation: { marker, traceId, spans, anyState, traces, status } };
}

/** Resolves when the client has its answer, or has left. */
export async function perform(
  stage: Stage,
  origin: string,
  given: Case,
  { script }: Act,
): Promise<void> {
  for (const [sink, weather] of Object.entries(given.weather ?? {})) {
    stage.weather.set(`${sink}/${script.marker}`, structuredClone(weather));
  }
  if (isRequest(given)) await request(stage, origin, given, script);
  else await raise(origin, given.handler, script.marker);
}

async function request(stage: Stage, origin: string, given: Case, script: Script): Promise<void> {
  const { marker, traceId = '', how, destination, deadline } = script;
  const room = given.handler === 'fetch' ? 'plain' : 'app';
  const url = `${origin}/${room}/${destination}/${deadline}/${how}/${marker}`;
  const headers = {
    traceparent: `00-${traceId.slice('trace_'.length)}-${randomBytes(8).toString('hex')}-01`,
    'x-group-id': marker,
  };
  switch (given.leaves) {
    case undefined: {
      const response = await fetch(url, { method: given.method ?? 'GET', headers });
      // A body that fails at its source is what the case is about.
      const body = await response.text().catch(() => '');
      if (body.includes('not to be had')) throw new Error(body);
      return;
    }
    case 'in the answer':
      // Server-sent events begin with one that is no answer yet; the run's own stream is nothing but answer.
      await askAndLeave(url, headers, (text) =>
        how === 'text' ? text !== '' : /data: \S/.test(text),
      );
      return;
    case 'before an answer':
    case 'during the flush': {
      const isFlush = given.leaves === 'during the flush';
      const arrived = called(stage, marker, isFlush ? 'ingest' : script.plot.answers.length);
      const outgoing = openRequest(url, headers);
      await arrived;
      leave(outgoing);
    }
  }
}

const EMAIL = 'from=customer@shop.example&to=support@shop.example';

/** Brings about an event that is no request. */
async function raise(origin: string, handler: Case['handler'], marker: string): Promise<void> {
  if (handler === 'object-socket') return sendByWebSocket(`${origin}/${handler}/${marker}`, marker);
  if (handler === 'scheduled') return ask(`${origin}/cdn-cgi/local/scheduled?cron=${marker}`);
  if (handler !== 'email') return ask(`${origin}/${handler}/${marker}`);
  const body = [
    'From: customer@shop.example',
    'To: support@shop.example',
    'Message-ID: <order@shop.example>',
    `X-Marker: ${marker}`,
    '',
    'Where is my order?',
  ].join('\r\n');
  return ask(`${origin}/cdn-cgi/local/email?${EMAIL}`, { method: 'POST', body });
}

/** What the handler makes of it is the case's, so a failure is none of ours. */
async function ask(url: string, init?: RequestInit): Promise<void> {
  await (await fetch(url, init)).text();
}

async function sendByWebSocket(url: string, message: string): Promise<void> {
  const socket = new WebSocket(url.replace('http', 'ws'));
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', () => socket.send(message));
    socket.addEventListener('message', resolve);
    socket.addEventListener('error', reject);
  });
  socket.close();
}

/** Resolves when the model has had that many calls of a request, or a sink its first. */
function called(stage: Stage, marker: string, what: number | 'ingest'): Promise<void> {
  return new Promise((resolve) => {
    stage.watchers.set(marker, (call) => {
      if (call === what) resolve();
    });
  });
}
