/** An HTTP client on plain sockets: it sees each header and each byte as they came, and can leave. */
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';

/** A request that hangs fails by itself, with its path, instead of taking the whole file with it. */
const PATIENCE_MS = 10_000;

export interface Answer {
  status: number;
  /** `name: value`, sorted, without `date`. */
  headers: string[];
  body: Buffer;
  /** Milliseconds until the first byte of the body, or its end where it has none. */
  firstByteMs: number;
}

export interface Ask {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** One connection, one request after the other, so that no handshake is measured. */
export function connection(origin: string): {
  ask(path: string, ask?: Ask): Promise<Answer>;
  close(): void;
} {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    ask: async (path, { method = 'GET', headers = {}, body } = {}) => {
      const began = performance.now();
      const signal = AbortSignal.timeout(PATIENCE_MS);
      try {
        const outgoing = request(`${origin}${path}`, { agent, method, headers, signal }).end(body);
        const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
        return await read(incoming, began);
      } catch (cause) {
        throw new Error(`${method} ${path} failed after ${performance.now() - began} ms`, {
          cause,
        });
      }
    },
    close: () => agent.destroy(),
  };
}

async function read(incoming: IncomingMessage, began: number): Promise<Answer> {
  const chunks: Buffer[] = [];
  let firstByteMs: number | undefined;
  for await (const chunk of incoming) {
    firstByteMs ??= performance.now() - began;
    chunks.push(chunk as Buffer);
  }
  return {
    status: incoming.statusCode ?? 0,
    headers: headersOf(incoming),
    body: Buffer.concat(chunks),
    firstByteMs: firstByteMs ?? performance.now() - began,
  };
}

export function headersOf({ rawHeaders }: IncomingMessage): string[] {
  const lines: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    lines.push(`${rawHeaders[at]?.toLowerCase()}: ${rawHeaders[at + 1]}`);
  }
  return lines.filter((line) => !line.startsWith('date: ')).toSorted();
}

/**
 * Sends a request and leaves when `until` says so: told what has come of the
 * body so far. It leaves by a reset, which a server sees at once; one that
 * merely closes its side is seen at the server's next write.
 */
export async function askAndLeave(
  url: string,
  headers: Record<string, string>,
  until: (text: string) => boolean,
): Promise<string> {
  const outgoing = openRequest(url, headers);
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  return new Promise((resolve, reject) => {
    let text = '';
    incoming.on('error', () => resolve(text));
    incoming.on('end', () =>
      reject(new TooLateError(`the response ended before the client left: ${text}`)),
    );
    incoming.on('data', (chunk) => {
      text += String(chunk);
      if (until(text)) leave(outgoing);
    });
  });
}

/** On a busy machine a client may be slower than the whole answer. */
export class TooLateError extends Error {}

/** Sends a request whose caller need not wait for an answer. */
export function openRequest(url: string, headers: Record<string, string>): ClientRequest {
  const outgoing = request(url, { headers, agent: new Agent() }).end();
  // Breaking it off is what the test is about.
  outgoing.on('error', () => undefined);
  return outgoing;
}

export function leave({ socket }: ClientRequest): void {
  socket?.resetAndDestroy();
}
