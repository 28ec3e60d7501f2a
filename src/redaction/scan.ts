/** The scanner: one pass over a text, from trigger to trigger, each handled within bounds. */
import { ALNUM, HEX, LETTER, QUOTE, URL_SAFE, groupBy, isAt } from './chars.ts';
import { CUES, argument, element, option, sentence } from './cues.ts';
import type { Finding, Handler, Scan } from './finding.ts';
import { FORM_WORDS, foundInTables } from './forms.ts';
import { basic, bearer, userinfo } from './headers.ts';
import { ACCOUNTS, iban } from './iban.ts';
import { mayBeNamed } from './keys.ts';
import { maskEnd } from './masks.ts';
import { number } from './numbers.ts';
import { keyEnd, pair, typedKeyEnd } from './pairs.ts';
import * as pattern from './patterns.ts';
import { TOKEN_FORMATS } from './tokens.ts';
import { SECOND, THIRD, automaton } from './triggers.ts';

/** Most separators stand behind a word that says nothing, which is seen here. */
const separator: Handler = (scan, at) => {
  const { text } = scan;
  if (text.charCodeAt(at) === 58) {
    const next = text.charCodeAt(at + 1);
    if (next === 47 && text.charCodeAt(at + 2) === 47) return userinfo(scan, at);
    if ((next === 58 || isAt(text, at + 1, HEX)) && (at === 0 || isAt(text, at - 1, HEX))) {
      const end = Math.max(pattern.mac(scan, at), pattern.ipv6(scan, at));
      if (end > at) return end;
    }
  }
  // A key of one character says nothing.
  if (isAt(text, at - 1, ALNUM) && !isAt(text, at - 2, URL_SAFE)) return at;
  const end = isAt(text, at - 1, LETTER) ? at : keyEnd(text, at);
  const found = end > 0 && mayBeNamed(text, end) ? pair(scan, at, end) : at;
  if (found > at) return found;
  const typed = isTyped(text, at) ? typedKeyEnd(text, at) : 0;
  return typed > 0 && mayBeNamed(text, typed) ? pair(scan, at, typed) : at;
};

/** An assignment of a text behind what may be a type. */
function isTyped(text: string, at: number): boolean {
  if (text.charCodeAt(at) !== 61) return false;
  const next = at + (text.charCodeAt(at + 1) === 32 ? 2 : 1);
  if (!isAt(text, next, QUOTE) && text.charCodeAt(next) !== 92) return false;
  const last = text.charCodeAt(at - 1) === 32 ? at - 2 : at - 1;
  return text.charCodeAt(last) === 93 || text.slice(Math.max(0, last - 44), last).includes(':');
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
  ['.', /[a-z\d]/i, pattern.dotted],
  ['~', /Q/, pattern.azureSecret],
  ['Q', /J/, pattern.azureKey],
  ['-', /[a-f\d]/i, pattern.hyphen],
  ['-', /[\s"'`\0]/, option],
  ['0123456789', /\W/, number],
];

/** What begins at a word. */
const WORDS: readonly (readonly [prefix: string, handler: Handler])[] = [
  ['eyJ', pattern.jwt],
  ['BEGIN ', pattern.privateKey],
  ...inCases(['bearer '], bearer),
  ...inCases(['basic '], basic),
  ...inCases(CUES, sentence),
  ...pattern.WEBHOOKS.map((host): [string, Handler] => [host, pattern.webhook]),
  ...ACCOUNTS.map((account): [string, Handler] => [account, iban]),
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

/** The words by their first three characters. */
const STARTS = /* @__PURE__ */ groupBy(WORDS, ([prefix]) => prefix.slice(0, 3));

const {
  steps: STEPS,
  behind: BEHIND,
  wholes: WHOLES,
} = /* @__PURE__ */ automaton(SIGNS, [...STARTS.keys()]);

/** A word, with its fourth character, which dismisses most of them; 0 where it has none. */
interface Candidate {
  readonly fourth: number;
  readonly prefix: string;
  readonly handler: Handler;
}

/** The same words by the place in the automaton that their first three characters lead to. */
const BY_PLACE: ReadonlyMap<number, readonly Candidate[]> = /* @__PURE__ */ new Map(
  Array.from(WHOLES, ([place, whole]) => [
    place,
    (STARTS.get(whole) ?? []).map(([prefix, handler]) => ({
      fourth: prefix.length > 3 ? prefix.charCodeAt(3) : 0,
      prefix,
      handler,
    })),
  ]),
);

const NO_WORD: Candidate = { fourth: 0, prefix: '', handler: (_, at) => at };
const NO_WORDS: readonly Candidate[] = [];

const HANDLERS: readonly Handler[] = /* @__PURE__ */ SIGNS.map(([, , handler]) => handler);

export class TextScan implements Scan {
  readonly text: string;
  readonly context: string;
  readonly findings: Finding[] = [];
  barren = 0;
  at = -1;
  state = 0;
  /** Where in the automaton the last trigger was. */
  place = 0;

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
      const kind = step & 255;
      if (kind !== 0) {
        this.at = at;
        this.place = state | code;
        this.state = step >>> 8;
        return kind;
      }
      state = step >>> 8;
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
  foundInTables(scan);
  return scan.findings;
}

/** A prefix first, then what its last character is by itself. */
function react(scan: TextScan, kind: number, at: number): number {
  const end = kind < THIRD ? at : word(scan, kind < SECOND ? at - 2 : at - 1, at);
  const sign = kind % THIRD;
  return end > at || sign === 0 ? end : (HANDLERS[sign - 1]?.(scan, at) ?? at);
}

/** All that begins at a place: a longer prefix may know better, so the longest finding counts. */
function word(scan: TextScan, start: number, at: number): number {
  const words = BY_PLACE.get(scan.place) ?? NO_WORDS;
  const { text } = scan;
  const fourth = text.charCodeAt(start + 3);
  let end = at;
  for (let place = 0; place < words.length; place += 1) {
    const candidate = words[place] ?? NO_WORD;
    if (candidate.fourth !== 0 && candidate.fourth !== fourth) continue;
    if (text.startsWith(candidate.prefix, start))
      end = Math.max(end, candidate.handler(scan, start));
  }
  return end;
}
