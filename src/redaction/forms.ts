/** Forms in which a name and its value stand apart: tables, inserts, form parts, calls. */
import { ALNUM, DOT, HYPHEN, QUOTE, SPACE, UNDERSCORE, isAt, isIn } from './chars.ts';
import { before } from './finding.ts';
import type { Handler, Scan } from './finding.ts';
import { kindOfKey, mayBeNamed } from './keys.ts';
import { readValue, take } from './values.ts';
import type { Value } from './values.ts';

/** A form by its first word, as an expression with the name and then the value; without a name it is a secret. */
const FORMS: readonly (readonly [word: string, form: RegExp])[] = [
  ['#define ', /#define[ \t]{1,8}(?<name>\w{2,64})[ \t]{1,16}"(?<value>[^"\n]{3,512})"/dy],
  [
    'form-data; name=',
    /form-data; name=\\?"(?<name>[\w.-]{2,48})\\?"[^\n]{0,80}?(?:\r?\n|(?:\\r)?\\n){2}(?<value>[^\r\n\\]{3,512})/dy,
  ],
  [
    'set_header ',
    /set_header[ \t]{1,4}(?<name>[\w-]{2,48})[ \t]{1,8}"?(?<value>[^\s;"$]{4,512})/dy,
  ],
  ['configure set ', /configure set (?<name>[\w.-]{2,64}) (?<value>[^\s"']{4,512})/dy],
  [
    'secret set ',
    /secret set (?<name>[\w.-]{2,64})[^\n]{0,40}? (?:--body|-b)[ =]["']?(?<value>[^\s"']{4,512})/dy,
  ],
  ['Credential(', /Credential\(\s{0,8}(["'])[^"'\n]{0,64}\1,\s{0,8}\1(?<value>[^"'\n]{3,512})\1/dy],
  [
    'BasicAuth(',
    /(?:HTTP)?BasicAuth\(\s{0,8}(["'])[^"'\n]{0,64}\1,\s{0,8}\1(?<value>[^"'\n]{3,512})\1/dy,
  ],
  [
    'HTTPBasicAuth(',
    /(?:HTTP)?BasicAuth\(\s{0,8}(["'])[^"'\n]{0,64}\1,\s{0,8}\1(?<value>[^"'\n]{3,512})\1/dy,
  ],
  ['auth=(', /auth=\(\s{0,8}(["'])[^"'\n]{0,64}\1,\s{0,8}\1(?<value>[^"'\n]{3,512})\1/dy],
  ['-passin ', /-passin pass:(?<value>[^\s"']{3,512})/dy],
  ['-passout ', /-passout pass:(?<value>[^\s"']{3,512})/dy],
];

function formAt(form: RegExp): Handler {
  return (scan, at) => {
    form.lastIndex = at;
    const { groups = {}, indices } = form.exec(scan.text) ?? {};
    const [start = 0, end = 0] = indices?.groups?.['value'] ?? [];
    const kind = groups['name'] === undefined ? 'secret' : kindOfKey(groups['name']);
    if (end === 0 || kind === 'none') return at;
    return take(scan, at, kind, valueAt(scan.text, start, end));
  };
}

function valueAt(text: string, start: number, end: number): Value {
  return { text: text.slice(start, end), start, end, quoted: true };
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

export const FORM_WORDS: readonly (readonly [word: string, handler: Handler])[] = [
  ...FORMS.map(([word, form]): [string, Handler] => [word, formAt(form)]),
  ['VALUES ', insertion],
  ['VALUES(', insertion],
  ['values ', insertion],
  ['.fill(', typed],
  ['.send_keys(', typed],
  ['.type(', typed],
];

const MAX_COLUMNS = 32;
const NAME_CELL = /^["'`*\s]*([A-Za-z_][\w .-]{0,47})["'`*\s]*$/;
const SIGNED = /[\d!@#$%^&*~+=/?]/;

/** Tables whose first line names the columns, and rows of Markdown whose first cell names the second. */
export function foundInTables(scan: Scan): void {
  const { text } = scan;
  const end = text.indexOf('\n');
  if (end === -1) return;
  const separator = end < 1_024 ? separatorOf(text.slice(0, end)) : undefined;
  if (separator !== undefined) foundInRows(scan, 0, separator);
  if (!text.includes('|')) return;
  for (let at = text.startsWith('|') ? 0 : next(text, 0); at > -1; at = next(text, at))
    at = foundInRows(scan, at, '|');
}

const SEPARATORS: readonly string[] = ['\t', ',', ';'];
const OF_HEADS: number = ALNUM | UNDERSCORE | HYPHEN | DOT | SPACE | QUOTE;

/** What stands between the cells of a first line that is nothing but names, of which one may name something. */
function separatorOf(line: string): string | undefined {
  const separator = SEPARATORS.find((sign) => line.includes(sign));
  if (separator === undefined) return undefined;
  let isNamed = false;
  for (let at = 0; at <= line.length; at += 1) {
    if (at === line.length || line.startsWith(separator, at))
      isNamed ||= mayBeNamed(line, isAt(line, at - 1, QUOTE) ? at - 1 : at);
    else if (!isIn(line.charCodeAt(at), OF_HEADS)) return undefined;
  }
  return isNamed ? separator : undefined;
}

/** Where the next line that begins with `|` does. */
function next(text: string, from: number): number {
  const at = text.indexOf('\n|', from);
  return at === -1 ? -1 : at + 1;
}

/** @returns where the last row begins */
function foundInRows(scan: Scan, from: number, separator: string): number {
  const { text } = scan;
  const head = cellsOf(text, from, separator);
  const kinds = head.map(({ text: cell }) => kindOfKey(NAME_CELL.exec(cell)?.[1]?.trim() ?? ''));
  const isNamed = head.length > 1 && kinds.some((kind) => kind !== 'none');
  let last = from;
  for (let at = from; at > -1 && at < text.length; at = lineAfter(text, at)) {
    const row = at === from && separator !== '|' ? [] : cellsOf(text, at, separator);
    if (row.length === 0 && at > from) break;
    last = at;
    if (separator === '|') pairsIn(scan, row);
    else if (!isNamed || (at > from && row.length !== head.length)) break;
    if (at === from || !isNamed) continue;
    for (const [column, cell] of row.entries()) foundCell(scan, kinds[column] ?? 'none', cell);
  }
  return last;
}

function pairsIn(scan: Scan, row: readonly Value[]): void {
  for (const [column, { text }] of row.slice(0, -1).entries()) {
    const value = row[column + 1];
    const name = NAME_CELL.exec(text)?.[1]?.trim() ?? '';
    if (value) foundCell(scan, kindOfKey(name), value);
  }
}

function foundCell(scan: Scan, kind: ReturnType<typeof kindOfKey>, cell: Value): void {
  if (kind === 'none' || /\s/.test(cell.text) || !SIGNED.test(cell.text)) return;
  take(scan, 0, kind, cell, cell.text.length > 3);
}

function lineAfter(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? -1 : end + 1;
}

/** The cells of a line without their quotes and blanks; none where it has no separator. */
function cellsOf(text: string, from: number, separator: string): Value[] {
  const end = text.indexOf('\n', from);
  const line = text.slice(from, end === -1 ? undefined : end);
  if (!line.includes(separator) || line.length > 8_192) return [];
  const cells: Value[] = [];
  let at = from;
  for (const cell of line.split(separator).slice(0, MAX_COLUMNS)) {
    const inner = cell.replace(/^[\s"'`]+|[\s"'`]+$/g, '');
    const start = at + cell.indexOf(inner);
    cells.push({ text: inner, start, end: start + inner.length, quoted: true });
    at += cell.length + separator.length;
  }
  return cells;
}
