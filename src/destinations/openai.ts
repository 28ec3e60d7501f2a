/** `sluice/openai`: traces to OpenAI's dashboard, after the policy, with an honest answer. */
import { byteLength, groupBySize } from '../model/bytes.ts';
import { PartialExportError, SluiceError } from '../model/errors.ts';
import type { ExportContext, TraceExporter } from '../model/exporter.ts';
import { MAX_INGEST_BODY_BYTES, MAX_INGEST_ITEMS } from '../model/limits.ts';
import type { TraceBatch } from '../model/records.ts';
import { DEFAULT_TIMING, postWithRetry, RefusedBodyError } from './openai-post.ts';
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
}

/**
 * Posts traces to OpenAI's ingest in the wire shape of the SDK's own exporter,
 * which logs and discards what it cannot deliver; this one rejects instead.
 *
 * A batch goes out in POSTs of up to 100 records or 2 MB, traces first. Network errors,
 * 408, 409, 429 and 5xx are tried three times. A retry can repeat a delivery of which only the answer was lost.
 *
 * @throws SluiceError `invalid_option` when an option cannot be sent. `export` rejects with
 * `missing_api_key`, `export_failed` or `export_timeout`, and with `PartialExportError` when part of the spans arrived.
 * @example
 * ```ts
 * import { openaiExporter } from 'sluice/openai';
 *
 * const exporters = (env: { OPENAI_API_KEY?: string }) => [
 *   openaiExporter({ apiKey: env.OPENAI_API_KEY }),
 * ];
 * ```
 */
export function openaiExporter(options: OpenAIExporterOptions): TraceExporter {
  const endpoint = checkEndpoint(options.endpoint ?? INGEST_URL);
  const headers = headersOf(options);
  const omitReasoning = endpoint.replace(/\/$/, '') === INGEST_URL;
  return {
    name: 'openai',
    destination: 'openai',
    async export(batch, context) {
      if (batch.traces.length === 0 && batch.spans.length === 0) return;
      if (!headers) {
        throw new SluiceError(
          'missing_api_key',
          'openaiExporter has no API key: run `wrangler secret put OPENAI_API_KEY` and pass `apiKey: env.OPENAI_API_KEY`, or remove the exporter.',
        );
      }
      await deliver(payloads(batch, omitReasoning), { url: endpoint, headers }, context);
    },
  };
}

interface Payload {
  body: string;
  spans: number;
}

interface Payloads {
  posts: Payload[];
  /** Spans that cannot be written as JSON, and why. */
  unwritable: { spans: number; error?: unknown };
}

async function deliver(
  { posts, unwritable }: Payloads,
  target: { url: string; headers: Record<string, string> },
  { signal }: ExportContext,
): Promise<void> {
  let exported = 0;
  let failure: SluiceError | undefined;
  if (unwritable.spans > 0) {
    const message = `${unwritable.spans} spans could not be written as JSON.`;
    failure = new SluiceError('export_failed', message, { cause: unwritable.error });
  }
  for (const { body, spans } of posts) {
    const refusal = await postWithRetry({ ...target, body, signal }, DEFAULT_TIMING);
    if (!refusal) exported += spans;
    else failure = refusal;
    // Any other failure would meet the rest of the batch too, at three tries each.
    if (refusal && !(refusal instanceof RefusedBodyError)) break;
  }
  if (!failure) return;
  if (exported === 0) throw failure;
  throw new PartialExportError(`${exported} spans arrived, then: ${failure.message}`, exported, {
    cause: failure,
  });
}

/** Writes each record once and packs the texts by count and bytes. */
function payloads(batch: TraceBatch, omitReasoning: boolean): Payloads {
  const unwritable: Payloads['unwritable'] = { spans: 0 };
  const items = batch.traces.map((trace) => ({ json: JSON.stringify(wireTrace(trace)), spans: 0 }));
  for (const span of batch.spans) {
    try {
      items.push({ json: JSON.stringify(wireSpan(span, { omitReasoning })), spans: 1 });
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
    spans: group.reduce((sum, { spans }) => sum + spans, 0),
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
