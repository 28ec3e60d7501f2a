import { MAX_ID_CHARACTERS } from '../model/limits.ts';
import { looksSensitive } from './shape.ts';

/** Ids come from clients: letters, digits and the separators that ids are written with, nothing that a log, a URL or SQL would read as more. */
const ID = /^[A-Za-z0-9][\w.:~-]*$/;

/** Whether an id from outside may name a group or a request. */
export function isSafeId(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length <= MAX_ID_CHARACTERS &&
    ID.test(value) &&
    !looksSensitive(value)
  );
}

/**
 * A trace id that sorts by time, so that a store can page by its key:
 * `trace_`, 12 hex digits of milliseconds, 20 of randomness.
 */
export function makeTraceId(nowMs: number, randomHex: string): string {
  return `trace_${nowMs.toString(16).padStart(12, '0')}${randomHex}`;
}

/** Bytes of randomness in a trace id: 80 bits. */
export const TRACE_ID_RANDOM_BYTES = 10;

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The SDK's form of a W3C trace id, or nothing where the header is not a valid `traceparent`. */
export function traceIdFromTraceparent(header: string): string | undefined {
  const id = TRACEPARENT.exec(header)?.[1];
  return id && `trace_${id}`;
}

/** The platform's own ray id; one in some thousand is all digits, so it is judged by its form alone. */
const RAY = /^[0-9a-f]{16}(?:-[A-Z]{3})?$/;

export function isRayId(value: string): boolean {
  return RAY.test(value);
}
