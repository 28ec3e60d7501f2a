/** Every limit in one place, with its unit in the name and its reason beside it. */

/** The platform allows `waitUntil` work 30 s after the response; the rest is for the flush itself. */
export const DEFAULT_DEADLINE_MS = 25_000;

/** How long exporters may take once a flush begins near the deadline: 30 s less the deadline, less a margin. */
export const FLUSH_GRACE_MS = 4_000;

/** A step flush keeps a long run's memory bounded and loses at most one step to a killed isolate. */
export const DEFAULT_STEP_SPANS = 1_000;
export const DEFAULT_STEP_BYTES = 4_000_000;

/** A step at most this often while spans end; a killed isolate loses no more. */
export const DEFAULT_STEP_MS = 5_000;

/** Beyond what agents usually take, so that sampling still samples. */
export const DEFAULT_SLOW_MS = 30_000;

/** Group ids, request ids: long enough for a UUID with a prefix, short enough for an index. */
export const MAX_ID_CHARACTERS = 128;

/** The Agents SDK's ingest takes short flat strings; so do log fields. */
export const MAX_METADATA_VALUE_CHARACTERS = 256;

/** Agent, tool and span names. */
export const MAX_NAME_CHARACTERS = 128;

/** Queues take 128,000 bytes a message with about 100 bytes of metadata. */
export const MAX_QUEUE_MESSAGE_BYTES = 120_000;

/** Queues take 256,000 bytes in a `sendBatch`; not enforced locally. */
export const MAX_QUEUE_BATCH_BYTES = 250_000;
export const MAX_QUEUE_BATCH_MESSAGES = 100;

/** D1 takes 2 MB in a string or row; not enforced locally. */
export const MAX_D1_VALUE_BYTES = 1_900_000;

/** One captured field, in UTF-8 bytes: an isolate has 128 MB for all its requests. */
export const MAX_FIELD_BYTES = 1_000_000;

/** A scope stops buffering past this, and counts what it drops: steps have failed to keep up. */
export const MAX_BUFFERED_BYTES = 32_000_000;

/**
 * What all scopes of an isolate hold together: of its 128 MB, as records take two to three
 * times their bytes on their way out, and the application needs most of it.
 */
export const MAX_ISOLATE_BYTES = 32_000_000;

/** A scope that holds no more than this is let in when large ones hold all that they may. */
export const SMALL_SCOPE_BYTES = 256_000;

/** What is kept for such small scopes, all of them together. */
export const SMALL_SCOPES_BYTES = 16_000_000;

/** No flush takes so long; what has not changed since belongs to a request that was killed. */
export const HOLDING_IDLE_MS = 120_000;

/** A fingerprint of 64 bits tells repeats apart within a trace and cannot be turned back. */
export const FINGERPRINT_HEX_DIGITS = 16;

/** The Agents SDK cuts a span's input and output here before OpenAI's ingest would refuse them. */
export const MAX_INGEST_FIELD_BYTES = 100_000;

/** One POST to OpenAI's ingest: small enough that one that fails loses little and fits its timeout. */
export const MAX_INGEST_ITEMS = 100;
export const MAX_INGEST_BODY_BYTES = 2_000_000;

/** What an exporter over HTTP leaves of its time to a durable fallback: a send to a queue takes some 100 ms, a slow one a second. */
export const FALLBACK_RESERVE_MS = 2_000;

/** Workers Logs cuts a line at 256 KB; a line that a person can still read is far below. */
export const MAX_CONSOLE_LINE_BYTES = 16_000;

/** A chunk must hold its trace and a record cut to its identity, with room for work. */
export const MIN_CHUNK_BYTES = 16_000;

/** SQLite reads JSON nested up to 1,000 deep, a call stack not much more; content is cut long before. */
export const MAX_JSON_DEPTH = 200;

/** Content nested deeper than this has no copy, and would take the others of its flush with it. */
export const MAX_CONTENT_DEPTH = 3_000;

/** A value with more nodes than this is larger than any destination takes; also bounds shared references. */
export const MAX_JSON_NODES = 1_000_000;

/** What redaction reads in one flush for one destination: about a quarter of a second of CPU. */
export const MAX_REDACTED_CHARACTERS = 16_000_000;

/** What redaction reads for one log line: it is written while the user waits, and Workers Logs cuts it at 256 KB. */
export const MAX_LOGGED_CHARACTERS = 256_000;

/** Segments of a path in a policy. */
export const MAX_PATH_SEGMENTS = 16;
