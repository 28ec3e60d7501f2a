/** What every store promises, as cases that anyone's own store can be run against. */
import type { TraceStore } from '../model/store.ts';
import { accountCases } from './store-contract-accounts.ts';
import { deliveryCases } from './store-contract-delivery.ts';
import { listCases } from './store-contract-lists.ts';
import { viewCases } from './store-contract-views.ts';
import { writeCases } from './store-contract-writes.ts';
import { inTime } from './contract.ts';
import type { ContractCase } from './contract.ts';

export interface StoreContractOptions {
  /** Gives a store that is empty. Called more than once in a case, it empties what the calls before have filled. */
  make(): TraceStore | Promise<TraceStore>;
  /** How long a case may take, in milliseconds. @default 4500, less than runners give a test */
  timeoutMs?: number;
}

/**
 * The promises of a `TraceStore`, for any test runner.
 *
 * @example
 * ```ts
 * import { env } from 'cloudflare:workers';
 * import { d1Store } from 'sluice/d1';
 * import { storeContract } from 'sluice/testing';
 * import { it } from 'vitest';
 *
 * const db = (env as { TRACES_DB: D1Database }).TRACES_DB;
 * const tables = ['chunks', 'traces', 'daily_totals', 'daily_drops', 'dead_letters', 'hourly_totals', 'hourly_tokens'];
 * const make = async () => {
 *   await db.batch(tables.map((table) => db.prepare(`DELETE FROM ${table}`)));
 *   return d1Store(db);
 * };
 * for (const { name, run } of storeContract({ make })) it(name, run);
 * ```
 */
export function storeContract(options: StoreContractOptions): ContractCase[] {
  const empty = async (): Promise<TraceStore> => options.make();
  return Object.entries({
    ...writeCases,
    ...deliveryCases,
    ...listCases,
    ...accountCases,
    ...viewCases,
  }).map(([name, check]) => ({
    name,
    run: () => inTime(() => check(empty), options.timeoutMs),
  }));
}
