/** `sluice/openai`: traces to OpenAI's dashboard, after the policy, with an honest answer. */
import { byteLength, groupBySize } from '../model/bytes.ts';
import { SluiceError } from '../model/errors.ts';
import type { TraceExporter } from '../model/exporter.ts';
import { MAX_INGEST_BODY_BYTES, MAX_INGEST_ITEMS } from '../model/limits.ts';
import type { SpanRecord, TraceBatch, TraceRecord } from '../model/records.ts';
import { assertFallback } from './fallback.ts';
import { exportOverHttp } from './http-export.ts';
import type { HttpTarget, Payloads } from './http-export.ts';
import type { HttpService } from './http-post.ts';
import { wireSpan, wireTrace } from './openai-wire.ts';

const INGEST_URL = 'https://api.openai.com/v1/traces/ingest';

export interface OpenAIExporterOptions {
  /**
   * The key whose organization and project get the traces, such as `env.OPENAI_API_KEY`.
   * Undefined or blank is no error here: every export rejects with `missing_api_key`, so that the flush report says it.
   */
  apiKey: string | undefined;
  /** Sent as `OpenAI-Organization`. */
  organization?: string;
  /** Sent as `OpenAI-Project`. */
  project?: string;
  /**
   * An http or https address; the key is sent to it.
   * @default 'https://api.openai.com/v1/traces/ingest'
   */
  endpoint?: string;
  /** The key in the flush report. @default 'openai' */
  name?: string;
  /**
   * Takes what the ingest does not: an exporter that keeps things, such as `queueExporter(env.RETRY_QUEUE)`,
   * whose consumer delivers later with `traceConsumer({ exporters: [openaiExporter({ apiKey })] })`. Use a queue
   * of its own, as a store behind a shared one would count these spans twice.
   *
   * All that was not delivered is handed over, whatever the reason: a key that is not accepted can be mended
   * while the queue keeps the spans, and a body that is refused ends in the dead-letter queue, where it can be
   * looked at. What came from a fallback is never handed over again, so nothing goes round for ever.
   */
  fallback?: TraceExporter;
}

/**
 * Posts traces to OpenAI's ingest in the wire shape of the SDK's own exporter,
 * which logs and discards what it cannot deliver; this one rejects instead.
 *
 * A batch goes out in POSTs of up to 100 records or 2 MB, traces first. Network errors,
 * 408, 409, 429 and 5xx are tried three times, 8 s each, with random waits that grow, or the one that the
 * ingest asks for up to 5 s; never past the flush deadline. A retry can repeat a delivery of which only the
 * answer was lost. With a `fallback`, the last third of the time, at most 2 s, is kept for it.
 *
 * @throws SluiceError `invalid_option` when an option cannot be sent. `export` rejects with
 * `missing_api_key`, `export_failed` or `export_timeout`, and with `PartialExportError` when part of the spans
 * arrived or the fallback failed as well.
 * @example
 * ```ts
 * import { openaiExporter } from 'sluice/openai';
 *
 * const exporters = (env: { OPENAI_API_KEY?: string }) => [
 *   openaiExporter({ apiKey: env.OPENAI_API_KEY }),
 * ];
 * ```
 * @example What OpenAI does not take waits in a queue
 * ```ts
 * import { openaiExporter } from 'sluice/openai';
 * import { queueExporter, traceConsumer } from 'sluice/queue';
 *
 * type Env = { OPENAI_API_KEY: string; RETRY_QUEUE: Queue };
 * const exporters = (env: Env) => [
 *   openaiExporter({ apiKey: env.OPENAI_API_KEY, fallback: queueExporter(env.RETRY_QUEUE) }),
 * ];
 * const queue = traceConsumer((env: Env) => ({
 *   exporters: [openaiExporter({ apiKey: env.OPENAI_API_KEY })],
 * }));
 * ```
 */
