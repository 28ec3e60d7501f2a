/* oxlint-disable typescript/no-explicit-any -- callbacks of any app, whatever its bindings and variables */
import type { Context } from 'hono';
import { z } from 'zod';
import type { OpenAIDefault } from './capture/processor.ts';
import type { Sampling } from './model/sampling.ts';
import type { GroupIdSource } from './identity/group.ts';
import { isMetadataKey, STANDARD_METADATA_KEYS } from './identity/metadata.ts';
import type { Metadata } from './identity/metadata.ts';
import { isWorkflowName, WORKFLOW_RULE } from './identity/workflow.ts';
import { SluiceError } from './model/errors.ts';
import type { FlushReport, TraceExporter } from './model/exporter.ts';
import { HMAC_KEY_RULE, isHmacKey } from './model/hmac.ts';
import type { HmacKey } from './model/hmac.ts';
import { issueText } from './model/zod-issue.ts';
import {
  DEFAULT_DEADLINE_MS,
  DEFAULT_STEP_BYTES,
  DEFAULT_STEP_MS,
  DEFAULT_STEP_SPANS,
  MAX_BUFFERED_BYTES,
} from './model/limits.ts';
import { metadataOnly } from './policy/policy.ts';
import type { Policy } from './policy/policy.ts';

/** Options that every handler shares, with or without a Hono context. */
export interface BaseOptions<B extends object = Cloudflare.Env> {
  /**
   * Where traces go. Called once for each `env` object, on first use.
   *
   * @example `(env) => [queueExporter(env.TRACES_QUEUE)]`
   */
  exporters: (env: B) => TraceExporter[];
  /** What may leave the request. @default metadataOnly */
  policy?: Policy;
  /** Which of the policy's environments this is; the metadata key `environment`, too, where the application sets none. */
  environment?: string;
  /**
   * `'zero'` for organisations under Zero Data Retention: an OpenAI exporter is then an error, and
   * the SDK's own processor is removed whatever `openaiDefault` says. @default 'standard'
   */
  dataRetention?: 'standard' | 'zero';
  /** Which traces to keep. Errors, tripped guardrails and truncated traces always are. */
  sampling?: Sampling;
  flush?: FlushOptions;
  /** Metadata keys of the application's own, beside the contract's: snake_case. */
  metadataKeys?: string[];
  /**
   * Key of the fingerprints that stand for dropped content: a secret of 16 characters or more.
   * Without one, each request has a random key and fingerprints do not join across traces.
   */
  fingerprintKey?: HmacKey;
  /** Export a trace for requests that run no agent, too. @default false */
  exportEmpty?: boolean;
  /**
   * The SDK's own processor, which sends raw spans to OpenAI's dashboard: `'remove'` it
   * (`setTraceProcessors`), or `'keep'` it beside ours, unredacted (`addTraceProcessor`). @default 'remove'
   */
  openaiDefault?: OpenAIDefault;
  /** Called after each flush with its account. What it throws is absorbed and counted. */
  onFlush?: (report: FlushReport) => void;
  /** Write the account of each flush to the Workers log, one JSON line. A flush that lost something always does. @default false */
  logFlushes?: boolean;
}

export interface FlushOptions {
  /** Milliseconds from the body's end until what is still open goes out as truncated; 100 to 26000. @default 25000 */
  deadlineMs?: number;
  /** Spans that start a step flush. @default 1000 */
  maxSpans?: number;
  /** Captured bytes that start a step flush. @default 4000000 */
  maxBytes?: number;
  /** Milliseconds after which the next span that ends starts a step flush; 100 to 60000. @default 5000 */
  stepMs?: number;
}

/** Options of one trace's identity. `C` is what their functions are called with. */
interface TraceOptions<B extends object, C> extends BaseOptions<B> {
  /** Stable snake_case name of the workflow, never user text; or a function of the context. */
  workflow: string | ((c: C) => string);
  /** @default the first of x-group-id, x-conversation-id, x-thread-id, x-session-id */
  groupId?: GroupIdSource<C>;
  /** Flat metadata that joins the trace to product logs. */
  metadata?: (c: C) => Metadata;
  /** `false` costs nothing and changes nothing. @default true */
  enabled?: boolean | ((c: C) => boolean);
  /** Take the trace id from an incoming W3C `traceparent`, which any client can set. @default false */
  traceparent?: boolean;
  /** Answer with the trace id in a header: `true` for `x-trace-id`, or a header name. @default false */
  exposeTraceId?: boolean | string;
}

