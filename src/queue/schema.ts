import { z } from 'zod';
import { ENVELOPE_VERSION } from '../model/envelope.ts';
import type { Chunk, Envelope } from '../model/envelope.ts';
import { SluiceError } from '../model/errors.ts';
import { isPlainJson } from '../model/json.ts';
import type { TraceRecord, TraceStatus } from '../model/records.ts';

/**
 * What a queue message must be. What every reader relies on is strict; content
 * is any JSON. Keys that are not named here are kept: a newer producer adds
 * fields without a new version, and what a policy has let through must not get
 * lost in a consumer that is deployed a little later.
 */

const wholeNumber = z.int().nonnegative();
const statuses = [
  'ok',
  'error',
  'blocked',
  'truncated',
  'incomplete',
] as const satisfies TraceStatus[];

const trace = z.looseObject({
  object: z.literal('trace'),
  id: z.string(),
  workflow_name: z.string(),
  group_id: z.string().nullable(),
  metadata: z.record(z.string(), z.string()),
  request_id: z.string().nullable(),
  status: z.enum(statuses),
  started_at: wholeNumber,
  ended_at: wholeNumber,
  flush_id: z.string(),
  flush_seq: wholeNumber,
  refused: z.record(z.string(), z.number()).optional(),
  captured: wholeNumber.optional(),
  // A store keeps one for each request behind a trace, in one row.
  scope_id: z.string().min(1).max(64).optional(),
  dropped: z.record(z.string(), z.number()).optional(),
  sample_weight: z.number().min(1).optional(),
}) satisfies z.ZodType<TraceRecord>;

const span = z.looseObject({
  object: z.literal('trace.span'),
  id: z.string(),
  trace_id: z.string(),
  parent_id: z.string().nullable(),
  started_at: z.string().nullable(),
  ended_at: z.string().nullable(),
  span_data: z.looseObject({ type: z.string() }),
  error: z.looseObject({ message: z.string() }).nullable(),
  facts: z.looseObject({
    kind: z.string(),
    usage: z.record(z.string(), z.number()).optional(),
    counts_usage: z.boolean().optional(),
    truncated: z.boolean().optional(),
  }),
  extra: z.looseObject({}).optional(),
});

const envelope = z.looseObject({
  v: z.literal(ENVELOPE_VERSION),
  chunks: z.array(
    z.looseObject({
      chunk_id: z.string().min(1),
      trace,
      spans: z.array(span),
      lost: wholeNumber.optional(),
    }),
  ),
});

/** Names of the structure. Other keys of a message are content and stay out of log lines. */
const STRUCTURE: ReadonlySet<string> = new Set([
  'v',
  'chunks',
  'spans',
  'facts',
  'chunk_id',
  'trace',
  'metadata',
  'usage',
  'span_data',
  'error',
  'extra',
  'refused',
  'lost',
  ...Object.keys(trace.shape),
  ...Object.keys(span.shape),
  ...Object.keys(span.shape.facts.shape),
]);

/**
 * The chunks of a queue message, or why it is none that this version can read.
 *
 * @throws SluiceError `invalid_envelope` that names the first bad place, never what stood there.
 */
export function readEnvelope(body: unknown): Chunk[] {
  if (!isPlainJson(body)) {
    throw invalid('the body is not plain JSON or is nested too deep');
  }
  const version = (body as Partial<Envelope> | null)?.v;
  if (version === undefined) {
    throw invalid(
      'the field `v` (envelope version) is missing. Was the message sent by queueExporter()?',
    );
  }
  if (Number.isInteger(version) && version !== ENVELOPE_VERSION) {
    throw new UnknownVersionError(Number(version));
  }
  const parsed = envelope.safeParse(body);
  if (!parsed.success) throw invalid(placeOf(parsed.error));
  // The body itself, not zod's copy of it: it is what was checked, with every key that it came with.
  return (body as Envelope).chunks;
}

/** A message of another version. It may be readable soon, by the consumer that a rollout brings. */
export class UnknownVersionError extends SluiceError {
  constructor(version: number) {
    super(
      'invalid_envelope',
      `This consumer reads envelopes of version ${ENVELOPE_VERSION}, not ${version}: deploy the consumer with the version of sluice that the producer has.`,
    );
    this.name = 'UnknownVersionError';
  }
}

function invalid(why: string): SluiceError {
  return new SluiceError('invalid_envelope', `Not a Sluice envelope: ${why}`);
}

function placeOf(error: z.ZodError): string {
  const issue = error.issues[0];
  if (!issue) return 'unknown';
  const path = issue.path.map((part) =>
    typeof part === 'number' || STRUCTURE.has(String(part)) ? String(part) : '*',
  );
  return `${issue.code} at ${path.join('.') || 'the top'}`;
}
