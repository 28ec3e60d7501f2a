/** `sluice redact`. */
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Counts } from './counts.ts';
import { redactOptions } from './options.ts';
import type { RedactOptions } from './options.ts';
import { REDACT_HELP, UsageError } from './usage.ts';

/** The process that the command runs in. */
export interface Terminal {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly env: { readonly [name: string]: string | undefined };
}

/** @returns the exit status. @throws UsageError where the arguments or a file are wrong. */
export async function redact(args: readonly string[], terminal: Terminal): Promise<number> {
  const options = redactOptions(args, terminal.env);
  if (options.help) {
    terminal.stdout.write(REDACT_HELP);
    return 0;
  }
  const counts = new Counts();
  // Opened before the first is written out, so that a wrong name leaves no half of an output.
  const sources = options.files.length > 0 ? await opened(options.files) : [terminal.stdin];
  for (const source of sources) await redactSource(source, options, terminal, counts);
  if (options.check || options.counts) terminal.stderr.write(`found: ${String(counts)}\n`);
  return options.check && counts.total > 0 ? 1 : 0;
}

async function opened(files: readonly string[]): Promise<Readable[]> {
  return Promise.all(
    files.map(async (file) => {
      const source = createReadStream(file);
      const [event] = await Promise.race([
        once(source, 'readable').then(() => [undefined]),
        once(source, 'error').catch((error: unknown) => [error]),
      ]).catch((error: unknown) => [error]);
      if (event instanceof Error) throw new UsageError(`cannot read ${file}: ${event.message}`);
      return source;
    }),
  );
}

async function redactSource(
  source: Readable,
  { redactor, lines, check }: RedactOptions,
  { stdout }: Terminal,
  counts: Counts,
): Promise<void> {
  const pass = async (before: string, end: string): Promise<void> => {
    const after = await redactor.textAsync(before);
    counts.add(before, after);
    if (!check && !stdout.write(after + end)) await once(stdout, 'drain');
  };
  if (!lines) return pass(await text(source), '');
  const reader = createInterface({ input: source, crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of reader) await pass(line, '\n');
}
