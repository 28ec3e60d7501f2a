/** Reads what a client sent, which may be anything. */
import { HTTPException } from 'hono/http-exception';
import { z } from 'zod';

const MAX_BODY_BYTES = 16_384;
const MAX_MESSAGE_CHARACTERS = 4_000;

const supportBody = z.object({
  message: z.string().trim().min(1).max(MAX_MESSAGE_CHARACTERS),
});

export type SupportBody = z.infer<typeof supportBody>;

/** With what to change about the request. */
function badRequest(message: string, cause?: unknown): HTTPException {
  return new HTTPException(400, { message, cause });
}

/** Stops at the limit, so that a body without an honest Content-Length costs no memory. */
async function readLimited(body: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) throw badRequest(`The body is over ${MAX_BODY_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch (error) {
    throw badRequest('The body is not JSON. Send {"message":"…"}.', error);
  }
}

/** @throws HTTPException 400 when the body is missing, too big, not JSON, or not a message. */
export async function readSupportBody(request: Request): Promise<SupportBody> {
  const bytes = request.body ? await readLimited(request.body) : new Uint8Array();
  if (bytes.byteLength === 0) throw badRequest('The body is empty. Send {"message":"…"}.');
  const parsed = supportBody.safeParse(parseJson(bytes));
  if (!parsed.success) throw badRequest(z.prettifyError(parsed.error));
  return parsed.data;
}
