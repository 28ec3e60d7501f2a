/**
 * What a handler without Hono hands out. A response or a stream goes on after the
 * handler has returned, and its end is the trace's.
 */
import { observeBody } from '../flush/body.ts';
import type { BodyEnd } from '../flush/body.ts';
import type { RequestScope } from './request-scope.ts';

export interface HandedOut<T> {
  /** What the handler returned, or what stands for it and tells of its end. */
  value: T;
  ended: Promise<BodyEnd>;
  /** Whether somebody has yet to read it. */
  isStreaming: boolean;
}

/** Passes a value on, observed where it is a response or a stream. */
export function handOut<T>(request: RequestScope, value: T, method: string): HandedOut<T> {
  const handed =
    value instanceof Response
      ? handOutResponse(request, value, method)
      : value instanceof ReadableStream
        ? handOutStream(request, value)
        : asItIs(value);
  return handed as HandedOut<T>;
}

function asItIs<T>(value: T): HandedOut<T> {
  return { value, ended: Promise.resolve('response'), isStreaming: false };
}

function handOutResponse(
  { active, scope, traceIdHeader }: RequestScope,
  response: Response,
  method: string,
): HandedOut<Response> {
  const { replacement, ended } = observeBody(response, method, !scope.isQuiet());
  let value = replacement ?? response;
  if (traceIdHeader && response.status !== 101) {
    // A copy, since the headers of a fetched response cannot be changed.
    value = replacement ?? new Response(response.body, response);
    value.headers.set(traceIdHeader, active.traceId);
  }
  return { value, ended, isStreaming: replacement !== undefined };
}

/**
 * Hands each chunk on as it is, and reads none before it is asked for. Beside a response's
 * body, which can be long and native, what an application returns as a stream is small.
 */
function handOutStream(request: RequestScope, stream: ReadableStream): HandedOut<ReadableStream> {
  if (stream.locked) return asItIs(stream);
  const type = isOfBytes(stream) ? 'bytes' : undefined;
  const reader = stream.getReader();
  let end!: (end: BodyEnd) => void;
  const ended = new Promise<BodyEnd>((resolve) => (end = resolve));
  const source = {
    type,
    async pull(controller: ReadableByteStreamController): Promise<void> {
      try {
        const next = await request.within(() => reader.read());
        if (!next.done) return controller.enqueue(next.value);
        controller.close();
        // A reader that brought its own buffer waits until it is given back.
        controller.byobRequest?.respond(0);
        end('stream-end');
      } catch (reason) {
        controller.error(reason);
        end('error');
      }
    },
    cancel(reason: unknown): Promise<void> {
      end('cancel');
      return reader.cancel(reason);
    },
  };
  const value = new ReadableStream(source as UnderlyingByteSource, { highWaterMark: 0 });
  return { value, ended, isStreaming: true };
}

/** Who reads bytes may bring a buffer of their own, and RPC takes no other streams. */
function isOfBytes(stream: ReadableStream): boolean {
  try {
    stream.getReader({ mode: 'byob' }).releaseLock();
    return true;
  } catch {
    return false;
  }
}
