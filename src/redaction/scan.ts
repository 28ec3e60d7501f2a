/** The scanner: one pass over a text, from trigger to trigger, each handled within bounds. */
import { ALNUM, HEX, LETTER, QUOTE, URL_SAFE, isAt, isIn } from './chars.ts';
import { CUES, argument, element, option, sentence } from './cues.ts';
import type { Finding, Handler, Scan } from './finding.ts';
import { FORM_WORDS, foundInTable, tableRow } from './forms.ts';
import { basic, bearer, userinfo } from './headers.ts';
import { COUNTRIES, iban } from './iban.ts';
import { mayBeNamed } from './keys.ts';
import type { KeyKind } from './keys.ts';
import { maskEnd } from './masks.ts';
import { number } from './numbers.ts';
import { keyEnd, pair, typedKeyEnd } from './pairs.ts';
import * as pattern from './patterns.ts';
import { TOKEN_FORMATS } from './tokens.ts';
import { ACCOUNT, KIND, THIRD, automaton, hash, wordsOf } from './triggers.ts';

/** Most separators stand behind a word that says nothing, which is seen here. */
const separator: Handler = (scan, at) => {
  const { text } = scan;
  const second = text.charCodeAt(at - 2);
  if (text.charCodeAt(at) === 58) {
    const next = text.charCodeAt(at + 1);
    if (next === 47 && text.charCodeAt(at + 2) === 47) return userinfo(scan, at);
    // Behind a group of one digit it is not the first of an address.
    const mayBeAddress = next === 58 || (second !== 58 && isIn(next, HEX));
    const end = mayBeAddress ? pattern.address(scan, at) : at;
    if (end > at) return end;
  }
  const last = text.charCodeAt(at - 1);
  // A key of one character says nothing.
  if (!isIn(second, URL_SAFE) && isIn(last, ALNUM)) return at;
  const end = isIn(last, LETTER) ? at : keyEnd(text, at);
  const found = end > 0 && mayBeNamed(text, end) ? pair(scan, at, end) : at;
  if (found > at) return found;
  const typed = isTyped(text, at) ? typedKeyEnd(text, at) : 0;
  return typed > 0 ? pair(scan, at, typed) : at;
};

/** An assignment of a text, which may stand behind a type. */
function isTyped(text: string, at: number): boolean {
  if (text.charCodeAt(at) !== 61) return false;
  const next = at + (text.charCodeAt(at + 1) === 32 ? 2 : 1);
  return isAt(text, next, QUOTE) || text.charCodeAt(next) === 92;
}

const arrow: Handler = (scan, at) => {
  const end = keyEnd(scan.text, at - 1);
  return mayBeNamed(scan.text, end) ? pair(scan, at, end) : at;
};

const percent: Handler = (scan, at) =>
  scan.text.startsWith('%40', at) ? pattern.email(scan, at) : at;

const ANY = /^/;

