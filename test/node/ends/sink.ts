/** A loopback server that takes what exporters post to it, and keeps of it only who the spans were. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CountingSink {
  url: string;
  /** Ids of the spans that came at `/takes`, with how often each did. What comes at `/hangs` is never answered. */
  spans: Map<string, number>;
  close(): Promise<void>;
}

/** The content of the fixture has no such text in it. */
const SPAN_ID = /"object":"trace\.span","id":"(span_[0-9a-f]{24})"/g;

export async function openCountingSink(): Promise<CountingSink> {
  const spans = new Map<string, number>();
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    const isTaken = request.url?.endsWith('/takes');
    request.on('data', (part: Buffer) => isTaken && parts.push(part));
    request.on('end', () => {
      if (!isTaken) return;
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
