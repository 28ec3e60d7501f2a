import { SluiceError } from '../model/errors.ts';

/** Where a page of traces ended: the time by which the trace was placed in the list, and its id. */
export interface Cursor {
  /** Milliseconds since the epoch. */
  time: number;
  traceId: string;
}

/** Whole numbers have up to 16 digits. */
const FORM = /^(\d{1,16})\.(.{0,2000})$/s;

/** Safe in a URL as it is. */
export function encodeCursor({ time, traceId }: Cursor): string {
  return `${time}.${encodeURIComponent(traceId)}`;
}

/** @throws SluiceError `invalid_option` for anything that `encodeCursor` did not make. */
export function decodeCursor(text: unknown): Cursor {
  const match = typeof text === 'string' ? FORM.exec(text) : null;
  const traceId = decoded(match?.[2] ?? '');
  if (!match || traceId === undefined) {
    throw new SluiceError(
      'invalid_option',
      'The cursor is not one of a page before: pass `next` of that page unchanged, or none for the first page.',
    );
  }
  return { time: Number(match[1]), traceId };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