export function openaiExporter(options: OpenAIExporterOptions): TraceExporter {
  const endpoint = checkEndpoint(options.endpoint ?? INGEST_URL);
  const headers = headersOf(options);
  const omitReasoning = endpoint.replace(/\/$/, '') === INGEST_URL;
  const { name = 'openai', fallback } = options;
  assertFallback('openaiExporter', fallback);
  const target: HttpTarget = {
    name,
    service: INGEST,
    url: endpoint,
    headers: headers ?? new SluiceError('missing_api_key', MISSING_KEY),
    fallback,
  };
  return {
    name,
    destination: 'openai',
    async export(batch, context) {
      if (batch.traces.length === 0 && batch.spans.length === 0) return;
      await exportOverHttp(target, batch, payloads(batch, omitReasoning), context);
    },
  };
}

/** How the ingest's answers read to whoever has to mend something. */
const INGEST: HttpService = {
  name: "OpenAI's trace ingest",
  advice: {
    401: 'the key is not accepted; check `apiKey`.',
    403: 'tracing is not allowed for this key; under Zero Data Retention it is not available, so remove openaiExporter.',
    404: 'there is no ingest at this address; check `endpoint`.',
  },
  requestIdOf: (headers) => /^req_[A-Za-z0-9]{1,64}$/.exec(headers.get('x-request-id') ?? '')?.[0],
};

const MISSING_KEY =
  'openaiExporter has no API key: run `wrangler secret put OPENAI_API_KEY` and pass `apiKey: env.OPENAI_API_KEY`, or remove the exporter.';

/** Writes each record once and packs the texts by count and bytes, traces first. */
function payloads(batch: TraceBatch, omitReasoning: boolean): Payloads {
  const unwritable: Payloads['unwritable'] = { spans: 0 };
  const items: { json: string; trace?: TraceRecord; span?: SpanRecord }[] = batch.traces.map(
    (trace) => ({ json: JSON.stringify(wireTrace(trace)), trace }),
  );
  for (const span of batch.spans) {
    try {
      items.push({ json: JSON.stringify(wireSpan(span, { omitReasoning })), span });
    } catch (error) {
      unwritable.spans += 1;
      unwritable.error = error;
    }
  }
  const groups = groupBySize(items, ({ json }) => byteLength(json) + 1, {
    bytes: MAX_INGEST_BODY_BYTES,
    count: MAX_INGEST_ITEMS,
  });
  const posts = groups.map((group) => ({
    body: `{"data":[${group.map(({ json }) => json).join(',')}]}`,
    traces: group.flatMap(({ trace }) => trace ?? []),
    spans: group.flatMap(({ span }) => span ?? []),
  }));
  return { posts, unwritable };
}

function checkEndpoint(endpoint: string): string {
  const url =
    typeof endpoint === 'string' && URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new SluiceError(
      'invalid_option',
      `openaiExporter: \`endpoint\` must be an absolute http or https URL without credentials, such as "${INGEST_URL}".`,
    );
  }
  return endpoint;
}

/** @returns undefined without a key. */
function headersOf(options: OpenAIExporterOptions): Record<string, string> | undefined {
  const apiKey = headerValue('apiKey', options.apiKey);
  const organization = headerValue('organization', options.organization);
  const project = headerValue('project', options.project);
  if (apiKey === undefined) return undefined;
  return {
    'Content-Type': 'application/json',
    Authorization: `Bearer ${apiKey}`,
    'OpenAI-Beta': 'traces=v1',
    'User-Agent': 'sluice',
    ...(organization === undefined ? {} : { 'OpenAI-Organization': organization }),
    ...(project === undefined ? {} : { 'OpenAI-Project': project }),
  };
}

/** The value itself stays out of the message: it is a key. */
function headerValue(
  option: keyof OpenAIExporterOptions,
  value: string | undefined,
): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && value.trim() === '') return undefined;
  if (typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)) return value;
  throw new SluiceError(
    'invalid_option',
    `openaiExporter: \`${option}\` must be a string of visible ASCII characters. It often ends in a line break when it was piped into a secret: use \`printf %s\`, not \`echo\`.`,
  );
}
