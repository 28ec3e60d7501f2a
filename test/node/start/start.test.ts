import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';

const script = join(import.meta.dirname, '../../../scripts/start.mjs');

interface Started {
  child: ChildProcess;
  ended: Promise<{ code: number | null; output: string }>;
  /** Resolves when the output has the text. */
  prints: (text: string) => Promise<void>;
}

function begin(...args: string[]): Started {
  const env = { ...process.env };
  for (const name of ['OPENAI_API_KEY', 'FORCE_COLOR']) delete env[name];
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<{ code: number | null; output: string }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
  const prints = (text: string): Promise<void> =>
    vi.waitFor(() => expect(output).toContain(text), { timeout: 60_000, interval: 20 });
  return { child, ended, prints };
}

const start = (...args: string[]) => begin(...args).ended;

/** Listens on a port, any for 0; rejects when it is in use. */
function occupy(port: number): Promise<{ port: number; free: () => Promise<void> }> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address() as AddressInfo;
      const free = (): Promise<void> => new Promise((done) => server.close(() => done()));
      resolve({ port: address.port, free });
    });
  });
}

test('npm start -- --once prints the traces from D1, finds no secret in them, and ends with status 0', async () => {
  const { code, output } = await start('--once');
  expect(output).toContain('Everything arrived, and nothing that should not.');
  expect(code).toBe(0);
  for (const title of [
    'plain',
    'streamed',
    'tool failure',
    'client leaves early',
    'planted secrets',
  ]) {
    expect(output).toMatch(new RegExp(`^${title}  ok  \\d+ ms, \\d+ spans`, 'm'));
  }
  expect(output).toMatch(/^failed run {2}error/m);
  expect(output).toMatch(/^guardrail {2}blocked/m);
  expect(output).toMatch(/function refund_order .* ✗ tool_error$/m);
  expect(output).toMatch(/7 of 7 traces, (\d+) spans captured, \1 in D1, 0 lost/);
  expect(output).toMatch(/daily totals: 7 traces, \d+ spans/);
  expect(output).toContain('lost: 0 · missing: 0 · dead letters: 0');
  for (const line of output.split('\n')) expect(Array.from(line).length).toBeLessThanOrEqual(80);
  expect(output).not.toContain('\u001B');
});

test('an unknown option is an error that shows the usage', async () => {
  const { code, output } = await start('--frobnicate');
  expect(code).toBe(1);
  expect(output).toContain('npm start -- [options]');
});

test.each(['0', '65536', '-1', '80a', ''])('the port "%s" is an error', async (port) => {
  const { code, output } = await start(`--port=${port}`);
  expect(code).toBe(1);
  expect(output).toContain('--port must be a number from 1 to 65535');
});

test('a port that is in use is an error that says what to do', async () => {
  const { port, free } = await occupy(0);
  const { code, output } = await start('--once', '--port', String(port));
  await free();
  expect(code).toBe(1);
  expect(output).toContain(`Port ${port} is in use`);
});

test('Ctrl-C before the end stops the Worker, frees its port, and is no success', async () => {
  const { port, free } = await occupy(0);
  await free();
  const { child, ended, prints } = begin('--port', String(port));
  await prints('Sending requests');
  child.kill('SIGINT');
  const { code, output } = await ended;
  expect(code).toBe(1);
  expect(output).toContain('Stopping.');
  expect(output).not.toContain('no longer answers');
  const again = await occupy(port);
  await again.free();
});
