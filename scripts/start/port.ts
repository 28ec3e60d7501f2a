import { createServer } from 'node:net';
import { StartError } from './errors.ts';

const USUAL_PORT = 8787;

/** Listens for a moment: the one sure way to know. */
function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(undefined);
      else reject(error);
    });
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        resolve(typeof address === 'object' && address ? address.port : undefined),
      );
    });
  });
}

/** @throws StartError when the wanted port is taken. */
export async function choosePort(wanted?: number): Promise<number> {
  if (wanted !== undefined) {
    const port = await tryPort(wanted);
    if (port === undefined) {
      throw new StartError(
        `Port ${wanted} is in use. Stop what uses it, or leave --port out to get a free one.`,
      );
    }
    return port;
  }
  const port = (await tryPort(USUAL_PORT)) ?? (await freePort());
  return port;
}

export async function freePort(): Promise<number> {
  const port = await tryPort(0);
  if (port === undefined) throw new StartError('There is no free port on 127.0.0.1.');
  return port;
}
