import { resolveExporters, resolveOptions } from '../options.ts';
import type { HandlerOptions, TracingOptions } from '../options.ts';

/**
 * Checks options against an env, as the middleware or a traced handler would on
 * first use, and throws where it would only log and turn tracing off. For CI.
 *
 * @throws SluiceError that names the option and the fix.
 * @example
 * ```ts
 * it('has a valid tracing configuration', () => validateOptions(tracingOptions, env));
 * ```
 */
// oxlint-disable-next-line typescript/no-explicit-any -- any variables will do, as in Hono's own types
export function validateOptions<B extends object = Cloudflare.Env, V extends object = any>(
  options:
    | TracingOptions<B, V>
    | HandlerOptions<B>
    | ((env: B) => TracingOptions<B, V> | HandlerOptions<B>),
  env: B,
): void {
  resolveExporters(resolveOptions(typeof options === 'function' ? options(env) : options), env);
}
