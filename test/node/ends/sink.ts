/** A loopback server that takes what exporters post, and keeps of it only which spans came. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CountingSink {
  /** What is posted to `/takes` is taken, what is posted to `/hangs` has no answer, and all else gets one. */
  url: string;
  /** How often each span came at `/takes`, by its id. */
  spans: Map<string, number>;
  close(): Promise<void>;
}

/** Parsing 200 MB of JSON would take longer than sending it. The fixture's content is digits and spaces. */
const SPAN_ID = /"object":"trace\.span","id":"(span_[0-9a-f]{24})"/g;

export async function openCountingSink(): Promise<CountingSink> {
  const spans = new Map<string, number>();
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      if (request.url === '/hangs') return;
      for (const [, id = ''] of Buffer.concat(parts).toString('latin1').matchAll(SPAN_ID)) {
        spans.set(id, (spans.get(id) ?? 0) + 1);
      }
      response.writeHead(204).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
