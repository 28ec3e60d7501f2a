/** `POST /support` answers in JSON, `POST /support/stream` as it is being written. */
import { Hono } from 'hono';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { streamSSE } from 'hono/streaming';
import type { SSEStreamingApi } from 'hono/streaming';
import type { RunStreamEvent } from '@openai/agents';
import { triage } from '../agents.ts';
import { loadCustomer } from '../customer.ts';
import type { Env } from '../env.ts';
import { supportRunner } from '../model.ts';
import type { SupportContext } from '../tools.ts';
import { readSupportBody } from './body.ts';
import { describeFailure } from './failure.ts';

const MAX_TURNS = 8;

type SupportRequest = Context<{ Bindings: Env }>;

export const support: Hono<{ Bindings: Env }> = new Hono<{ Bindings: Env }>();

support.onError((error, c) => {
  if (!(error instanceof HTTPException)) throw error;
  return c.json({ error: 'invalid_request', message: error.message }, error.status);
});

async function runOptions(
  c: SupportRequest,
): Promise<{ maxTurns: number; context: SupportContext }> {
  const { plan } = await loadCustomer(c.req.raw.headers);
  return { maxTurns: MAX_TURNS, context: { env: c.env, plan } };
}

/** A trace shows that there was an answer; whether it is one that the client can use is for the application to say. */
function recordOutcome(c: SupportRequest, answer: string | undefined): void {
  c.var.agentTrace.outcome('answer_given', Boolean(answer));
}

support.post('/', async (c) => {
  const { message } = await readSupportBody(c.req.raw);
  try {
    const result = await supportRunner(c.env).run(triage, message, await runOptions(c));
    recordOutcome(c, result.finalOutput);
    return c.json({ agent: result.lastAgent?.name, answer: result.finalOutput });
  } catch (error) {
    const { status, ...body } = describeFailure(error);
    return c.json(body, status);
  }
});

/** The events that a client sees; the rest is between the model and us. */
async function forward(event: RunStreamEvent, sse: SSEStreamingApi): Promise<void> {
  if (event.type === 'agent_updated_stream_event') {
    await sse.writeSSE({ event: 'agent', data: JSON.stringify({ agent: event.agent.name }) });
  } else if (event.type === 'raw_model_stream_event' && event.data.type === 'output_text_delta') {
    await sse.writeSSE({ event: 'text', data: JSON.stringify({ delta: event.data.delta }) });
  }
}

async function streamAnswer(
  c: SupportRequest,
  message: string,
  sse: SSEStreamingApi,
  signal: AbortSignal,
): Promise<void> {
  try {
    const options = await runOptions(c);
    const result = await supportRunner(c.env).run(triage, message, {
      ...options,
      stream: true,
      signal,
    });
    for await (const event of result) await forward(event, sse);
    await result.completed;
    if (signal.aborted) return c.var.agentTrace.outcome('answer_given', false, 'client_left');
    recordOutcome(c, result.finalOutput);
    await sse.writeSSE({ event: 'done', data: JSON.stringify({ agent: result.lastAgent?.name }) });
  } catch (error) {
    if (signal.aborted) return;
    const { error: code, message: text } = describeFailure(error);
    await sse.writeSSE({ event: 'error', data: JSON.stringify({ error: code, message: text }) });
  }
}

support.post('/stream', async (c) => {
  const { message } = await readSupportBody(c.req.raw);
  return streamSSE(c, async (sse) => {
    const client = new AbortController();
    // A client that left must not go on costing tokens.
    sse.onAbort(() => client.abort());
    await streamAnswer(c, message, sse, client.signal);
  });
});
