import { SluiceError } from '../model/errors.ts';
import { assertDeadline } from './deliver.ts';
import type { RedriveTarget } from './redrive-page.ts';

const MAX_LIMIT = 1_000;

const OPTIONS: readonly string[] = ['from', 'to', 'limit', 'cursor', 'deadlineMs'];
const TARGETS: readonly string[] = ['store', 'exporters', 'queue'];

/** @throws SluiceError `invalid_option` that names the option and what it must be */
export function assertRedrive(options: unknown): void {
  const given = fieldsOf(options);
  if (!given) throw invalid('pass { from, to }, such as { from: store, to: { store } }');
  assertNames('option', given, OPTIONS);
  const { from, to, limit, cursor, deadlineMs } = given;
  if (typeof fieldsOf(from)?.['deadLetters'] !== 'function')
    throw invalid('from must be a store that keeps letters, such as d1Store(env.TRACES_DB)');
  assertTarget(fieldsOf(to) ?? {});
  if (limit !== undefined && !isLimit(limit))
    throw invalid(`limit must be a whole number from 1 to ${MAX_LIMIT}`);
  if (cursor !== undefined && typeof cursor !== 'string')
    throw invalid('cursor must be `next` of the report before, or absent');
  assertDeadline('redrive', deadlineMs);
}

function assertTarget(to: Record<string, unknown>): void {
  assertNames('target', to, TARGETS);
  const { store, exporters = [], queue }: Partial<Record<keyof RedriveTarget, unknown>> = to;
  if (!Array.isArray(exporters) || !exporters.every((exporter) => has(exporter, 'export')))
    throw invalid('to.exporters must be a list of exporters');
  if (store !== undefined && !has(store, 'write'))
    throw invalid('to.store must be a store, such as d1Store(env.TRACES_DB)');
  if (queue !== undefined && !has(queue, 'send'))
    throw invalid('to.queue must be a queue binding, such as env.TRACES_QUEUE');
  const isDirect = store !== undefined || exporters.length > 0;
  if (isDirect === (queue !== undefined))
    throw invalid('to must have a store or exporters, or else a queue');
}

/** A name that is mistyped would be an option that silently does nothing. */
function assertNames(what: string, given: object, known: readonly string[]): void {
  const other = Object.keys(given).find((name) => !known.includes(name));
  if (other !== undefined)
    throw invalid(`there is no ${what} ${JSON.stringify(other)}, only ${known.join(', ')}`);
}

function has(value: unknown, method: string): boolean {
  return typeof fieldsOf(value)?.[method] === 'function';
}

function fieldsOf(value: unknown): Record<string, unknown> | undefined {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return isObject ? (value as Record<string, unknown>) : undefined;
}

function isLimit(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_LIMIT;
}

function invalid(what: string): SluiceError {
  return new SluiceError('invalid_option', `redrive: ${what}.`);
}
