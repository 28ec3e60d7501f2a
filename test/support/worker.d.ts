declare namespace Cloudflare {
  interface Env {
    TRACES_DB: D1Database;
    TRACES_QUEUE: Queue;
    CF_VERSION_METADATA: WorkerVersionMetadata;
    OPENAI_API_KEY?: string;
  }
}
