import { groupBySize } from '../model/bytes.ts';
import { ENVELOPE_VERSION } from '../model/envelope.ts';
import type { Envelope } from '../model/envelope.ts';
import { describeError, PartialExportError, SluiceError } from '../model/errors.ts';
import type { TraceExporter } from '../model/exporter.ts';
import {
  MAX_QUEUE_BATCH_BYTES,
  MAX_QUEUE_BATCH_MESSAGES,
  MAX_QUEUE_MESSAGE_BYTES,
  MIN_CHUNK_BYTES,
} from '../model/limits.ts';
import { packSized } from '../model/pack.ts';
import type { SizedChunk } from '../model/pack.ts';
import type { TraceBatch } from '../model/records.ts';
import { withSignal } from '../model/signal.ts';

export interface QueueExporterOptions {
  /** The key in the flush report. @default 'queue' */
  name?: string;
  /**
   * Largest message in UTF-8 bytes, from 16,000 to 127,000. Queues bill each
   * started 64,000 bytes of a message as an operation. @default 120_000
   */
  maxMessageBytes?: number;
}

/** Queues take 128,000 bytes of body and metadata. */
const MAX_MESSAGE_BYTES = 127_000;

/** `{"v":1,"chunks":[]}` */
const ENVELOPE_BYTES = 20;

/**
 * Sends traces into a queue, packed: many spans to a message, many messages to
 * a call. What `traceConsumer` takes out at the other end.
 *
 * `export` rejects with a `PartialExportError` that counts the spans which the
 * queue took, also where that is none, and with `export_timeout` when the
 * deadline came before the first. Sending the same batch again makes the same
 * chunks, which a store recognises.
 *
 * @param queue the producer binding, `env.TRACES_QUEUE` or what wrangler.toml calls it
 * @throws SluiceError `missing_binding` when there is no such binding, `invalid_option` for an option out of range
 *
 * @example
 * ```ts
 * import { agentTracing } from 'sluice';
 * import { queueExporter } from 'sluice/queue';
 *
 * interface Env { TRACES_QUEUE: Queue }
 *
 * const tracing = agentTracing<Env>({
 *   workflow: 'support_triage',
 *   exporters: (env) => [queueExporter(env.TRACES_QUEUE)],
 * });
 * ```
 */
export function queueExporter(
  queue: Pick<Queue, 'sendBatch'>,
  { name = 'queue', maxMessageBytes = MAX_QUEUE_MESSAGE_BYTES }: QueueExporterOptions = {},
): TraceExporter {
  if (typeof queue?.sendBatch !== 'function') {
    throw new SluiceError(
      'missing_binding',
      'queueExporter() needs a queue: pass env.TRACES_QUEUE, and add to wrangler.toml\n[[queues.producers]]\nbinding = "TRACES_QUEUE"\nqueue = "sluice-traces"',
    );
  }
  if (!(maxMessageBytes >= MIN_CHUNK_BYTES && maxMessageBytes <= MAX_MESSAGE_BYTES)) {
    throw new SluiceError(
      'invalid_option',
      `queueExporter(): maxMessageBytes must be from ${MIN_CHUNK_BYTES} to ${MAX_MESSAGE_BYTES}`,
    );
  }
  return {
    name,
    async export(batch, { signal }) {
      let sent = 0;
      let failure: { cause: unknown } | undefined;
      for (const call of packCalls(batch, maxMessageBytes)) {
        const messages = call.map(toMessage);
        try {
          await withSignal(signal, 'sending to the queue', () => queue.sendBatch(messages));
          sent += call.flat().flatMap(({ chunk }) => chunk.spans).length;
        } catch (cause) {
          // A call that failed takes nothing from those after it; past the deadline each fails at once.
          failure ??= { cause };
        }
      }
      if (!failure) return;
      const { cause } = failure;
      if (!sent && cause instanceof SluiceError) throw cause;
      const message = `the queue did not take all: ${describeError(cause)}`;
      throw new PartialExportError(message, sent, failure);
    },
  };
}

/** Small traces share a message; a large one is spread over several; each call holds what `sendBatch` takes. */
function packCalls(batch: TraceBatch, maxMessageBytes: number): SizedChunk[][][] {
  const bytes = maxMessageBytes - ENVELOPE_BYTES;
  const bytesOf = (chunk: SizedChunk): number => chunk.bytes;
  const messages = groupBySize(packSized(batch, bytes), bytesOf, { bytes });
  const messageBytes = (chunks: SizedChunk[]): number =>
    chunks.reduce((sum, chunk) => sum + chunk.bytes, ENVELOPE_BYTES);
  return groupBySize(messages, messageBytes, {
    bytes: MAX_QUEUE_BATCH_BYTES,
    count: MAX_QUEUE_BATCH_MESSAGES,
  });
}

function toMessage(chunks: SizedChunk[]): MessageSendRequest<Envelope> {
  return {
    body: { v: ENVELOPE_VERSION, chunks: chunks.map(({ chunk }) => chunk) },
    contentType: 'json',
  };
}
