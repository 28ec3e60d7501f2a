import { experimental_getWranglerCommands } from 'wrangler';
import type { Snippet, SnippetFault } from './extract.ts';

/** What a line of shell in the documentation may name. */
export interface Manifest {
  name: string;
  scripts?: Record<string, string>;
  bin?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

type CommandTree = ReturnType<typeof experimental_getWranglerCommands>['registry']['subtree'];

/** Checks that the npm scripts, packages, commands and wrangler commands of a snippet exist. */
export function checkShell(manifest: Manifest, snippet: Snippet): SnippetFault[] {
  return snippet.code.split('\n').flatMap((text, index) =>
    text
      .replace(/(^|\s)#.*$/, '')
      .split(/&&|\|\||;|\|/)
      .map((command) => judgeCommand(manifest, words(command)))
      .filter((message) => message !== undefined)
      .map((message) => ({ path: snippet.path, line: snippet.line + 1 + index, message })),
  );
}

/** Splits at blanks; leading `NAME=value` and a prompt are not part of the command. */
function words(command: string): string[] {
  const all = command.trim().split(/\s+/);
  const start = all.findIndex((word) => word !== '$' && !/^[A-Z_]+=/.test(word));
  return start === -1 ? [] : all.slice(start);
}

function judgeCommand(manifest: Manifest, [command, ...rest]: string[]): string | undefined {
  if (command === 'npm') return judgeNpm(manifest, rest);
  if (command === 'wrangler') return judgeWrangler(rest);
  if (command !== 'npx') return undefined;
  const [binary = '', ...args] = rest;
  if (binary === 'wrangler') return judgeWrangler(args);
  const known = binary in (manifest.bin ?? {}) || binary in dependencies(manifest);
  return known ? undefined : `npx ${binary}: no such command in package.json`;
}

function judgeNpm(manifest: Manifest, [verb = '', ...rest]: string[]): string | undefined {
  const plain = rest.filter((word) => !word.startsWith('-'));
  if (['install', 'i', 'add'].includes(verb)) {
    const known = dependencies(manifest);
    const unknown = plain
      .map(packageName)
      .find((name) => name !== manifest.name && !(name in known));
    return unknown && `npm ${verb}: ${unknown} is no dependency of package.json`;
  }
  const script = verb === 'run' ? (plain[0] ?? '') : verb;
  if (verb !== 'run' && !['start', 'test'].includes(verb)) return undefined;
  return script in (manifest.scripts ?? {})
    ? undefined
    : `npm: no script ${script} in package.json`;
}

/** Follows the words down wrangler's own tree of commands, then looks for the flags. */
function judgeWrangler(args: string[]): string | undefined {
  const { registry, globalFlags } = experimental_getWranglerCommands();
  let tree: CommandTree = registry.subtree;
  let node: ReturnType<CommandTree['get']>;
  const plain = args.filter((word) => !word.startsWith('-'));
  for (const word of plain) {
    const next = tree.get(word);
    if (next === undefined) break;
    node = next;
    tree = next.subtree;
  }
  const { definition } = node ?? {};
  if (definition?.type !== 'command') return `wrangler ${plain.join(' ')}: no such command`;
  const known = { ...globalFlags, ...definition.args } as Record<string, { alias?: unknown }>;
  const flag = args.map(flagName).find((name) => name !== undefined && !(name in known));
  return flag && `wrangler ${plain.join(' ')}: no flag --${flag}`;
}

function flagName(word: string): string | undefined {
  return /^--(?:no-)?([a-z-]+)/.exec(word)?.[1];
}

function packageName(word: string): string {
  return word.replace(/(?<=.)@[^@/]*$/, '');
}

/** Readers install what an alias stands for, under its own name. */
function dependencies({ peerDependencies, devDependencies }: Manifest): Record<string, string> {
  const all = { ...peerDependencies, ...devDependencies };
  const behindAliases = Object.values(all)
    .filter((range) => range.startsWith('npm:'))
    .map((range) => [packageName(range.slice('npm:'.length)), range]);
  return { ...all, ...Object.fromEntries(behindAliases) };
}
