/** wrangler as child processes that never outlive this one. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { StartError } from './errors.ts';
import { httpGet } from './http-get.ts';

export const ROOT: string = join(import.meta.dirname, '../..');
const WRANGLER = join(ROOT, 'node_modules/wrangler/bin/wrangler.js');

const READY_TIMEOUT_MS = 30_000;
const POLL_MS = 50;
const STOP_TIMEOUT_MS = 3_000;
const KEPT_LINES = 40;

/** Lines that say nothing about why something failed. */
const ROUTINE = /^\s*$|^\[wrangler:info\] (?:GET|POST|QUEUE) |"event":"trace_flush"/;

const running = new Set<ChildProcess>();

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    // A group of its own takes workerd and wrangler's inner process along; Windows has no groups.
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

process.on('exit', () => {
  for (const child of running) signalGroup(child, 'SIGKILL');
});

/** Quiet, offline, and nothing kept beyond what the Worker itself stores. */
const QUIET = {
  CI: '1',
  NO_COLOR: '1',
  FORCE_COLOR: '0',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_WRITE_LOGS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  X_LOCAL_EXPLORER: 'false',
  X_LOCAL_OBSERVABILITY: 'false',
};

interface Wrangler {
  child: ChildProcess;
  /** The last lines of its output, to show when it fails. */
  lastLines: () => string;
  exited: Promise<number | null>;
}

function startWrangler(args: readonly string[], onLine?: (line: string) => void): Wrangler {
  const child = spawn(process.execPath, [WRANGLER, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...QUIET },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
  });
  running.add(child);
  const kept: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      if (!ROUTINE.test(line)) kept.push(line);
      if (kept.length > KEPT_LINES) kept.shift();
      onLine?.(line);
    });
  }
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    // Killed by a stranger, it may leave its own children behind, which hold its output open.
    child.once('exit', () => signalGroup(child, 'SIGKILL'));
    child.once('close', (code) => {
      running.delete(child);
      resolve(code);
    });
  });
  return { child, exited, lastLines: () => kept.join('\n') };
}

/** Another Worker than the example. */
interface OtherWorker {
  config: string;
  /** The binding of its database. */
  database: string;
}

/** @throws StartError with wrangler's own words. */
export async function applyMigrations(persistTo: string, other?: OtherWorker): Promise<void> {
  const database = other?.database ?? 'TRACES_DB';
  const args = ['d1', 'migrations', 'apply', database, '--local', '--persist-to', persistTo];
  if (other) args.push('--config', other.config);
  const { exited, lastLines } = startWrangler(args);
  const code = await exited;
  if (code !== 0)
    throw new StartError(`wrangler d1 migrations apply failed (status ${code}):\n${lastLines()}`);
}

export interface DevServer {
  origin: string;
  /** Resolves when the server ends by itself or by `stop`. */
  exited: Promise<number | null>;
  lastLines: () => string;
  stop(): Promise<void>;
}

export interface DevOptions {
  port: number;
  persistTo: string;
  envFiles: readonly string[];
  onLine: (line: string) => void;
  /** @default the example's */
  config?: string;
}

const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function answers(origin: string): Promise<boolean> {
  try {
    const { status } = await httpGet(origin, READY_TIMEOUT_MS);
    return status === 200;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Not listening yet, or not finished loading: asked again until the timeout.
    if (code === 'ECONNREFUSED' || code === 'ECONNRESET') return false;
    throw error;
  }
}

/** @throws StartError when the Worker does not come up. */
export async function startDevServer(options: DevOptions): Promise<DevServer> {
  const { exited, lastLines, child } = startWrangler(
    [
      'dev',
      '--ip=127.0.0.1',
      `--port=${options.port}`,
      '--inspector-port=0',
      `--persist-to=${options.persistTo}`,
      '--show-interactive-dev-session=false',
      ...(options.config === undefined ? [] : [`--config=${options.config}`]),
      ...options.envFiles.flatMap((file) => ['--env-file', file]),
    ],
    options.onLine,
  );
  const origin = `http://127.0.0.1:${options.port}`;
  let code: number | null | undefined;
  exited.then((value) => (code = value)).catch(() => (code = null));
  const stop = async (): Promise<void> => {
    signalGroup(child, 'SIGTERM');
    const impatience = setTimeout(() => signalGroup(child, 'SIGKILL'), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(impatience);
  };
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (!(await answers(origin))) {
    if (code !== undefined)
      throw new StartError(`wrangler dev ended with status ${code}:\n${lastLines()}`);
    if (Date.now() > deadline) {
      await stop();
      throw new StartError(
        `The Worker did not answer within ${READY_TIMEOUT_MS / 1000} s:\n${lastLines()}`,
      );
    }
    await delay(POLL_MS);
  }
  return { origin, exited, lastLines, stop };
}
