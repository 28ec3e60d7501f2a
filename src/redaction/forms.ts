/** Forms in which a name and its value stand apart: tables, inserts, form parts, calls. */
import { QUOTE, SPACE, STAR, runEnd, runStart } from './chars.ts';
import { before } from './finding.ts';
import type { Handler, Scan } from './finding.ts';
import { kindOfKey, mayBeNamed } from './keys.ts';
import type { KeyKind } from './keys.ts';
import { SIGNED } from './likeness.ts';
import { readValue, take, valueAt } from './values.ts';

/** A form by its first words, as an expression with the name, if it has one, and then the value; without a name it is a secret. */
const FORMS: readonly (readonly [words: string, form: RegExp])[] = [
  ['#define ', /#define[ \t]{1,8}(\w{2,64})[ \t]{1,16}"([^"\n]{3,512})"/dy],
  [
    'form-data; name=',
    /form-data; name=\\?"([\w.-]{2,48})\\?"[^\n]{0,80}?(?:\r?\n|(?:\\r)?\\n){2}([^\r\n\\]{3,512})/dy,
  ],
  ['set_header ', /set_header[ \t]{1,4}([\w-]{2,48})[ \t]{1,8}"?([^\s;"$]{4,512})/dy],
  ['configure set ', /configure set ([\w.-]{2,64}) ([^\s"']{4,512})/dy],
  ['secret set ', /secret set ([\w.-]{2,64})[^\n]{0,40}? (?:--body|-b)[ =]["']?([^\s"']{4,512})/dy],
  [
    'Credential(,BasicAuth(,HTTPBasicAuth(,auth=(',
    /()[\w=]+\(\s{0,8}["'][^"'\n]{0,64}["'],\s{0,8}["']([^"'\n]{3,512})["']/dy,
  ],
  ['-passin ,-passout ', /()-pass\w+ pass:([^\s"']{3,512})/dy],
];

function formAt(form: RegExp): Handler {
  return (scan, at) => {
    form.lastIndex = at;
    const found = form.exec(scan.text);
    const [start = 0, end = 0] = found?.indices?.[2] ?? [];
    const kind = found?.[1] === '' ? 'secret' : kindOfKey(found?.[1] ?? '');
    return kind === 'none' ? at : take(scan, at, kind, valueAt(scan.text, start, end));
  };
}

const COLUMNS = /\(([^()]{3,600})\)\s{0,16}$/;
const CELL =
  /\s{0,16}(?:[NE]?'((?:[^'\n]|''){0,2048})'|"([^"\n]{0,2048})"|[^,()'"\n]{0,512})\s{0,16}([,)])/dy;
const MAX_CELLS = 64;

/** At `VALUES` of an insert: the names stand in a list before it. */
const insertion: Handler = (scan, at) => {
  const { text } = scan;
  const columns = COLUMNS.exec(before(text, at, 640))?.[1]?.split(',') ?? [];
  const kinds = columns.map((column) => kindOfKey(column.replace(/[\s"'`[\]\\]/g, '')));
  if (kinds.every((kind) => kind === 'none')) return at;
  let end = at;
  CELL.lastIndex = text.indexOf('(', at) + 1;
  for (let cell = 0; cell < MAX_CELLS && CELL.lastIndex > at; cell += 1) {
    const found = CELL.exec(text);
    if (!found?.indices) break;
    const [from, to] = found.indices[1] ?? found.indices[2] ?? [0, 0];
    const stop = found[3];
    const kind = kinds[cell % columns.length] ?? 'none';
    if (to > from && kind !== 'none')
      end = Math.max(end, take(scan, at, kind, valueAt(text, from, to)));
    // The next row of the insert.
    if (stop === ')')
      CELL.lastIndex +=
        /^,\s{0,16}\(/.exec(text.slice(CELL.lastIndex, CELL.lastIndex + 20))?.[0].length ?? 9_999;
  }
  return end;
};

const FIELD = /["']([^"'\n]{2,48})["'] ?\)$/;

/** At `.fill(`, behind `getByLabel('Password')`: what is typed into a field. */
const typed: Handler = (scan, at) => {
  const kind = kindOfKey(FIELD.exec(before(scan.text, at, 80))?.[1] ?? '');
  const value = kind === 'none' ? undefined : readValue(scan.text, scan.text.indexOf('(', at) + 1);
  return take(scan, at, kind, value, value?.quoted);
};

function wordsFor(words: string, handler: Handler): [word: string, handler: Handler][] {
  return words.split(',').map((word) => [word, handler]);
}

export const FORM_WORDS: readonly (readonly [word: string, handler: Handler])[] = [
  ...FORMS.flatMap(([words, form]) => wordsFor(words, formAt(form))),
  ...wordsFor('VALUES ,VALUES(,values ', insertion),
  ...wordsFor('.fill(,.send_keys(,.type(', typed),
];

const MAX_COLUMNS = 32;
const MAX_LINE = 8_192;
const NAME_CELL = /^[\w .-]{0,48}$/;
/** A first line that is nothing but names. */
const HEADS = /[\w .\-"'`]{2,600}([\t,;])[\w .\-"'`\t,;]{2,600}\n/y;

/** A table whose first line names the columns. */
export function foundInTable(scan: Scan): void {
  if (!scan.text.includes('\n')) return;
  HEADS.lastIndex = 0;
  const separator = HEADS.exec(scan.text)?.[1];
  const head = separator === undefined ? [] : cellsOf(scan.text, 0, separator);
  if (head.every(([start, end]) => NAME_CELL.test(scan.text.slice(start, end))))
    foundInRows(scan, head, 0, separator ?? '');
}

/** At `|`, where a line begins: a row of Markdown, whose first cell names the second or whose first row the columns. */
export const tableRow: Handler = (scan, at) => {
  if (at < scan.rows) return at;
  const head = cellsOf(scan.text, at, '|');
  scan.rows = foundInRows(scan, head, at, '|');
  return at;
};

/** @returns where the table ends */
function foundInRows(scan: Scan, head: readonly Cell[], from: number, separator: string): number {
  const { text } = scan;
  const isMarkdown = separator === '|';
  const kinds = head.map((cell) => kindOfCell(text, cell));
  const isNamed = head.length > 1 && kinds.some((kind) => kind !== 'none');
  let at = from;
  while (at < text.length && (isNamed || isMarkdown)) {
    const row = at === from ? head : cellsOf(text, at, separator);
    if (row.length === 0 || (!isMarkdown && row.length !== head.length)) break;
    row.forEach((cell, column) => {
      const name = row[column - 1];
      if (isMarkdown && name) foundCell(scan, kindOfCell(text, name), cell);
      if (isNamed && at > from) foundCell(scan, kinds[column] ?? 'none', cell);
    });
    at = lineAfter(text, at);
  }
  return at;
}

/** A cell without its quotes and blanks. */
type Cell = readonly [start: number, end: number];

function kindOfCell(text: string, cell: Cell): KeyKind {
  const [start, end] = trimmed(text, cell[0], cell[1], STAR);
  if (!mayBeNamed(text, end)) return 'none';
  const name = text.slice(start, end);
  return NAME_CELL.test(name) ? kindOfKey(name) : 'none';
}

function foundCell(scan: Scan, kind: KeyKind, [start, end]: Cell): void {
  const value = valueAt(scan.text, start, end);
  const accepts = end - start > 3 && SIGNED.test(value.text) && !/\s/.test(value.text);
  if (kind !== 'none') take(scan, 0, kind, value, accepts);
}

function lineAfter(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end + 1;
}

/** The cells of a line; none where it has no separator. */
function cellsOf(text: string, from: number, separator: string): Cell[] {
  const to = lineAfter(text, from);
  const cells: Cell[] = [];
  if (to - from > MAX_LINE) return cells;
  const line = text.slice(from, to);
  let at = 0;
  while (at < line.length && cells.length < MAX_COLUMNS) {
    const found = line.indexOf(separator, at);
    if (found === -1 && at === 0) break;
    const next = found === -1 ? line.length : found;
    cells.push(trimmed(text, from + at, from + next, AROUND));
    at = next + 1;
  }
  return cells;
}

const AROUND: number = SPACE | QUOTE;

function trimmed(text: string, from: number, to: number, classes: number): Cell {
  const start = runEnd(text, from, classes, to - from);
  return [start, runStart(text, to, classes, to - start)];
}
