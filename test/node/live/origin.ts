/** A server that a Worker passes responses on from. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

const TEXT = 'All that is gold does not glitter.\n'.repeat(200);

const answers: Record<string, (response: ServerResponse) => void> = {
  chunked(response) {
    response.writeHead(200, { 'content-type': 'text/plain', 'x-origin': 'chunked' });
    response.write(TEXT);
    response.end(TEXT);
  },
  length(response) {
    response.writeHead(200, { 'content-type': 'text/plain', 'content-length': TEXT.length });
    response.end(TEXT);
  },
  gzip(response) {
    const body = gzipSync(TEXT);
    response.writeHead(200, {
      'content-type': 'text/plain',
      'content-encoding': 'gzip',
      'content-length': body.length,
    });
    response.end(body);
  },
  missing(response) {
    response.writeHead(404, { 'content-length': 0, 'set-cookie': ['a=1', 'b=2'] }).end();
  },
};

export const ORIGIN_ANSWERS: string[] = Object.keys(answers);

export async function startOrigin(): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const answer = answers[request.url?.slice(1) ?? ''];
    if (answer) answer(response);
    else response.writeHead(500).end('the origin knows no such answer');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
