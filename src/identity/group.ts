/* oxlint-disable typescript/no-explicit-any -- a source serves any app, whatever its bindings and variables */
import type { Context } from 'hono';
import { SluiceError } from '../model/errors.ts';
import { HMAC_KEY_RULE, hmacHex, importHmacKey, isHmacKey } from '../model/hmac.ts';
import type { HmacKey } from '../model/hmac.ts';

/**
 * Where a group id comes from. A group is what several traces belong to: a
 * conversation, a thread, a session. Any function of the context will do.
 */
export interface GroupIdSource<C = Context> {
  (c: C): string | undefined | Promise<string | undefined>;
  /** Said once when the source finds nothing, where that is likely a mistake of wiring. */
  explainMissing?: string;
}

export interface GroupIdOptions {
  /** Replaces the value by its HMAC, so that ids which are personal (an account, an address) still join. */
  hash?: HmacKey;
}

/** Raw values that will be hashed may be anything, but not of any length. */
const MAX_RAW_CHARACTERS = 1_024;

/**
 * The group id from a request header.
 *
 * @throws SluiceError `invalid_option` for a bad name or HMAC key.
 * @example
 * ```ts
 * agentTracing({ workflow: 'support', exporters, groupId: fromHeader('x-conversation-id') });
 * ```
 */
export function fromHeader(name: string, options?: GroupIdOptions): GroupIdSource<any> {
  return source('fromHeader', name, options, (c) => c.req.header(name));
}

/**
 * The group id from a cookie.
 *
 * @throws SluiceError `invalid_option` for a bad name or HMAC key.
 * @example
 * ```ts
 * agentTracing({ workflow: 'support', exporters, groupId: fromCookie('session', { hash: key }) });
 * ```
 */
export function fromCookie(name: string, options?: GroupIdOptions): GroupIdSource<any> {
  return source('fromCookie', name, options, (c) => readCookie(c.req.header('cookie') ?? '', name));
}

/**
 * The group id from a path parameter. It works only where the middleware itself
 * is mounted on a pattern that has the parameter: `app.use('/threads/:id/*', …)`.
 *
 * @throws SluiceError `invalid_option` for a bad name or HMAC key.
 * @example
 * ```ts
 * app.use('/threads/:id/*', agentTracing({ workflow: 'support', exporters, groupId: fromParam('id') }));
 * ```
 */
export function fromParam(name: string, options?: GroupIdOptions): GroupIdSource<any> {
  return Object.assign(
    source('fromParam', name, options, (c) => c.req.param(name)),
    {
      explainMissing: `fromParam("${name}") works on path patterns only: mount the middleware as app.use("/threads/:${name}/*", …)`,
    },
  );
}

/**
 * The first source that has a value.
 *
 * @example
 * ```ts
 * agentTracing({ workflow: 'support', exporters, groupId: firstOf(fromHeader('x-thread-id'), fromCookie('sid')) });
 * ```
 */
export function firstOf<C = any>(...sources: GroupIdSource<C>[]): GroupIdSource<C> {
  return async (c) => {
    for (const each of sources) {
      const value = await each(c);
      if (value) return value;
    }
    return undefined;
  };
}

/** What `groupId` is when nothing is configured. */
export const DEFAULT_GROUP_HEADERS = [
  'x-group-id',
  'x-conversation-id',
  'x-thread-id',
  'x-session-id',
] as const;

/** What headers, cookies and path parameters may all be called. */
const NAME = /^[\w.-]{1,64}$/;

function source(
  where: string,
  name: string,
  options: GroupIdOptions = {},
  read: (c: Context) => string | undefined,
): GroupIdSource<any> {
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw new SluiceError(
      'invalid_option',
      `${where}: the name must be 1 to 64 of letters, digits, "_", "." and "-", such as "x-thread-id"`,
    );
  }
  // A secret that is missing from env arrives as undefined; the raw id must not pass for that.
  if (Object.keys(options).length === 0) return read;
  const { hash } = options;
  if (!isHmacKey(hash))
    throw new SluiceError('invalid_option', `${where}: option \`hash\` ${HMAC_KEY_RULE}`);
  return async (c: Context) => {
    const value = read(c);
    // Over-long values are passed on unhashed, so that the check after this refuses and counts them.
    if (!value || value.length > MAX_RAW_CHARACTERS) return value;
    return `h_${await hmacHex(await importHmacKey(hash), value, 32)}`;
  };
}

function readCookie(header: string, name: string): string | undefined {
  for (const part of header.split(';')) {
    const [key, ...value] = part.split('=');
    if (key?.trim() === name)
      return value
        .join('=')
        .trim()
        .replace(/^"(.*)"$/, '$1');
  }
  return undefined;
}
