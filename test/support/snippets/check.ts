import { checkJson, checkSql, checkToml } from './data.ts';
import type { Snippet, SnippetFault } from './extract.ts';
import { checkShell } from './shell.ts';
import type { Manifest } from './shell.ts';
import { checkTypeScript } from './typescript.ts';

/** Shown, not run: output, drawings and HTTP exchanges. */
const ILLUSTRATIONS = new Set(['text', 'http', 'mermaid', 'diff']);

/** Checks every snippet by what reads its language; a language that nothing reads is a fault. */
export function checkSnippets(
  root: string,
  manifest: Manifest,
  snippets: readonly Snippet[],
): SnippetFault[] {
  const typescript = snippets.filter(({ language }) => /^tsx?$/.test(language));
  const others = snippets.filter((snippet) => !typescript.includes(snippet));
  return [
    ...checkTypeScript(root, typescript),
    ...others.flatMap((snippet) => checkOther(root, manifest, snippet)),
  ];
}

function checkOther(root: string, manifest: Manifest, snippet: Snippet): SnippetFault[] {
  const { path, line, language } = snippet;
  if (ILLUSTRATIONS.has(language)) return [];
  if (language === 'sh') return checkShell(manifest, snippet);
  if (language === 'toml') return checkToml(snippet);
  if (language === 'json') return checkJson(snippet);
  if (language === 'sql') return checkSql(root, snippet);
  return [
    {
      path,
      line,
      message: `nothing checks '${language}': use ts, tsx, sh, toml, json, sql or text`,
    },
  ];
}