/** Options of `agentTracing()`. `B` is the Worker's bindings, `V` the app's variables. */
export interface TracingOptions<
  B extends object = Cloudflare.Env,
  V extends object = any,
> extends TraceOptions<B, Context<{ Bindings: B; Variables: V }>> {}

/** Options of `traceHandlers()` and `withAgentTrace()`. `B` is the Worker's bindings. */
export interface HandlerOptions<B extends object = Cloudflare.Env> extends TraceOptions<
  B,
  TracedEvent<B>
> {
  /**
   * What a trace of `queue` is. With `'message'` the handler is called once a message, one after the
   * other, each time with a batch of that message alone: `ackAll()` and `retryAll()` mean that message,
   * and a message whose call throws is retried without the others. @default 'batch'
   */
  queue?: 'batch' | 'message';
}

/**
 * What the functions among the options are told where there is no Hono context. All of it
 * comes from outside, so what they return is checked as everywhere.
 */
export interface TracedEvent<B extends object = Cloudflare.Env> {
  /** The handler of `traceHandlers()`, or `call` for `withAgentTrace()`. */
  readonly kind: 'fetch' | 'queue' | 'scheduled' | 'email' | 'tail' | 'call';
  readonly env: B;
  readonly request?: Request;
  readonly batch?: MessageBatch;
  /** The message that the trace is of, with `queue: 'message'`. */
  readonly message?: Message;
  readonly controller?: ScheduledController;
  readonly email?: ForwardableEmailMessage;
  readonly items?: readonly TraceItem[];
  /** What the event is known by, where it has no request: the id of its (first) message, the time of its cron. */
  readonly requestId?: string;
  /** Reads `request`, so that `fromHeader()` and `fromCookie()` serve here too. */
  readonly req: {
    header(name: string): string | undefined;
    /** There are no path patterns here. */
    param(name: string): undefined;
  };
}

/** The options as they are used: complete, checked, read-only. */
export interface ResolvedOptions {
  readonly workflow: string | ((c: any) => unknown);
  readonly groupId?: GroupIdSource<any> | undefined;
  readonly metadata?: ((c: any) => unknown) | undefined;
  readonly enabled: boolean | ((c: any) => unknown);
  readonly traceparent: boolean;
  readonly exposeTraceId: string | false;
  readonly exporters: (env: any) => unknown;
  readonly policy: Policy;
  readonly environment?: string | undefined;
  readonly dataRetention: 'standard' | 'zero';
  readonly sampling: Sampling;
  readonly flush: Readonly<Required<FlushOptions>>;
  readonly metadataKeys: ReadonlySet<string>;
  readonly fingerprintKey?: HmacKey | undefined;
  readonly exportEmpty: boolean;
  readonly openaiDefault: OpenAIDefault;
  readonly onFlush?: ((report: FlushReport) => void) | undefined;
  readonly logFlushes: boolean;
  readonly queue: 'batch' | 'message';
}

const isFunction = (value: unknown): boolean => typeof value === 'function';
const func = z.custom<() => unknown>(isFunction, 'must be a function');
const flag = z.boolean('must be true or false').default(false);
const isHeaderOption = (value: unknown): boolean =>
  typeof value === 'boolean' || (typeof value === 'string' && /^[A-Za-z0-9-]{1,64}$/.test(value));
const limit = (min: number, max: number, otherwise: number): z.ZodDefault<z.ZodInt> =>
  z.int().min(min).max(max).default(otherwise);

