/** The scanner: one pass over a text, from trigger to trigger, each handled within bounds. */
import { ALNUM, DIGIT, HEX, LETTER, isAt } from './chars.ts';
import { CUES, argument, element, option, sentence } from './cues.ts';
import type { Finding, Handler, Scan } from './finding.ts';
import { basic, bearer, userinfo } from './headers.ts';
import { COUNTRIES, iban } from './iban.ts';
import { maskEnd } from './masks.ts';
import { number } from './numbers.ts';
import { mayBeNamed } from './keys.ts';
import { keyEnd, pair } from './pairs.ts';
import {
  WEBHOOKS,
  azureKey,
  azureSecret,
  dotted,
  email,
  hyphen,
  ipv6,
  jwt,
  mac,
  privateKey,
  webhook,
} from './patterns.ts';
import { TOKEN_FORMATS, tokenEnd } from './tokens.ts';
import type { TokenFormat } from './tokens.ts';
import * as trigger from './triggers.ts';

/** What a word may begin with that matters. */
interface Start {
  readonly prefix: string;
  readonly format?: TokenFormat;
  readonly handler?: Handler;
}

const WORDS: readonly (readonly [string, Handler])[] = [
  ['eyJ', jwt],
  ['BEGIN ', privateKey],
  ...['Bearer ', 'bearer ', 'BEARER '].map((word) => [word, bearer] as const),
  ...['Basic ', 'basic '].map((word) => [word, basic] as const),
  ...WEBHOOKS.map((host) => [host, webhook] as const),
  ...CUES.flatMap((cue) => [cue, cue.toUpperCase(), cue.charAt(0).toUpperCase() + cue.slice(1), cue.replace(/^[a-z]+(?= )/, (word) => word.toUpperCase())]).map((cue) => [cue, sentence] as const),
];

/** Buckets by the first three characters; a prefix of two goes into all of its buckets. */
const BUCKETS = 4_096;

function hash(first: number, second: number, third: number): number {
  return (first * 961 + second * 31 + third) & (BUCKETS - 1);
}

function startBuckets(): readonly (readonly Start[] | undefined)[] {
  const buckets: Start[][] = Array.from({ length: BUCKETS });
  const add = (start: Start): void => {
    const [a, b, c] = [0, 1, 2].map((place) => start.prefix.charCodeAt(place));
    const thirds = start.prefix.length > 2 ? [c ?? 0] : Array.from({ length: 128 }, (_, code) => code);
    for (const third of thirds) {
      const place = hash(a ?? 0, b ?? 0, third);
      const bucket = (buckets[place] ??= []);
      if (!bucket.includes(start)) bucket.push(start);
    }
  };
  for (const format of TOKEN_FORMATS) add({ prefix: format.prefix, format });
  for (const [prefix, handler] of new Map(WORDS)) add({ prefix, handler });
  return buckets;
}

const STARTS = /* @__PURE__ */ startBuckets();

const AUTOMATON = /* @__PURE__ */ trigger.automaton(
  [...TOKEN_FORMATS.map(({ prefix }) => prefix), ...WORDS.map(([start]) => start)],
  COUNTRIES,
);

const { next: NEXT, kind: KIND, behind: BEHIND } = AUTOMATON;

export class TextScan implements Scan {
  readonly text: string;
  readonly context: string;
  readonly findings: Finding[] = [];
  barren = 0;
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
    const { length } = text;
    let { state } = this;
    for (let at = this.at + 1; at < length; at += 1) {
      const code = text.charCodeAt(at);
      if (code > 127) {
        state = 0;
        continue;
      }
      const place = (state << 7) | code;
      state = NEXT[place] ?? 0;
      const kind = KIND[place] ?? 0;
      if (kind !== 0) {
        this.at = at;
        this.state = state;
        return kind;
      }
    }
    return 0;
  }
}

/** Finds what is sensitive in a text. Linear in its length. */
export function scanText(text: string, names: ReadonlySet<string>, context = ''): readonly Finding[] {
  const scan = new TextScan(text, context);
  for (let kind = scan.advance(); kind !== 0; kind = scan.advance()) {
    const { at } = scan;
    const end = kind === trigger.BRACKET ? maskEnd(text, at, names) : react(scan, kind, at);
    if (end > at) {
      scan.at = end - 1;
      scan.state = BEHIND[text.charCodeAt(end - 1) & 127] ?? 0;
    }
  }
  return scan.findings;
}

/** A prefix first, then what its last character is by itself. */
function react(scan: TextScan, kind: number, at: number): number {
  if (kind < trigger.THIRD) return handle(scan, kind, at);
  const own = kind % trigger.THIRD;
  const start = kind >= trigger.SECOND ? at - 1 : at - 2;
  const end = word(scan, start);
  return end > start || own === trigger.NONE ? Math.max(end, at) : handle(scan, own, at);
}

function handle(scan: Scan, kind: number, at: number): number {
  const { text } = scan;
  switch (kind) {
    case trigger.AT_SIGN:
      return email(scan, at);
    case trigger.PERCENT:
      return text.startsWith('%40', at) ? email(scan, at) : at;
    case trigger.NUMBER:
      return number(scan, at);
    case trigger.ACCOUNT:
      return iban(scan, at);
    case trigger.SEPARATOR:
      return separator(scan, at);
    case trigger.ELEMENT:
      return element(scan, at);
    case trigger.COMMA:
      return argument(scan, at);
    case trigger.OPTION:
      return option(scan, at);
    case trigger.HYPHENS:
      return hyphen(scan, at);
    case trigger.DOTTED:
      return dotted(scan, at);
    case trigger.TILDE_MARK:
      return azureSecret(scan, at);
    case trigger.AZURE_MARK:
      return azureKey(scan, at);
    default:
      return at;
  }
}

function word(scan: Scan, at: number): number {
  const { text } = scan;
  const bucket =
    STARTS[hash(text.charCodeAt(at), text.charCodeAt(at + 1), text.charCodeAt(at + 2))];
  if (bucket === undefined) return at;
  let end = at;
  for (let place = 0; place < bucket.length; place += 1) {
    const start = bucket[place];
    if (start === undefined || !text.startsWith(start.prefix, at)) continue;
    const { format, handler } = start;
    const to = format ? tokenEnd(text, at, format) : handler ? handler(scan, at) : at;
    if (format && to > end) scan.found(at, to, format.name);
    end = Math.max(end, to);
  }
  return end;
}

/** Most separators stand behind a word that says nothing, which is seen here. */
function separator(scan: Scan, at: number): number {
  const { text } = scan;
  if (text.charCodeAt(at) === 58) {
    const next = text.charCodeAt(at + 1);
    if (next === 47 && text.charCodeAt(at + 2) === 47) return userinfo(scan, at);
    if ((next === 58 || isAt(text, at + 1, HEX)) && (at === 0 || isAt(text, at - 1, HEX))) {
      const end = Math.max(mac(scan, at), ipv6(scan, at));
      if (end > at) return end;
    }
  }
  const end = isAt(text, at - 1, LETTER) ? at : keyEnd(text, at);
  return end > 0 && mayBeNamed(text, end) ? pair(scan, at, end) : at;
}
