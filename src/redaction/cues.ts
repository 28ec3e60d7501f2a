/** Secrets in command lines, markup, calls and sentences. */
import {
  ALNUM,
  DOT,
  HYPHEN,
  LETTER,
  QUOTE,
  SPACE,
  UNDERSCORE,
  isAt,
  runEnd,
  runStart,
} from './chars.ts';
import { before } from './finding.ts';
import type { Handler, Scan } from './finding.ts';
import { kindOfKey, mayBeNamed } from './keys.ts';
import type { KeyKind } from './keys.ts';
import { isCode, looksRandom } from './likeness.ts';
import { readValue, take, valueAt } from './values.ts';
import type { Value } from './values.ts';

const NAME: number = ALNUM | HYPHEN | UNDERSCORE | DOT;

/** curl's `-u user:password`: the whole is what the server asks for. */
const USER = /[ =]{1,4}(\\{0,9}["']?)([^\s"'\\]*:(?!\/\/)[^\s"'\\]*)\1/y;
/** `mysql -pword` and `sshpass -p word`: elsewhere `-p` is a port or a path. */
const PASSWORD_PROGRAM = /\b(mysql|mariadb|sshpass|docker|podman|mongo|htpasswd)[^\n;|]{0,120}$/;

/** At the hyphen of an option: `--password word`, `-u user:word`, `-pword`. */
export const option: Handler = (scan, at) => {
  const { text } = scan;
  if (!isAt(text, at + 1, LETTER | HYPHEN)) return at;
  const end = runEnd(text, at, NAME, 48);
  const letter = text.charAt(at + 1);
  if (letter === '-' || end > at + 2) {
    if (letter === 'p' && PASSWORD_PROGRAM.test(before(text, at, 150)))
      return glued(scan, at, readValue(text, at + 2));
    const name = text.slice(at, end);
    if (name === '--user' || name === '--proxy-user') return user(scan, at, end);
    if (!mayBeNamed(text, end) || !isAt(text, end, SPACE)) return at;
    const value = readValue(text, end);
    const kind = kindOfKey(name);
    return take(scan, at, kind, value, kind !== 'none' && !value?.text.startsWith('-'));
  }
  if (letter === 'u') return user(scan, at, end);
  const lead = before(text, at, 150);
  // With a blank, MySQL asks for the password, and the word is a database.
  const program = letter === 'p' ? PASSWORD_PROGRAM.exec(lead)?.[1] : undefined;
  if (program !== undefined && !/^m[ay]/.test(program))
    return glued(scan, at, readValue(text, end));
  if (!isAt(text, end, SPACE) || !PROGRAM_FLAGS[letter]?.test(lead.slice(-120))) return at;
  const value = readValue(text, end);
  return take(scan, at, 'secret', secretPart(value), (value?.text.length ?? 0) > 3);
};

function glued(scan: Scan, at: number, value: Value | undefined): number {
  const word = value?.text ?? '';
  return take(scan, at, 'secret', value, word.length > 3 && !/^[\d:]+$/.test(word));
}

function user(scan: Scan, at: number, from: number): number {
  USER.lastIndex = from;
  const [, quote = '', word = ''] = USER.exec(scan.text) ?? [];
  const end = USER.lastIndex - quote.length;
  const value = valueAt(scan.text, end - word.length, end);
  const password = { ...value, text: word.slice(word.indexOf(':') + 1) || word };
  return take(scan, at, 'secret', password, word.length > 3);
}

/** `-a user:word`: what stands behind the colon. */
function secretPart(value: Value | undefined): Value | undefined {
  const colon = value?.text.indexOf(':') ?? -1;
  if (!value || colon < 1) return value;
  return { ...value, text: value.text.slice(colon + 1), start: value.start + colon + 1 };
}

