import { parseArgs } from 'node:util';
import { StartError } from './errors.ts';

export interface StartOptions {
  /** Serve here, or fail; otherwise on 8787 or any free port. */
  port?: number;
  /** Stop after the checks instead of going on serving. */
  once: boolean;
  help: boolean;
}

export const USAGE = `npm start -- [options]
  --once      send the requests, check what arrived, and stop
              (status 0: all arrived, 1: something was lost)
  --port <n>  serve on this port
  --help      this text`;

function readPort(value: string): number {
  const port = Number(value);
  if (!/^\d{1,5}$/.test(value) || port < 1 || port > 65_535) {
    throw new StartError(`--port must be a number from 1 to 65535, not "${value}".`);
  }
  return port;
}

/** @throws StartError for arguments that mean nothing here. */
export function readArguments(argv: readonly string[]): StartOptions {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        once: { type: 'boolean' },
        port: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    return {
      once: values.once ?? false,
      help: values.help ?? false,
      ...(values.port === undefined ? {} : { port: readPort(values.port) }),
    };
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(`${(error as Error).message}\n\n${USAGE}`, { cause: error });
  }
}