const schema = z
  .strictObject({
    workflow: z.custom((value) => isFunction(value) || isWorkflowName(value), WORKFLOW_RULE),
    exporters: z.custom(
      isFunction,
      'must be a function of env, such as (env) => [queueExporter(env.TRACES_QUEUE)]',
    ),
    groupId: z
      .custom(isFunction, "must be a function, such as fromHeader('x-thread-id')")
      .optional(),
    metadata: func.optional(),
    enabled: z
      .custom(
        (value) => typeof value === 'boolean' || isFunction(value),
        'must be true, false or a function of the context',
      )
      .default(true),
    traceparent: flag,
    exposeTraceId: z
      .custom<boolean | string>(isHeaderOption, 'must be true, false or a header name')
      .default(false)
      .transform((name) => (name === true ? 'x-trace-id' : name)),
    policy: z
      .custom<Policy>(
        isPolicy,
        'must be metadataOnly, redacted, full, or what definePolicy() returns',
      )
      .default(metadataOnly),
    environment: z
      .string()
      .regex(/^[A-Za-z][\w.-]{0,63}$/, 'must be a stable name of 1 to 64 characters')
      .optional(),
    dataRetention: z.enum(['standard', 'zero']).default('standard'),
    sampling: z
      .strictObject({
        head: z.number().min(0).max(1).optional(),
        keep: func.optional(),
        slowMs: z.int().min(1).optional(),
      })
      .default({}),
    flush: z
      .strictObject({
        deadlineMs: limit(100, 26_000, DEFAULT_DEADLINE_MS),
        maxSpans: limit(1, 100_000, DEFAULT_STEP_SPANS),
        maxBytes: limit(1_000, MAX_BUFFERED_BYTES, DEFAULT_STEP_BYTES),
        stepMs: limit(100, 60_000, DEFAULT_STEP_MS),
      })
      .prefault({}),
    metadataKeys: z
      .array(z.custom<string>(isMetadataKey, 'must be a snake_case key of at most 64 characters'))
      .max(64)
      .default([])
      .transform((keys) => new Set([...STANDARD_METADATA_KEYS, ...keys])),
    fingerprintKey: z.custom(isHmacKey, HMAC_KEY_RULE).optional(),
    exportEmpty: flag,
    openaiDefault: z.enum(['remove', 'keep']).default('remove'),
    onFlush: func.optional(),
    logFlushes: flag,
    queue: z.enum(['batch', 'message']).default('batch'),
  })
  .refine(
    ({ policy, environment }) => environment !== undefined || policy.environments.length === 0,
    {
      path: ['environment'],
      message: 'must say which of the environments of the policy this is',
    },
  );

function isPolicy(value: unknown): boolean {
  const { name, matrixFor } = Object(value) as Partial<Policy>;
  return typeof name === 'string' && typeof matrixFor === 'function';
}

const exporterList = z.array(
  z.looseObject(
    { name: z.string().min(1), export: func },
    'must be an exporter: an object with a `name` and an `export` function',
  ),
  'must return an array of exporters',
);

/**
 * Checks the options and fills in the defaults.
 *
 * @throws SluiceError `invalid_option` that names the option and the fix.
 */
export function resolveOptions(options: unknown): ResolvedOptions {
  return parsed(schema, options, []) as ResolvedOptions;
}

/**
 * Makes the exporters for an `env` and checks them; none where tracing is off for that env.
 *
 * @throws SluiceError that names the exporter and the fix; or what the option itself throws.
 */
export function resolveExporters(options: ResolvedOptions, env: unknown): TraceExporter[] {
  if (options.enabled === false) return [];
  const exporters = options.exporters(env) as TraceExporter[];
  parsed(exporterList, exporters, ['exporters']);
  const names = new Set(exporters.map(({ name }) => name));
  if (names.size < exporters.length)
    invalid(
      '`exporters` has two of one name: give one another `name`, so that reports can tell them apart',
    );
  if (options.dataRetention === 'zero' && exporters.some(sendsToOpenAI)) {
    invalid(
      "`exporters` has an OpenAI exporter, but `dataRetention` is 'zero', under which OpenAI refuses traces: remove one of the two",
    );
  }
  return exporters;
}

/** Marked by the exporter itself, so that another name does not hide where it sends to. */
function sendsToOpenAI({ name, destination }: TraceExporter): boolean {
  return name === 'openai' || destination === 'openai';
}

function parsed(type: z.ZodType, value: unknown, at: PropertyKey[]): unknown {
  const result = type.safeParse(value);
  if (result.success) return result.data;
  return invalid(issueText(result.error, at));
}

/** @throws SluiceError always. */
export function invalid(problem: string): never {
  throw new SluiceError('invalid_option', `option ${problem}`);
}