/** Short options that are a password in some programs, and something else elsewhere. */
const PROGRAM_FLAGS: { readonly [letter: string]: RegExp } = {
  a: /\b(?:redis-cli|https?)\s[^\n;|]{0,100}$/,
  P: /\b(?:sqlcmd|bcp|zip)\s[^\n;|]{0,100}$/,
  w: /\bldap\w{2,8}\s[^\n;|]{0,100}$/,
  p: /\b(?:az|psexec\S{0,4}|xfreerdp|influx|ipmitool)\s[^\n;|]{0,100}$/i,
};
const CONTENT = />\s{0,64}(?:<!\[CDATA\[)?([^<]{1,4096}?)(?:\]\]>)?\s{0,64}</y;
/** `<wsse:Password Type="…"`, `<string name="api_key"`: the name of what follows. */
const TAG = /^<(?:[\w-]{1,32}:)?([\w.-]{2,64})\s[^<>]*$/;
const NAME_ATTRIBUTE = /\sname=\\?["']([\w .-]{2,48})\\?["']/;
/** `<key>password</key><string`, as property lists have it. */
const NAMED_BEFORE = /<key>([^<]{2,48})<\/key>\s{0,40}$/;

/** At `>` of `<password>`: the text of an element. */
export const element: Handler = (scan, at) => {
  const { text } = scan;
  const name = mayBeNamed(text, at) ? runStart(text, at, NAME, 64) : 0;
  const own = /[<:]/.test(text.charAt(name - 1)) ? kindOfKey(text.slice(name, at)) : 'none';
  const kind = own === 'none' ? kindOfElement(before(text, at, 200)) : own;
  if (kind === 'none') return at;
  CONTENT.lastIndex = at;
  const [all = '', word = ''] = CONTENT.exec(text) ?? [];
  const start = at + all.indexOf(word, 1);
  return take(scan, at, kind, valueAt(text, start, start + word.length), word !== '');
};

function kindOfElement(lead: string): KeyKind {
  const open = lead.lastIndexOf('<');
  const [tag = '', name = ''] = open === -1 ? [] : (TAG.exec(lead.slice(open)) ?? []);
  let kind = kindOfKey(name);
  if (kind === 'none' && tag !== '') kind = kindOfKey(NAME_ATTRIBUTE.exec(tag)?.[1] ?? '');
  return kind === 'none' && lead.includes('</key>')
    ? kindOfKey(NAMED_BEFORE.exec(lead.slice(0, open))?.[1] ?? '')
    : kind;
}

/** At the comma of `set("API_TOKEN", "word")`: the second argument is the value of the first. */
export const argument: Handler = (scan, at) => {
  const { text } = scan;
  let end = at - 1;
  while (text.charCodeAt(end - 1) === 92) end -= 1;
  if (!mayBeNamed(text, end)) return at;
  const start = runStart(text, end, NAME, 64);
  // A selector begins with a sign: `fill('#password', 'word')`.
  const opens = /[#.[@]/.test(text.charAt(start - 1)) ? start - 2 : start - 1;
  const kind = isAt(text, opens, QUOTE) ? kindOfKey(text.slice(start, end)) : 'none';
  if (kind === 'none') return at;
  const value = readValue(text, at + 1);
  return take(scan, at, 'likely', value, value?.quoted);
};

/** The words that `sentence` begins at, as the scanner's triggers. */
export const CUES: readonly string[] =
  'password ,passcode ,passphrase ,passwd ,passwort ,kennwort ,wachtwoord ,senha ,clave ,contrase,mot de passe ,pass ,pwd ,pw ,creds,credentials,secret ,token ,api key ,API key ,api token ,API token ,access key ,access token ,pin ,identified ,login ,sign in with ,log in with ,logged in with ,logged in as '.split(
    ',',
  );

const NOUN =
  'pass(?:word|code|phrase|wd|wort)?|kennwort|wachtwoord|senha|clave|contraseña|mot de passe|pwd?|secret(?: key)?|(?:api |access )?token|(?:api|access) key|pin(?: code)?';
const VERB =
  '(?:(?:was|has been|is) (?:now|(?:changed|reset|set|updated) to)|is|was|to|as|of|will be|ist|lautet|est|es|é|är)';
const SENTENCE: RegExp = /* @__PURE__ */ new RegExp(
  `(?:(?:${NOUN})(?:(?: (?:for|to|of|on|für|para|pour|de|del)(?: [\\w.@%'-]{1,40}){1,5}?)? ${VERB}| (?:for|of)(?: [\\w.@%'-]{1,40}){1,3}? ?(?==))?(?: now)? ?[:=]?(?: ?(?:->|→|=>))?|identified (?:with \\w{1,40} )?by(?: password)?|login [\\w.@-]{1,64} password|cred(?:ential)?s(?: (?:are|is))?:? [\\w.@+-]{1,64} ?[:/]|(?:sign|log(?:ged)?) in (?:with|as) [\\w.@+-]{1,64} ?[:/])[ \\t]*`,
  'iy',
);

/** At a word such as `password`: `… is word`, `PASSWORD 'word'`, `login name password word`. */
export const sentence: Handler = (scan, at) => {
  const { text } = scan;
  SENTENCE.lastIndex = at;
  const lead = SENTENCE.exec(text)?.[0];
  const value = lead === undefined ? undefined : readValue(text, at + lead.length);
  if (lead === undefined || value === undefined) return at;
  const word = value.quoted ? value.text : value.text.replace(/[.!?]+$/, '');
  const isPin = /^pin/i.test(lead) && /^\d{4,8}$/.test(word);
  // "Pass `scope` to …" is no password; in code, names stand in backticks.
  const isNamed =
    value.quoted &&
    /^(?:passw|passp|passc|pwd|ident)/i.test(lead) &&
    text.charAt(value.start - 1) !== '`';
  const accepts =
    word.length > 3 && !/\s/.test(word) && !isCode(word) && (isPin || isNamed || looksMade(word));
  return take(
    scan,
    at,
    'secret',
    { ...value, text: word, end: value.start + word.length },
    accepts,
  );
};

/** In a sentence only what no word is: letters with digits or signs among them. */
function looksMade(word: string): boolean {
  const signs = /[!@#$%^&+=~]./.test(word);
  return (
    /[a-z]/i.test(word) &&
    (signs || (/\d/.test(word) && word.length > 5 && (looksRandom(word) || word.length < 8)))
  );
}
