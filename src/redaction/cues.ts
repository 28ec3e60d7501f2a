/** Secrets in command lines, markup, calls and sentences. */
import { ALNUM, DOT, HYPHEN, QUOTE, SPACE, UNDERSCORE, isAt, runEnd, runStart } from './chars.ts';
import { before } from './finding.ts';
import type { Handler } from './finding.ts';
import { kindOfKey } from './keys.ts';
import type { KeyKind } from './keys.ts';
import { isCode, looksRandom } from './likeness.ts';
import { readValue, take } from './values.ts';
import type { Value } from './values.ts';

const NAME: number = ALNUM | HYPHEN | UNDERSCORE | DOT;

/** curl's `-u user:password`: the whole is what the server asks for. */
const USER = /[ =]{1,4}(\\{0,9}["']?)([^\s"'\\]*:(?!\/\/)[^\s"'\\]*)\1/y;
/** `mysql -pword` and `sshpass -p word`: elsewhere `-p` is a port or a path. */
const PASSWORD_PROGRAM = /\b(mysql|mariadb|sshpass|docker|podman|mongo|htpasswd)[^\n;|]{0,120}$/;

/** At the hyphen of an option: `--password word`, `-u user:word`, `-pword`. */
export const option: Handler = (scan, at) => {
  const { text } = scan;
  const end = runEnd(text, at, NAME, 48);
  const name = text.slice(at, end);
  if (/^(?:-u|--user|--proxy-user)$/.test(name)) {
    USER.lastIndex = end;
    const [, quote = '', word = ''] = USER.exec(text) ?? [];
    const to = USER.lastIndex - quote.length;
    const value = {
      text: word.slice(word.indexOf(':') + 1) || word,
      start: to - word.length,
      end: to,
      quoted: true,
    };
    return take(scan, at, 'secret', value, word.length > 3);
  }
  const program = name.startsWith('-p')
    ? PASSWORD_PROGRAM.exec(before(text, at, 150))?.[1]
    : undefined;
  // With a blank, MySQL asks for the password, and the word is a database.
  const asks = name === '-p' && (program === 'mysql' || program === 'mariadb');
  const isGlued = program !== undefined && !asks;
  const value = readValue(text, isGlued ? at + 2 : end);
  if (isGlued)
    return take(
      scan,
      at,
      'secret',
      value,
      (value?.text.length ?? 0) > 3 && !/^[\d:]+$/.test(value?.text ?? ''),
    );
  if (!isAt(text, end, SPACE)) return at;
  const lead = before(text, at, 120);
  if (PROGRAM_FLAGS.some(([flag, of]) => flag.test(name) && of.test(lead)))
    return take(scan, at, 'secret', secretPart(value), (value?.text.length ?? 0) > 3);
  const kind = kindOfKey(name);
  return take(scan, at, kind, value, kind !== 'none' && !value?.text.startsWith('-'));
};

/** `-a user:word`: what stands behind the colon. */
function secretPart(value: Value | undefined): Value | undefined {
  const colon = value?.text.indexOf(':') ?? -1;
  if (!value || colon < 1) return value;
  return { ...value, text: value.text.slice(colon + 1), start: value.start + colon + 1 };
}

/** Short options that are a password in some programs, and what else they are elsewhere. */
const PROGRAM_FLAGS: readonly (readonly [flag: RegExp, program: RegExp])[] = [
  [/^-a$/, /\b(?:redis-cli|https?)\s[^\n;|]{0,100}$/],
  [/^-P$/, /\b(?:sqlcmd|bcp|zip)\s[^\n;|]{0,100}$/],
  [/^-w$/, /\bldap\w{2,8}\s[^\n;|]{0,100}$/],
  [/^-p$/, /\b(?:az|psexec\S{0,4}|xfreerdp|influx|ipmitool)\s[^\n;|]{0,100}$/i],
  [/^-(?:store|key|dest|src)\w{0,8}pass$/, /^/],
];
const CONTENT = />\s{0,64}(?:<!\[CDATA\[)?([^<]{1,4096}?)(?:\]\]>)?\s{0,64}</y;
/** `<Password Type="…">`, `<string name="api_key">`, `<key>password</key><string>`: the name of what follows. */
const NAMED_ELEMENT =
  /<(?:[\w-]{1,32}:)?(\w[\w.-]{1,63})\s[^<>]{0,160}$|<key>([^<]{2,48})<\/key>\s{0,40}<\w{1,12}$/;
const NAME_ATTRIBUTE = /\bname=\\?["']([\w .-]{2,48})\\?["'][^<>]{0,60}$/;

/** At `>` of `<password>`: the text of an element. */
export const element: Handler = (scan, at) => {
  const { text } = scan;
  const name = runStart(text, at, NAME, 64);
  const isTag = /[<:]/.test(text.charAt(name - 1));
  const own = isTag ? kindOfKey(text.slice(name, at)) : 'none';
  const kind = own === 'none' ? kindOfElement(before(text, at, 200)) : own;
  if (kind === 'none') return at;
  CONTENT.lastIndex = at;
  const [all = '', word = ''] = CONTENT.exec(text) ?? [];
  const start = at + all.indexOf(word, 1);
  return take(
    scan,
    at,
    kind,
    { text: word, start, end: start + word.length, quoted: true },
    word !== '',
  );
};

function kindOfElement(lead: string): KeyKind {
  const [, tag = '', key = tag] = NAMED_ELEMENT.exec(lead) ?? [];
  const kind = kindOfKey(key);
  return kind === 'none' && tag !== '' ? kindOfKey(NAME_ATTRIBUTE.exec(lead)?.[1] ?? '') : kind;
}

/** At the comma of `set("API_TOKEN", "word")`: the second argument is the value of the first. */
export const argument: Handler = (scan, at) => {
  const { text } = scan;
  let end = at - 1;
  while (text.charAt(end - 1) === '\\') end -= 1;
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
