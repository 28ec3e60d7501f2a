import type * as worker from '../index.ts';

declare global {
  namespace Cloudflare {
    /** Types `exports` of `cloudflare:workers` by the Worker that wrangler.toml names. */
    interface GlobalProps {
      mainModule: typeof worker;
    }
  }
}
