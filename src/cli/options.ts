import { parseArgs } from 'node:util';
import { SluiceError } from '../model/errors.ts';
import { createRedactor } from '../redaction/redactor.ts';
import type { Redactor } from '../redaction/redactor.ts';
import type { RedactionPolicy } from '../redaction/rules.ts';
import { UsageError } from './usage.ts';

export interface RedactOptions {
  readonly files: readonly string[];
  readonly redactor: Redactor;
  readonly lines: boolean;
  readonly check: boolean;
  readonly counts: boolean;
  readonly help: boolean;
}

/**
 * Reads the arguments of `sluice redact`.
 *
 * @throws UsageError that names the option.
 */
export function redactOptions(
  args: readonly string[],
  environment: { readonly [name: string]: string | undefined },
): RedactOptions {
  const { values, positionals } = parsed(args);
  const { action = 'mask', without = '', lines, check, counts, help } = values;
  const names = without.split(',').map((name) => name.trim());
  const hashKey = keyOf(values['key-env'], environment);
  if (action === 'hash' && hashKey === undefined)
    throw new UsageError('--action hash needs --key-env NAME, a variable that holds the key');
  const policy = {
    action,
    detectors: Object.fromEntries(names.filter(Boolean).map((name) => [name, false])),
    ...(hashKey !== undefined && { hashKey }),
  } as RedactionPolicy;
  return { files: positionals, redactor: redactorOf(policy), lines, check, counts, help };
}

const FLAG = { type: 'boolean', default: false } as const;
const TEXT = { type: 'string' } as const;

function parsed(args: readonly string[]): ReturnType<typeof parseRedact> {
  try {
    return parseRedact(args);
  } catch (error) {
    // Node says which option and what is wrong with it; its hints for code are of no use here.
    const [problem = ''] = (error as Error).message.split('. ');
    throw new UsageError(problem);
  }
}

function parseRedact(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      lines: FLAG,
      check: FLAG,
      counts: FLAG,
      help: { ...FLAG, short: 'h' },
      action: TEXT,
      without: TEXT,
      'key-env': TEXT,
    },
  });
}

function keyOf(
  name: string | undefined,
  environment: { readonly [name: string]: string | undefined },
): string | undefined {
  if (name === undefined) return undefined;
  const key = environment[name];
  if (!key) throw new UsageError(`--key-env: the variable ${name} is not set`);
  return key;
}

/** What the redactor's options are called here. */
function inOptions(message: string): string {
  return message
    .replace(/^createRedactor: /, '')
    .replace('`hashKey`', '--key-env: the key')
    .replace('`action`', '--action')
    .replace(/`detectors\.([^`]*)` is/, '--without: `$1` is');
}

function redactorOf(policy: RedactionPolicy): Redactor {
  try {
    return createRedactor(policy);
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    throw new UsageError(inOptions(error.message));
  }
}
