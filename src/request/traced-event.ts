import type { TracedEvent } from '../options.ts';

type Parts = Omit<TracedEvent<object>, 'kind' | 'env' | 'req'>;

/** An event in the shape that identity is read from. */
export function tracedEvent(
  kind: TracedEvent['kind'],
  env: object,
  parts: Parts,
): TracedEvent<object> {
  const header = (name: string): string | undefined =>
    parts.request?.headers.get(name) ?? undefined;
  return { kind, env, ...parts, req: { header, param: () => undefined } };
}
