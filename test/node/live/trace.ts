/** What a test asks a fixture Worker with, and reads back. */
import { randomBytes } from 'node:crypto';
import type { FlushReport } from '../../../src/model/exporter.ts';
import type { TraceBatch } from '../../../src/model/records.ts';
import type { Answer as ModelAnswer, Fault, RecordedRequest } from '../../support/script.ts';

/** A request of a run that the test can find again. */
export interface Marked {
  traceId: string;
  headers: Record<string, string>;
}

export const toolThenText: ModelAnswer[] = [
  { toolCalls: [{ name: 'lookup_order', arguments: { id: 'A-1' } }] },
  { text: 'Your order is on its way.' },
];

/** What that run leaves behind, sorted. */
export const ALL_KINDS = ['agent', 'function', 'response', 'response', 'task', 'turn', 'turn'];

export function marked(script: ModelAnswer[] = toolThenText, groupId?: string): Marked {
  const id = randomBytes(16).toString('hex');
  return {
    traceId: `trace_${id}`,
    headers: {
      traceparent: `00-${id}-${randomBytes(8).toString('hex')}-01`,
      'x-token': id,
      'x-script': encodeURIComponent(JSON.stringify(script)),
      ...(groupId !== undefined && { 'x-group-id': groupId }),
    },
  };
}

export interface Account {
  reports: FlushReport[];
  batches: Record<string, TraceBatch[]>;
}

async function accountOf(origin: string, traceId: string): Promise<Account> {
  return (await fetch(`${origin}/account/${traceId}`)).json<Account>();
}

/** The account once there is a flush in it; `vi.waitFor` would hide which trace it waits for. */
export async function flushedAccount(
  origin: string,
  traceId: string,
  withinMs = 5_000,
): Promise<Account> {
  const until = Date.now() + withinMs;
  for (;;) {
    const account = await accountOf(origin, traceId);
    if (account.reports.length > 0) return account;
    if (Date.now() > until) throw new Error(`${traceId} was not flushed within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export function kindsOf(batches: readonly TraceBatch[] = []): string[] {
  return batches.flatMap(({ spans }) => spans.map(({ facts }) => facts.kind)).toSorted();
}

/** What the model was asked so far for one marked request. */
export function modelRequests(
  supportUrl: string,
  { 'x-token': token }: Marked['headers'],
): Promise<RecordedRequest[]> {
  return recorded(`${supportUrl}/openai/${token}`);
}

export function sinkRequests(supportUrl: string, token: string): Promise<RecordedRequest[]> {
  return recorded(`${supportUrl}/sink/${token}`);
}

async function recorded(room: string): Promise<RecordedRequest[]> {
  return (await fetch(`${room}/control/requests`)).json<RecordedRequest[]>();
}

/** What the next requests to a sink meet, one fault each. */
export async function setFaults(supportUrl: string, token: string, faults: Fault[]): Promise<void> {
  const body = JSON.stringify(faults);
  await (await fetch(`${supportUrl}/sink/${token}/control/faults`, { method: 'PUT', body })).text();
}

/** A record as the ingest of OpenAI is sent it. */
export interface Item {
  object: 'trace' | 'trace.span';
  id: string;
  trace_id?: string;
  group_id?: string | null;
  span_data?: { type: string; data?: { sdk_span_type?: string } };
}

export function ingested({ body }: RecordedRequest): Item[] {
  return (JSON.parse(body) as { data: Item[] }).data;
}
