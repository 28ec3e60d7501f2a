/** Every way that bytes leave by, and all that left. */
import { createExecutionContext, createMessageBatch } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { vi } from 'vitest';
import { consoleExporter } from '../../src/destinations/console.ts';
import { openaiExporter } from '../../src/destinations/openai.ts';
import type { FlushReport, TraceExporter } from '../../src/model/exporter.ts';
import { deadLetterConsumer } from '../../src/queue/dead-letters.ts';
import { traceConsumer } from '../../src/queue/consumer.ts';
import { queueExporter } from '../../src/queue/exporter.ts';
import { d1Exporter, d1Store } from '../../src/store/d1.ts';
import { openSink } from '../support/sink.ts';

type Bodies = unknown[];

/** A producer's end of a queue that notes what it passes on to the real one. */
function noting(bodies: Bodies): Queue {
  return {
    send: async (body: unknown, options?: QueueSendOptions) => {
      bodies.push(body);
      return env.TRACES_QUEUE.send(body, options);
    },
    sendBatch: async (messages: Iterable<MessageSendRequest>, options?: QueueSendBatchOptions) => {
      const all = [...messages];
      bodies.push(...all.map(({ body }) => body));
      return env.TRACES_QUEUE.sendBatch(all, options);
    },
  } as unknown as Queue;
}

export class WaysOut {
  readonly exporters: TraceExporter[];
  readonly reports: FlushReport[] = [];
  readonly #lines: unknown[] = [];
  readonly #queued: Bodies = [];
  readonly #fallen: Bodies = [];
  readonly #sink = openSink();
  readonly #broken = openSink();

  constructor() {
    const apiKey = 'not-a-key';
    this.exporters = [
      queueExporter(noting(this.#queued)),
      d1Exporter(env.TRACES_DB),
      consoleExporter(),
      openaiExporter({ apiKey, endpoint: this.#sink.ingestUrl }),
      openaiExporter({
        name: 'broken',
        apiKey,
        endpoint: this.#broken.ingestUrl,
        fallback: queueExporter(noting(this.#fallen), { name: 'fallen' }),
      }),
      {
        name: 'echoing',
        // As a careless exporter would: what it could not deliver is in its message.
        export: async (batch) => {
          const texts = batch.spans.map(
            ({ span_data: { data } }) => Object(data)['text'] as unknown,
          );
          throw new Error(`could not deliver ${texts.filter(Boolean).join()}`);
        },
      },
    ];
    for (const level of ['log', 'warn', 'error', 'info', 'debug'] as const)
      vi.spyOn(console, level).mockImplementation((...line: unknown[]) => {
        this.#lines.push(line.map(String).join(' '));
      });
  }

  /** The broken destination sends back what it is told, as an API's error does that quotes its input. */
  async breakWith(echo: string): Promise<void> {
    await this.#broken.setFaults(
      ...Array.from({ length: 50 }, () => ({ status: 400, body: echo })),
    );
  }

  /** All bytes, by the way that they left by. */
  async bytes(): Promise<Record<string, string>> {
    await this.#consume();
    const received = [...(await this.#sink.requests()), ...(await this.#broken.requests())];
    return {
      queue: JSON.stringify(this.#queued),
      fallback: JSON.stringify(this.#fallen),
      http: JSON.stringify(received),
      console: JSON.stringify(this.#lines),
      reports: JSON.stringify(this.reports),
      database: await dump(),
    };
  }

  /** Consumers at the other end: one that stores, one for dead letters, one that cannot read what it gets. */
  async #consume(): Promise<void> {
    const store = d1Store(env.TRACES_DB);
    const bodies = [...this.#queued, ...this.#fallen];
    const spoilt = bodies.map((body) => ({ ...(body as object), chunks: [{ chunk_id: 7, body }] }));
    const consume = async (
      consumer: (batch: MessageBatch, environment: object, ctx: ExecutionContext) => Promise<void>,
      queue: string,
      messages: readonly unknown[],
    ): Promise<void> => {
      const batch = createMessageBatch(
        queue,
        messages.map((body, n) => ({ id: `m${n}`, timestamp: new Date(), attempts: 1, body })),
      );
      await consumer(batch, env, createExecutionContext());
    };
    await consume(traceConsumer({ store }), 'traces', [...bodies, ...spoilt]);
    await consume(deadLetterConsumer({ store }), 'traces-dead', [...bodies, ...spoilt]);
  }
}

/** Every row of every table. */
async function dump(): Promise<string> {
  const { results } = await env.TRACES_DB.prepare(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%cf_%'",
  ).all<{ name: string }>();
  const tables = await Promise.all(
    results.map(async ({ name }) => [
      name,
      (await env.TRACES_DB.prepare(`SELECT * FROM "${name}"`).all()).results,
    ]),
  );
  return JSON.stringify(tables);
}
