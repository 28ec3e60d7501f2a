import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { workspace } from '../../support/workspace.ts';

interface Report {
  diagnostics: { code: string; filename: string; message: string }[];
}

/** Lints files with the repository's own configuration; gives the codes of what was found. */
function lint(files: Record<string, string>): Report['diagnostics'] {
  using place = workspace('.oxlintrc.json', 'tsconfig.json', 'scripts/lint');
  for (const [file, content] of Object.entries(files)) place.write(file, content);
  const oxlint = join(place.path, 'node_modules/oxlint/bin/oxlint');
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [oxlint, '--format', 'json', ...Object.keys(files)],
    { cwd: place.path, encoding: 'utf8' },
  );
  try {
    return (JSON.parse(stdout) as Report).diagnostics;
  } catch (cause) {
    throw new Error(`oxlint said: ${stdout}${stderr}`, { cause });
  }
}

const statements = (count: number): string =>
  Array.from({ length: count }, (_, index) => `export const x${index} = ${index};`).join('\n');

const broken: [rule: string, folder: string, what: string, code: string][] = [
  [
    'typescript(no-floating-promises)',
    'src/flush',
    'a promise that nobody awaits',
    'Promise.resolve(1);',
  ],
  [
    'typescript(no-floating-promises)',
    'src/flush',
    'a promise hidden by void',
    'void Promise.resolve(1);',
  ],
  [
    'typescript(no-floating-promises)',
    'test',
    'a promise that a test forgot',
    'Promise.resolve(1);',
  ],
  [
    'typescript(no-misused-promises)',
    'src/flush',
    'an async callback that nobody awaits',
    '[1].forEach(async () => {});',
  ],
  [
    'typescript(await-thenable)',
    'src/flush',
    'an await of no promise',
    'export const a = async () => await 1;',
  ],
  [
    'typescript(only-throw-error)',
    'src/flush',
    'a thrown string',
    "export const a = () => { throw 'text'; };",
  ],
  [
    'typescript(return-await)',
    'src/flush',
    'a promise that escapes its try',
    'export async function a(p: Promise<1>) { try { return p; } catch (e) { return e; } }',
  ],
  [
    'typescript(switch-exhaustiveness-check)',
    'src/flush',
    'a forgotten case',
    "export function a(k: 'x' | 'y') { switch (k) { case 'x': return 1; } return 0; }",
  ],
  ['typescript(no-explicit-any)', 'src/flush', 'any', 'export const a = (b: any): void => { b; };'],
  [
    'typescript(no-unsafe-member-access)',
    'src/flush',
    'a field of any',
    "export const a = JSON.parse('{}').b as string;",
  ],
  [
    'typescript(no-non-null-assertion)',
    'src/flush',
    'a non-null assertion',
    'export const a = (b?: string) => b!;',
  ],
  [
    'typescript(consistent-type-imports)',
    'src/flush',
    'a type imported as a value',
    "import { Context } from 'hono';\nexport type A = Context;",
  ],
  ['eslint(no-unused-vars)', 'src/flush', 'an unused name', 'const a = 1;'],
  [
    'eslint(no-unused-vars)',
    'src/flush',
    'an ignored error',
    'export function a() { try { return 1; } catch (error) { return 2; } }',
  ],
  [
    'eslint(no-empty)',
    'src/flush',
    'an empty catch',
    'export function a(): void { try { a(); } catch {} }',
  ],
  ['eslint(no-console)', 'src/flush', 'console.log', 'console.log(1);'],
  ['eslint(no-console)', 'src/policy', 'any log of a pure room', 'console.error(1);'],
  ['eslint(eqeqeq)', 'src/flush', 'loose equality', 'export const a = (b: unknown) => b == null;'],
  ['eslint(max-lines)', 'src/flush', 'a file of 251 lines', statements(251)],
  [
    'eslint(max-lines-per-function)',
    'src/flush',
    'a function of 42 lines',
    `export function a(): void {\n${'a();\n'.repeat(40)}}`,
  ],
  [
    'eslint(no-restricted-properties)',
    'src/policy',
    'a clock in a pure room',
    'export const a = () => Date.now();',
  ],
  [
    'eslint(no-restricted-properties)',
    'src/identity',
    'randomness in a pure room',
    'export const a = () => Math.random();',
  ],
  [
    'eslint(no-restricted-globals)',
    'src/redaction',
    'I/O in a pure room',
    "export const a = () => fetch('https://example.com');",
  ],
  ['import(no-default-export)', 'src/flush', 'a default export', 'export default 1;'],
  [
    'vitest(no-focused-tests)',
    'test',
    'a focused test',
    "import { expect, it } from 'vitest';\nit.only('runs', () => { expect(1).toBe(1); });",
  ],
  [
    'vitest(expect-expect)',
    'test',
    'a test that asserts nothing',
    "import { it } from 'vitest';\nit('asserts nothing', () => {});",
  ],
];

const cases = broken.map(([rule, folder, what, code], index) => {
  const file = `${folder}/case-${index}${folder === 'test' ? '.test' : ''}.ts`;
  return { rule, folder, what, file, code };
});

describe('the lint configuration', () => {
  let found: Report['diagnostics'] = [];

  beforeAll(() => {
    found = lint(Object.fromEntries(cases.map(({ file, code }) => [file, code])));
  });

  it.each(cases)('reports $rule in $folder: $what', ({ rule, file }) => {
    const rules = found.filter(({ filename }) => filename === file).map(({ code }) => code);
    expect(rules).toContain(rule);
  });

  it('reports a cycle of imports', () => {
    const files = {
      'src/flush/a.ts': "import { b } from './b.ts';\nexport const a = (): unknown => b;",
      'src/flush/b.ts': "import { a } from './a.ts';\nexport const b = (): unknown => a;",
    };
    expect(lint(files).map(({ code }) => code)).toContain('import(no-cycle)');
  });

  it('reports an import against the layout, however it is written', () => {
    const code = [
      "import { a } from '../flush/a.ts';",
      "import type { B } from '../flush/b.ts';",
      "export * from '../flush/c.ts';",
      "export { d } from '../flush/d.ts';",
      "export type E = import('../flush/e.ts').E;",
      "export const f = async (): Promise<unknown> => import('../flush/f.ts');",
      'export const used = (b: B): unknown => [a, b];',
    ].join('\n');
    const reported = lint({ 'src/model/a.ts': code }).filter(
      ({ code: rule }) => rule === 'sluice(layout)',
    );
    expect(reported.map(({ message }) => message)).toEqual(
      Array.from({ length: 6 }, () => 'imports go down: flush is above model'),
    );
  });

  it('takes an inline `type` for an import at run time, which it is', () => {
    const code = "import { type Span } from '@openai/agents';\nexport type A = Span<never>;";
    expect(lint({ 'src/capture/a.ts': code }).map(({ code: rule }) => rule)).toContain(
      'sluice(layout)',
    );
  });

  it('has nothing against code that is right', () => {
    const code = [
      "import type { Context } from 'hono';",
      '',
      'export function path(c: Context): string {',
      '  return c.req.path;',
      '}',
      '',
    ].join('\n');
    expect(lint({ 'src/identity/a.ts': code })).toEqual([]);
  });

  it('reports a directive that suppresses nothing', () => {
    const code = '// oxlint-disable-next-line no-console\nexport const a = 1;\n';
    expect(lint({ 'src/flush/a.ts': code }).map(({ message }) => message)).toEqual([
      expect.stringContaining('Unused'),
    ]);
  });
});
