#!/usr/bin/env node
/** `npx sluice …` */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { redact } from './redact.ts';
import type { Terminal } from './redact.ts';
import { HELP, UsageError } from './usage.ts';

const COMMANDS: { readonly [name: string]: (args: string[], at: Terminal) => Promise<number> } = {
  redact,
};

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === '--version') {
    const manifest = readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8');
    process.stdout.write(`${(JSON.parse(manifest) as { version: string }).version}\n`);
    return 0;
  }
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    (name === undefined ? process.stderr : process.stdout).write(HELP);
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) throw new UsageError(`there is no command \`${printable(name)}\``);
  return command(args, process);
}

function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?').slice(0, 300);
}

// `| head` has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 2);
});

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`sluice: ${printable(error.message).replace(/\.+$/, '')}. Try --help.\n`);
  process.exitCode = 2;
}
