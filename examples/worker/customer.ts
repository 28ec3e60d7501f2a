/** Who is asking, by the headers that the client sent. */
import { withCustomSpan } from '@openai/agents';
import { sleep } from './offline/sleep.ts';

/** About what a lookup in another service takes. */
const LOOKUP_MS = 8;

/**
 * Looks the customer up, in a span of the application's own. The span notes what
 * the lookup went by, credentials included, as such spans do: under
 * `metadataOnly` none of it leaves the request.
 */
export async function loadCustomer(headers: Headers): Promise<{ plan: string }> {
  const sent = Object.fromEntries(
    ['authorization', 'x-channel', 'x-conversation-id'].flatMap((name) => {
      const value = headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
  return await withCustomSpan(
    async () => {
      await sleep(LOOKUP_MS);
      return { plan: 'authorization' in sent ? 'member' : 'guest' };
    },
    { data: { name: 'load_customer', data: sent } },
  );
}
