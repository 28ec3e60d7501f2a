import type { Context } from 'hono';
import { z } from 'zod';
import type { DiagnoseOptions } from '../diagnose/options.ts';
import { diagnoseSchema } from '../diagnose/schema.ts';
import { SluiceError } from '../model/errors.ts';
import type { TraceStore } from '../model/store.ts';
import { issueText } from '../model/zod-issue.ts';

/** Who looks at traces, as the audit names them. */
export interface Viewer {
  /** Such as the e-mail address of an identity provider. */
  id: string;
}

/** Whether a request may see traces: yes or no, by whom, or an answer of its own such as a 401. */
export type Authorized = boolean | Viewer | Response;

export type Authorize = (c: Context) => Authorized | Promise<Authorized>;

/** What a million tokens of a model cost. */
export interface Price {
  input: number;
  /** Of the input, what the provider had cached. @default `input` */
  cachedInput?: number;
  output: number;
  /** Of the output, what the model reasoned with. @default `output` */
  reasoning?: number;
}

/** That somebody has looked at what a trace holds. */
export interface AuditEntry {
  event: 'sluice.trace_viewed';
  /** Null where `authorize` says only yes. */
  viewer: string | null;
  trace_id: string;
  /** Which page or file it was. */
  view: 'trace' | 'rows' | 'span' | 'value' | 'compare' | 'export';
  /** Milliseconds since the epoch. */
  at: number;
}

export interface TraceViewerOptions<B extends object = Record<string, unknown>> {
  /** Where the traces are. */
  store: (env: B) => TraceStore;
  /** Who may look; without it nobody may, and every page says how to set it. */
  authorize?: Authorize;
  /** By model or model alias, for a million tokens each. Without it pages show tokens only. */
  prices?: Record<string, Price>;
  /** How costs are written, ISO 4217. @default 'USD' */
  currency?: string;
  /** What must hold in these workflows, and from when on a span is slow. */
  diagnose?: Pick<DiagnoseOptions, 'invariants' | 'slowMs'>;
  /**
   * Whether to say who viewed a trace that has content: `true` writes one JSON line to
   * the Worker's log, a function gets the entry. @default false
   */
  audit?: boolean | ((entry: AuditEntry) => unknown);
}

export interface ResolvedViewerOptions {
  store: (env: object) => TraceStore;
  authorize: Authorize | undefined;
  prices: ReadonlyMap<string, Required<Price>>;
  currency: string;
  diagnose: Pick<DiagnoseOptions, 'invariants' | 'slowMs'>;
  audit: ((entry: AuditEntry) => unknown) | undefined;
}

/** @throws SluiceError `invalid_option` that names the option and what it must be */
export function resolveViewerOptions<B extends object>(
  options: TraceViewerOptions<B>,
): ResolvedViewerOptions {
  const { error } = schema.safeParse(options);
  if (error) throw new SluiceError('invalid_option', `traceViewer: option ${issueText(error)}.`);
  const { store, authorize, prices = {}, currency = 'USD', diagnose = {}, audit = false } = options;
  return {
    store: store as (env: object) => TraceStore,
    authorize,
    prices: new Map(
      Object.entries(prices).map(([model, { input, cachedInput, output, reasoning }]) => [
        model,
        { input, cachedInput: cachedInput ?? input, output, reasoning: reasoning ?? output },
      ]),
    ),
    currency,
    diagnose,
    audit: audit === true ? logAudit : audit || undefined,
  };
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}

const amount = z
  .number('must be a number, for a million tokens')
  .min(0, 'must not be negative')
  .lt(Number.POSITIVE_INFINITY);

const price = z.strictObject(
  {
    input: amount,
    cachedInput: amount.optional(),
    output: amount,
    reasoning: amount.optional(),
  },
  'must be an object of input and output, and perhaps cachedInput and reasoning',
);

const schema = z.strictObject(
  {
    store: z.custom(
      isFunction,
      'must be a function of env, such as (env) => d1Store(env.TRACES_DB)',
    ),
    authorize: z
      .custom(isFunction, 'must be a function, such as localOnly() or cloudflareAccess({ … })')
      .optional(),
    prices: z
      .record(
        z.string(),
        price,
        "must be an object of prices by model, such as { 'gpt-5': { input: 1.25, output: 10 } }",
      )
      .optional(),
    currency: z
      .string('must be three letters, such as USD')
      .regex(/^[A-Z]{3}$/, 'must be three letters, such as USD')
      .optional(),
    diagnose: diagnoseSchema.optional(),
    audit: z
      .custom(
        (value) => typeof value === 'boolean' || isFunction(value),
        'must be true, false, or a function that gets an entry',
      )
      .optional(),
  },
  'must be an object with `store`, and `authorize` for who may look',
);

function logAudit(entry: AuditEntry): void {
  // oxlint-disable-next-line no-console -- a Worker's log is its console
  console.log(JSON.stringify(entry));
}
