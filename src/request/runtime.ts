import { registerProcessor } from '../capture/processor.ts';
import { describeError } from '../model/errors.ts';
import type { TraceExporter } from '../model/exporter.ts';
import type { Matrix } from '../policy/matrix.ts';
import { invalid, resolveExporters, resolveOptions } from '../options.ts';
import type { ResolvedOptions } from '../options.ts';
import { flushScope } from './request-scope.ts';
import { warnOnce } from './warn-once.ts';

/** Options that have met their env. */
export interface Runtime extends ResolvedOptions {
  readonly exporterList: readonly TraceExporter[];
  matrixFor(exporter: TraceExporter): Matrix;
  /** What the policy says of `trace.log()`. */
  readonly logMatrix: Matrix;
}

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
  const isZero = fixed?.dataRetention === 'zero';
  const wanted = (!isZero && fixed?.openaiDefault) || 'remove';
  const mode = registerProcessor(wanted, flushScope, isZero);
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
      if (resolved.dataRetention === 'zero') registerProcessor('remove', flushScope, true);
      runtime = withPolicy(resolved, resolveExporters(resolved, env));
      runtimes.set(env, runtime);
    } catch (error) {
      off = true;
      console.error(`sluice: tracing is off in this isolate. ${describeError(error)}`);
    }
    return runtime;
  };
}

function withPolicy(resolved: ResolvedOptions, exporterList: readonly TraceExporter[]): Runtime {
  const { policy, environment } = resolved;
  const known = new Set(['log', ...exporterList.flatMap(namesOf)]);
  for (const name of policy.destinations) {
    if (!known.has(name))
      warnOnce(
        `policy ${policy.name} has a row for the destination \`${name}\`, but there is no exporter of that name: its cells decide nothing`,
      );
  }
  return {
    ...resolved,
    exporterList,
    matrixFor: (exporter) => policy.matrixFor(namesOf(exporter), environment),
    logMatrix: policy.matrixFor(['log'], environment),
  };
}

/** What a policy may call a destination. */
function namesOf({ name, destination }: TraceExporter): string[] {
  return destination === undefined ? [name] : [name, destination];
}
