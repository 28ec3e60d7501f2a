import type { Chunk } from '../model/envelope.ts';
import { describeError, SluiceError } from '../model/errors.ts';
import { readEnvelope } from './schema.ts';

/** The chunks of a body, or why it is none that this version can read. Never throws. */
export function tryRead(body: unknown): Chunk[] | SluiceError {
  try {
    return readEnvelope(body);
  } catch (error) {
    if (error instanceof SluiceError) return error;
    return new SluiceError('invalid_envelope', 'The message could not be read', { cause: error });
  }
}

/**
 * What a handler was given, or what its function of env returns.
 *
 * @throws SluiceError the function's own, or `invalid_option` that says what it threw
 */
export function resolveTarget<Env, T extends object>(
  target: T | ((env: Env) => T),
  env: Env,
  who: string,
): T {
  if (typeof target !== 'function') return target;
  try {
    return target(env);
  } catch (cause) {
    if (cause instanceof SluiceError) throw cause;
    const message = `${who}: the function of env threw ${describeError(cause)}`;
    throw new SluiceError('invalid_option', message, { cause });
  }
}
