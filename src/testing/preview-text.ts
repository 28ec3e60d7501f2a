/** Writes a preview of a policy for people: columns in a terminal, tables in a pull request. */
import type { Json } from '../model/records.ts';

/** What a terminal or a reader would obey: control characters, and those that reorder or hide text. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** A value in one line of at most so many characters. */
export function valueText(value: Json | undefined, max: number): string {
  if (value === undefined) return '—';
  const dropped = Object(value) as { $dropped?: unknown; bytes?: unknown; reason?: unknown };
  if (typeof dropped.$dropped === 'string')
    return `dropped: ${dropped.$dropped}, ${String(dropped.bytes)} B${typeof dropped.reason === 'string' ? `, ${dropped.reason}` : ''}`;
  const text = (typeof value === 'string' ? value : JSON.stringify(value)).replace(
    UNPRINTABLE,
    '·',
  );
  if (text.length <= max) return text;
  const length = ` … ${text.length} characters`;
  return text.slice(0, Math.max(8, max - length.length)) + length;
}

/** Texts side by side, each wrapped in a column of its own. */
export function sideBySide(texts: readonly string[], width: number): string[] {
  const columns = texts.map((text) => wrapped(text, width));
  const height = Math.max(...columns.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    columns
      .map((lines) => (lines[line] ?? '').padEnd(width))
      .join('  ')
      .trimEnd(),
  );
}

/** Lines of at most `width`, broken at blanks where there is one in the last third. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > width) {
    const blank = rest.lastIndexOf(' ', width);
    const end = blank > (width * 2) / 3 ? blank : width;
    lines.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return [...lines, rest];
}

/** A table of which the first row has the titles. */
export function markdownTable([titles = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(markdownCell).join(' | ')} |`;
  const rule = `| ${titles.map(() => '---').join(' | ')} |`;
  return [line(titles), rule, ...rows.map(line)].join('\n');
}

/** A cell that says what it says and nothing more. */
function markdownCell(text: string): string {
  return text
    .replace(UNPRINTABLE, '·')
    .replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`)
    .replace(/[\\|`*_[\]~!]/g, (sign) => `\\${sign}`);
}