/** What begins at a sign: the sign, what stands before it, the handler. A mask, the first, is passed over. */
const SIGNS: readonly (readonly [signs: string, before: RegExp, handler: Handler])[] = [
  ['[', ANY, (_, at) => at],
  ['@', ANY, pattern.email],
  ['%', ANY, percent],
  [':=', ANY, separator],
  ['>', /[\w"']/, element],
  ['>', /-/, arrow],
  [',;', /["'`]/, argument],
  ['|', /[\n\0]/, tableRow],
  ['.', /[a-z\d]/i, pattern.dotted],
  ['~', /Q/, pattern.azureSecret],
  ['Q', /J/, pattern.azureKey],
  ['-', /[a-f\d]/i, pattern.hyphen],
  ['-', /[\s"'`\0]/, option],
  ['0123456789', /\W/, number],
];

/** What begins at a word. */
const WORDS: readonly Word[] = [
  ['eyJ', pattern.jwt],
  ['BEGIN ', pattern.privateKey],
  ...inCases(['bearer '], bearer),
  ...inCases(['basic '], basic),
  ...inCases(CUES, sentence),
  ...pattern.WEBHOOKS.map((host): [string, Handler] => [host, pattern.webhook]),
  ...FORM_WORDS,
  ...TOKEN_FORMATS,
];

function inCases(words: readonly string[], handler: Handler): [string, Handler][] {
  return words.flatMap((cue) =>
    [cue, cue.toUpperCase(), cue.charAt(0).toUpperCase() + cue.slice(1)].map(
      (cased): [string, Handler] => [cased, handler],
    ),
  );
}

type Word = readonly [prefix: string, handler: Handler];

const { places: PLACES, fourths: FOURTHS, lists: LISTS } = /* @__PURE__ */ wordsOf(WORDS);

const { steps: STEPS, behind: BEHIND } = /* @__PURE__ */ automaton(
  SIGNS,
  WORDS.map(([prefix]) => prefix.slice(0, 3)),
  COUNTRIES,
);

const HANDLERS: readonly Handler[] = /* @__PURE__ */ SIGNS.map(([, , handler]) => handler);

export class TextScan implements Scan {
  readonly text: string;
  readonly context: string;
  readonly findings: Finding[] = [];
  barren = 0;
  rows = 0;
  key = '';
  kind: KeyKind = 'none';
  at = -1;
  state = 0;

  constructor(text: string, context: string) {
    this.text = text;
    this.context = context;
  }

  found(start: number, end: number, name: string): number {
    this.findings.push({ start, end, name });
    return end;
  }

  /** Goes on to the next trigger and returns its kind, or 0 at the end. Apart, so that the loop stays small. */
  advance(): number {
    const { text } = this;
    let { state } = this;
    for (let at = this.at + 1; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code > 127) {
        state = 0;
        continue;
      }
      const step = STEPS[state | code] ?? 0;
      const kind = step & KIND;
      state = step - kind;
      if (kind === 0) continue;
      this.at = at;
      this.state = state;
      return kind;
    }
    return 0;
  }
}

/** Finds what is sensitive in a text. Linear in its length. */
export function scanText(
  text: string,
  names: ReadonlySet<string>,
  context = '',
): readonly Finding[] {
  const scan = new TextScan(text, context);
  for (let kind = scan.advance(); kind !== 0; kind = scan.advance()) {
    const { at } = scan;
    const end = kind === 1 ? maskEnd(text, at, names) : react(scan, kind, at);
    if (end > at) {
      scan.at = end - 1;
      scan.state = (BEHIND[text.charCodeAt(end - 1) & 127] ?? 0) << 7;
    }
  }
  foundInTable(scan);
  return scan.findings;
}

/** A prefix first, then what its last character is by itself. */
function react(scan: TextScan, kind: number, at: number): number {
  let end = at;
  if (kind >= ACCOUNT) end = iban(scan, at);
  if ((kind & THIRD) !== 0) end = Math.max(end, word(scan, at));
  const sign = kind & (THIRD - 1);
  return end > at || sign === 0 ? end : (HANDLERS[sign - 1]?.(scan, at) ?? at);
}

/** At the third character of words: a longer one may know better, so the longest finding counts. */
function word(scan: TextScan, at: number): number {
  const { text } = scan;
  const start = at - 2;
  const place =
    PLACES[hash(text.charCodeAt(start), text.charCodeAt(at - 1), text.charCodeAt(at))] ?? 0;
  // The fourth character dismisses most of them, and the last most others.
  if ((((FOURTHS[place] ?? 0) >>> (text.charCodeAt(at + 1) & 31)) & 1) === 0) return at;
  const words = LISTS[place] ?? [];
  let end = at;
  // By index, as iterators are slow until they are compiled, which a hostile text does not wait for.
  for (let each = 0; each < words.length; each += 1) {
    const entry = words[each];
    const prefix = entry?.[0] ?? '';
    const last = prefix.length - 1;
    if (text.charCodeAt(start + last) !== prefix.charCodeAt(last)) continue;
    if (entry && text.startsWith(prefix, start)) end = Math.max(end, entry[1](scan, start));
  }
  return end;
}
