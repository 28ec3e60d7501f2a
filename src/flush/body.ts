/**
 * When a response body has ended, without a JavaScript function on the way of
 * each chunk where the platform can pump the bytes by itself.
 */
import { nextTurn } from './deadline.ts';

/** How a body ended: never observed, read to its end, given up by the client, or broken off by its source. */
export type BodyEnd = 'response' | 'stream-end' | 'cancel' | 'error';

export interface ObservedBody {
  /** Takes the response's place; absent where the response stays as it is. */
  replacement?: Response;
  ended: Promise<BodyEnd>;
}

/** Statuses that have no body to observe. */
const BODILESS = [101, 204, 205, 304];

/**
 * Observes a response's body. Bodies of known length stay as they are, since a
 * wrapper would cost them their Content-Length; so do encoded ones, since the
 * platform must not encode them again. They count as ended when they are returned.
 *
 * @param isBusy runs are still open, so that the end of a body that was fetched matters as well
 */
export function observeBody(response: Response, method: string, isBusy: boolean): ObservedBody {
  const { body, status, headers } = response;
  const untouched: ObservedBody = { ended: Promise.resolve('response') };
  if (body === null || BODILESS.includes(status)) return untouched;
  if (method === 'HEAD') return { ended: cancelUnsent(body) };
  const isNative = inspect(body, 'supportsBYOB') === true;
  if (
    body.locked ||
    (isNative && response.url !== '' && !isBusy) ||
    headers.has('content-length') ||
    !/^(identity)?$/i.test(headers.get('content-encoding') ?? '') ||
    inspect(body, 'length') !== undefined
  ) {
    return untouched;
  }
  const { readable, writable } = new IdentityTransformStream();
  // Made before the pump takes the body, so that a response that cannot be rebuilt stays whole.
  const replacement = new Response(readable, response);
  return { replacement, ended: isNative ? pumpByHand(body, writable) : pump(body, writable) };
}

/** `preventCancel` leaves the source alone when the client goes, which is how the two failures are told apart. */
async function pump(
  body: ReadableStream<Uint8Array>,
  writable: WritableStream<Uint8Array>,
): Promise<BodyEnd> {
  try {
    await body.pipeTo(writable, { preventCancel: true });
    return 'stream-end';
  } catch (reason) {
    // A source that has failed rejects at once; one that is slow to let go has not failed.
    const cancelled = body.cancel(reason).then(
      () => 'cancel' as const,
      () => 'error' as const,
    );
    return Promise.race([cancelled, nextTurn().then(() => 'cancel' as const)]);
  }
}

/** One native stream cannot be piped into another; what an application writes into one while its agent runs is small. */
async function pumpByHand(
  body: ReadableStream<Uint8Array>,
  writable: WritableStream<Uint8Array>,
): Promise<BodyEnd> {
  const reader = body.getReader();
  const writer = writable.getWriter();
  for (;;) {
    const chunk = await reader.read().catch((reason: unknown) => ({ reason }));
    if ('reason' in chunk) {
      writer.abort(chunk.reason).catch(() => undefined);
      return 'error';
    }
    try {
      if (chunk.done) {
        await writer.close();
        return 'stream-end';
      }
      await writer.write(chunk.value);
    } catch (reason) {
      reader.cancel(reason).catch(() => undefined);
      return 'cancel';
    }
  }
}

/** Hono drops the body of a HEAD response without cancelling it, which would leave its producer waiting for a reader. */
async function cancelUnsent(body: ReadableStream): Promise<BodyEnd> {
  await nextTurn();
  if (!body.locked) await body.cancel().catch(() => undefined);
  return 'response';
}

/** What workerd shows of a stream to debuggers, under symbols: the length that it will send, and whether it is native. */
function inspect(body: ReadableStream, property: 'length' | 'supportsBYOB'): unknown {
  const symbol = Object.getOwnPropertySymbols(ReadableStream.prototype).find(
    ({ description }) => description === property,
  );
  return symbol && (body as unknown as Record<symbol, unknown>)[symbol];
}
