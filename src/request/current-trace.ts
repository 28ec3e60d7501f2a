import type { ActiveTrace } from './active-trace.ts';
import { currentScope } from '../capture/registry.ts';
import { requestOf } from './request-scope.ts';

/**
 * The trace of the request around the caller, for code that has no Hono context.
 *
 * @returns nothing outside a traced request.
 * @example
 * ```ts
 * currentTrace()?.outcome('refund_authorised', approved);
 * ```
 */
export function currentTrace(): ActiveTrace | undefined {
  return requestOf(currentScope())?.active;
}
