import { registerProcessor } from '../capture/processor.ts';
import { describeError } from '../model/errors.ts';
import type { TraceExporter } from '../model/exporter.ts';
import { invalid, resolveExporters, resolveOptions } from '../options.ts';
import type { ResolvedOptions } from '../options.ts';
import { flushScope } from './request-scope.ts';
import { warnOnce } from './warn-once.ts';

/** Options that have met their env. */
export type Runtime = ResolvedOptions & { readonly exporterList: readonly TraceExporter[] };

const KEEP_MEANS = {
  keep: "leaves the SDK's own processor in place, which sends spans to OpenAI unredacted",
  remove: "came too late: the SDK's own processor is removed",
};

/** Finds the runtime of an env; nothing where tracing is off. */
export type RuntimeFor = (env: object | undefined) => Runtime | undefined;

/**
 * Resolves options once. Static ones are checked here and now, so that a bad
 * configuration cannot be deployed; what depends on env is checked on first use,
 * where a fault turns tracing off with one logged error.
 *
 * @returns the runtime for an env, or nothing where tracing is off.
 */
export function createRuntime(options: unknown): RuntimeFor {
  const fixed = typeof options === 'function' ? undefined : resolveOptions(options);
  if (fixed?.enabled === false) return () => undefined;
  const wanted = fixed?.openaiDefault ?? 'remove';
  const mode = registerProcessor(wanted, flushScope);
  if (wanted === 'keep') warnOnce(`openaiDefault 'keep' ${KEEP_MEANS[mode]}`);
  const runtimes = new WeakMap<object, Runtime>();
  let off = false;
  return (env = runtimes) => {
    let runtime = runtimes.get(env);
    if (off || runtime) return runtime;
    try {
      const resolved = fixed ?? resolveOptions((options as (env: object) => unknown)(env));
      if (!fixed && resolved.openaiDefault === 'keep') {
        invalid("`openaiDefault: 'keep'` must be static: pass an object, not a function of env");
      }
      runtime = { ...resolved, exporterList: resolveExporters(resolved, env) };
      runtimes.set(env, runtime);
    } catch (error) {
      off = true;
      console.error(`sluice: tracing is off in this isolate. ${describeError(error)}`);
    }
    return runtime;
  };
}
