/** Fenced code blocks of a Markdown document. */
export interface Snippet {
  /** The document, from the repository root. */
  path: string;
  /** Line of the fence, from 1; the code begins on the next. */
  line: number;
  language: string;
  code: string;
}

/** What is wrong with one snippet, at a line of its document. */
export interface SnippetFault {
  path: string;
  line: number;
  message: string;
}

const FENCE = /^(?<indent>\s*)(?<ticks>`{3,})(?<language>[^\s`]*)/;

/** All fenced blocks, those of lists (indented) included. */
export function extractSnippets(path: string, markdown: string): Snippet[] {
  const snippets: Snippet[] = [];
  let open: { snippet: Snippet; indent: number; ticks: string; lines: string[] } | undefined;
  for (const [index, text] of markdown.split('\n').entries()) {
    if (open !== undefined) {
      if (text.trim() === open.ticks) {
        snippets.push({ ...open.snippet, code: open.lines.join('\n') });
        open = undefined;
      } else {
        open.lines.push(text.slice(Math.min(open.indent, text.length - text.trimStart().length)));
      }
      continue;
    }
    const { indent = '', ticks, language = '' } = FENCE.exec(text)?.groups ?? {};
    if (ticks === undefined) continue;
    const snippet = { path, line: index + 1, language, code: '' };
    open = { snippet, indent: indent.length, ticks, lines: [] };
  }
  if (open !== undefined)
    throw new Error(`${path}:${open.snippet.line}: the fence is never closed`);
  return snippets;
}
