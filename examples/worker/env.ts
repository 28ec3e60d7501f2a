/** What wrangler.toml binds, and what may be set beside it. */
export interface Env {
  TRACES_DB: D1Database;
  TRACES_QUEUE: Queue;
  CF_VERSION_METADATA?: WorkerVersionMetadata;
  /** With it the app talks to OpenAI; without it, to the model in `offline/`. */
  OPENAI_API_KEY?: string;
  /** Another endpoint that speaks the Responses API. */
  OPENAI_BASE_URL?: string;
  /** @default the SDK's default model */
  OPENAI_MODEL?: string;
  /** `full` keeps content in the traces: for a control run, never for production. */
  POLICY?: string;
  /** The refund gateway's credential, which that gateway's errors are careless with. */
  PAYMENT_GATEWAY_KEY?: string;
}
