import { SluiceError } from '../model/errors.ts';

/** The last millisecond that SQLite has a date for. */
export const MAX_DATE_MS = 253_402_300_799_999;

/**
 * A range of time as parameters: the first millisecond, and the one after the last.
 *
 * @throws SluiceError `invalid_option` for a time that is none, or a `from` after `to`
 */
export function rangeOf(
  caller: string,
  query: { from?: number; to?: number },
): [from: number, to: number] {
  if (query.from !== undefined && query.to !== undefined && query.from > query.to) {
    const message = `${caller}: from is after to; pass the earlier time as from.`;
    throw new SluiceError('invalid_option', message);
  }
  return [
    boundOf(caller, 'from', query.from, 0),
    boundOf(caller, 'to', query.to, Number.POSITIVE_INFINITY),
  ];
}

function boundOf(
  caller: string,
  name: string,
  value: number | undefined,
  otherwise: number,
): number {
  if (value !== undefined && !Number.isFinite(value)) {
    throw new SluiceError(
      'invalid_option',
      `${caller}: ${name} must be a time in milliseconds since the epoch.`,
    );
  }
  return Math.ceil(Math.min(value ?? otherwise, MAX_DATE_MS + 1));
}
