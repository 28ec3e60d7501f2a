import type { Context } from 'hono';
import { SluiceError } from '../../model/errors.ts';
import type { Authorize } from '../options.ts';

/** Enough that nobody guesses it: 16 random bytes in hex are 32 characters. */
const MIN_CHARACTERS = 24;

/** A token, or where `env` has it. */
export type BearerToken<B extends object> = string | ((env: B) => string | undefined);

/**
 * Lets in who knows a token: `Authorization: Bearer …`, or, as a browser asks for it,
 * the password of basic authorisation with any user name. It is compared in constant time.
 *
 * @throws SluiceError `invalid_option` at start-up for a token of less than 24 characters; one
 *   from `env` that is missing or shorter lets nobody in and says so in the log
 *
 * @example
 * ```ts
 * import { d1Store } from 'sluice/d1';
 * import { bearerToken, traceViewer } from 'sluice/viewer';
 *
 * type Env = { TRACES_DB: D1Database; VIEWER_TOKEN: string };
 * const viewer = traceViewer<Env>({
 *   store: (env) => d1Store(env.TRACES_DB),
 *   authorize: bearerToken((env: Env) => env.VIEWER_TOKEN),
 * });
 * ```
 */
export function bearerToken<B extends object = Record<string, string | undefined>>(
  token: BearerToken<B>,
): Authorize {
  if (typeof token !== 'function') assertToken(token);
  return async (c: Context) => {
    const expected = typeof token === 'function' ? token(c.env as B) : token;
    assertToken(expected);
    const sent = sentToken(c.req.header('authorization'));
    if (sent !== undefined && (await areEqual(sent, expected))) return true;
    return new Response('This needs a token.\n', {
      status: 401,
      headers: { 'www-authenticate': 'Basic realm="traces", charset="UTF-8", Bearer' },
    });
  };
}

function assertToken(token: unknown): asserts token is string {
  // A header ends at white space.
  if (typeof token === 'string' && token.length >= MIN_CHARACTERS && !/\s/.test(token)) return;
  throw new SluiceError(
    'invalid_option',
    `bearerToken needs a token of at least ${MIN_CHARACTERS} characters without white space: run \`openssl rand -hex 32\`, store it with \`wrangler secret put VIEWER_TOKEN\` and pass (env) => env.VIEWER_TOKEN.`,
  );
}

function sentToken(header: string | undefined): string | undefined {
  const [, scheme = '', value = ''] = /^(bearer|basic) +(\S+)$/i.exec(header ?? '') ?? [];
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme === '') return undefined;
  try {
    const bytes = Uint8Array.from(atob(value), (character) => character.charCodeAt(0));
    const pair = new TextDecoder().decode(bytes);
    return pair.includes(':') ? pair.slice(pair.indexOf(':') + 1) : undefined;
  } catch (error) {
    // What is no base64 is no token.
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}

/** Digests are of one length and say nothing of where two texts differ. */
async function areEqual(a: string, b: string): Promise<boolean> {
  const [left, right] = await Promise.all([digest(a), digest(b)]);
  let different = 0;
  for (const [index, byte] of left.entries()) different |= byte ^ (right[index] ?? 0);
  return different === 0;
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
}
