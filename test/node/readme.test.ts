import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { checkSnippets } from '../support/snippets/check.ts';
import { extractSnippets } from '../support/snippets/extract.ts';
import type { Manifest } from '../support/snippets/shell.ts';

const root = join(import.meta.dirname, '../..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
const documents = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

beforeAll(() => {
  // Without wrangler's news of its own releases; what it warns of is what is tested.
  vi.stubEnv('WRANGLER_LOG', 'warn');
});

function faultsOf(markdown: string): string[] {
  const snippets = extractSnippets('page.md', markdown);
  return checkSnippets(root, manifest, snippets).map(({ line, message }) => `${line}: ${message}`);
}

describe('the documentation', () => {
  const faults: ReturnType<typeof checkSnippets> = [];

  beforeAll(() => {
    const snippets = documents.flatMap((path) =>
      extractSnippets(path, readFileSync(join(root, path), 'utf8')),
    );
    // Together, as each compilation would read all types anew.
    faults.push(...checkSnippets(root, manifest, snippets));
  });

  it.each(documents)('has only snippets that compile, parse and name what exists: %s', (path) => {
    const own = faults.filter((fault) => fault.path === path);
    expect(own.map(({ line, message }) => `${line} ${message}`)).toEqual([]);
  });

  it('shows TypeScript in the README, so that the check above checks something', () => {
    const snippets = extractSnippets('README.md', readFileSync(join(root, 'README.md'), 'utf8'));
    expect(snippets.map(({ language }) => language)).toEqual(expect.arrayContaining(['ts', 'sh']));
  });
});

describe('the check of snippets', () => {
  it('finds a type error and says on which line of the page', () => {
    const page = [
      '# Title',
      '',
      '```ts',
      "import { Hono } from 'hono';",
      'new Hono().nothing();',
      '```',
    ];
    expect(faultsOf(page.join('\n'))).toEqual([expect.stringMatching(/^5: TS2339: .*'nothing'/)]);
  });

  it('finds a name that the package does not export', () => {
    const page = ['```ts', "import type { NoSuchThing } from 'sluice';", '```'].join('\n');
    expect(faultsOf(page)).toEqual([expect.stringMatching(/^2: TS.*NoSuchThing/)]);
  });

  it('keeps snippets apart, so that one cannot lean on the names of another', () => {
    const page = ['```ts', 'const shared = 1;', '```', '```ts', 'shared.toFixed();', '```'].join(
      '\n',
    );
    expect(faultsOf(page)).toEqual([expect.stringMatching(/^5: TS2304: .*'shared'/)]);
  });

  it('passes snippets that are right, in a list too', () => {
    const page = [
      '- In a list:',
      '',
      '  ```ts',
      "  import { Hono } from 'hono';",
      '  export default new Hono();',
      '  ```',
      '```sh',
      '$ CI=1 npm run check && npx wrangler d1 migrations apply DB --local # locally',
      'npm install hono zod@4',
      'npm install -D vitest@5 @cloudflare/vitest-plugin',
      'curl -N localhost:8787',
      '```',
      '```toml',
      '[[queues.consumers]]',
      'queue = "traces"',
      'max_batch_size = 20',
      '```',
      '```json',
      '{ "ok": true }',
      '```',
      '```sql',
      'SELECT 1;',
      '```',
      '```text',
      'anything',
      '```',
    ].join('\n');
    expect(faultsOf(page)).toEqual([]);
  });

  it.each([
    ['sh', 'npm run nothing', 'no script nothing'],
    ['sh', 'npm install left-behind', 'left-behind is no dependency'],
    ['sh', 'npx nothing', 'no such command'],
    ['sh', 'npx wrangler d1 migrate apply', 'wrangler d1 migrate apply: no such command'],
    ['sh', 'npx wrangler d1 migrations apply DB --here', 'no flag --here'],
    ['toml', '[[queues.consumers]]\nqueue = "traces"\nmax_batchsize = 20', 'max_batchsize'],
    ['toml', 'name = ', 'Invalid TOML|InvalidToml|incomplete|Parse'],
    ['json', '{ ok: true }', 'SyntaxError'],
    ['sql', 'SELECT name FROM nowhere;', 'no such table'],
    ['yaml', 'a: 1', "nothing checks 'yaml'"],
    ['', 'no language', "nothing checks ''"],
  ])('finds a wrong %s snippet: %s', (language, code, message) => {
    const faults = faultsOf(['```' + language, code, '```'].join('\n'));
    expect(faults).toEqual([expect.stringMatching(new RegExp(message))]);
  });

  it('refuses a page whose fence is never closed', () => {
    expect(() => extractSnippets('page.md', '```ts\nconst a = 1;')).toThrow('page.md:1');
  });
});
