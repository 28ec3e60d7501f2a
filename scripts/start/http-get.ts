import { get } from 'node:http';
import { StartError } from './errors.ts';

export interface Fetched {
  status: number;
  text: string;
}

/** A GET on a connection of its own: kept-alive ones would hold up the server's stopping. */
export function httpGet(url: string, timeoutMs: number): Promise<Fetched> {
  return new Promise((resolve, reject) => {
    const outgoing = get(url, { agent: false, timeout: timeoutMs }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.once('error', reject);
    });
    outgoing.once('timeout', () =>
      outgoing.destroy(new StartError(`${url} did not answer within ${timeoutMs} ms.`)),
    );
    outgoing.once('error', reject);
  });
}
