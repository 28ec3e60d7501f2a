/** Secrets in command lines, markup, calls and sentences. */
import { ALNUM, HYPHEN, QUOTE, SPACE, UNDERSCORE, DOT, isAt, runEnd, runStart } from './chars.ts';
import type { Handler, Scan } from './finding.ts';
import { kindOfKey } from './keys.ts';
import { isCode, isPlaceholder, looksRandom } from './likeness.ts';
import { readQuoted, readValue, skipBlanks, withoutStops } from './values.ts';
import type { Value } from './values.ts';

const BACKSLASH = 92;
const NAME: number = ALNUM | HYPHEN | UNDERSCORE;

/** At the hyphen of an option: `--password word`, `-u user:word`, `-pword`. */
export const option: Handler = (scan, at) => {
  const { text } = scan;
  const end = runEnd(text, at, NAME, 48);
  const name = text.slice(at, end).replace(/^-+/, '');
  if (name === '' || (!isAt(text, end, SPACE) && name.charAt(0) !== 'p')) return at;
  if (/^(?:u|user|proxy-user)$/.test(name)) return userOption(scan, skipBlanks(text, end, 4), at);
  if (name.charAt(0) === 'p' && text.charAt(at + 1) === 'p') return passwordOption(scan, at);
  const kind = kindOfKey(name);
  if (kind === 'none' || text.charAt(end) === '=') return at;
  const value = readValue(text, end + 1);
  if (value === undefined || value.end - value.start < 3) return at;
  const word = text.slice(value.start, value.end);
  if (word.startsWith('-') || isPlaceholder(word) || (kind === 'likely' && !looksRandom(word))) return at;
  return scan.found(value.start, value.end, 'secret');
};

/** curl's `-u user:password`: the whole is what the server asks for. */
function userOption(scan: Scan, from: number, at: number): number {
  const { text } = scan;
  const value = readQuoted(text, from);
  let end = value?.end ?? from;
  while (value === undefined && end < from + 256 && end < text.length && !' \n\t"\'\\'.includes(text.charAt(end))) end += 1;
  const start = value?.start ?? from;
  const word = text.slice(start, end);
  if (!word.includes(':') || word.length < 4 || /^\w+:\/\/|\s/.test(word) || isPlaceholder(word.slice(word.indexOf(':') + 1))) return at;
  return scan.found(start, end, 'secret');
}

const PASSWORD_PROGRAM = /\b(?:mysql\w*|mariadb\w*|sshpass|docker|podman|helm|oc|mongo\w*|htpasswd|ldap\w+|az|twine|smbclient|rabbitmqadmin)\b[^\n;|]{0,120}$/;

/** `mysql -pword` and `sshpass -p word`: elsewhere `-p` is a port or a path. */
function passwordOption(scan: Scan, at: number): number {
  const { text } = scan;
  if (!PASSWORD_PROGRAM.test(text.slice(Math.max(0, at - 160), at))) return at;
  const from = isAt(text, at + 2, SPACE) ? at + 3 : at + 2;
  const value = readValue(text, from);
  if (value === undefined || value.end - value.start < 4) return at;
  const word = text.slice(value.start, value.end);
  return isPlaceholder(word) || /^\d+(?::\d+)*$/.test(word) ? at : scan.found(value.start, value.end, 'secret');
}

/** At `>` of `<password>`: the text of an element. */
export const element: Handler = (scan, at) => {
  const { text } = scan;
  const name = runStart(text, at, NAME | DOT, 64);
  if (name === at || !'<:'.includes(text.charAt(name - 1) || ' ')) return at;
  const kind = kindOfKey(text.slice(name, at));
  if (kind === 'none') return at;
  const start = skipBlanks(text, at + 1, 64);
  let to = start;
  const limit = Math.min(text.length, start + 4_096);
  while (to < limit && text.charAt(to) !== '<') to += 1;
  if (text.charAt(to) !== '<') return at;
  while (to > start && isAt(text, to - 1, SPACE)) to -= 1;
  const value = text.slice(start, to);
  if (value === '' || isPlaceholder(value) || (kind === 'likely' && !looksRandom(value))) return at;
  return scan.found(start, to, 'secret');
};

/** At the comma of `set("API_TOKEN", "word")`: the second argument is the value of the first. */
export const argument: Handler = (scan, at) => {
  const { text } = scan;
  let end = at - 1;
  while (text.charCodeAt(end - 1) === BACKSLASH && at - end < 16) end -= 1;
  const start = runStart(text, end, NAME | DOT, 64);
  if (start === end || !isAt(text, start - 1, QUOTE)) return at;
  const kind = kindOfKey(text.slice(start, end));
  if (kind === 'none') return at;
  const value = readQuoted(text, skipBlanks(text, at + 1, 8));
  if (value === undefined) return at;
  const word = text.slice(value.start, value.end);
  if (isPlaceholder(word) || !looksRandom(word)) return at;
  return scan.found(value.start, value.end, 'secret');
};

/** The words that `sentence` begins at, as the scanner's triggers. */
export const CUES: readonly string[] = [
  'password ',
  'passcode ',
  'passphrase ',
  'passwd ',
  'pwd ',
  'secret ',
  'token ',
  'api key ',
  'access key ',
  'pin ',
  'identified ',
  'login ',
];

const SENTENCE =
  /(?:(?:password|passcode|passphrase|passwd|pwd|secret(?: key)?|token|api key|access key|pin(?: code)?)(?: (?:is|was|to|as|of|will be|for [\w.@-]{1,40} is))?:?|identified (?:with [\w]{1,40} )?by(?: password)?|login [\w.@-]{1,64} password)[ \t]+/iy;

/** At a word such as `password`: `… is word`, `PASSWORD 'word'`, `login name password word`. */
export const sentence: Handler = (scan, at) => {
  const { text } = scan;
  SENTENCE.lastIndex = at;
  const lead = SENTENCE.exec(text)?.[0];
  if (lead === undefined) return at;
  const value = readValue(text, at + lead.length);
  if (value === undefined) return at;
  const end = value.quoted ? value.end : withoutStops(text, value.start, value.end);
  const word = text.slice(value.start, end);
  if (word.length < 4 || /\s/.test(word) || isPlaceholder(word) || isCode(word)) return at;
  const isPin = /^pin/i.test(lead) && /^\d{4,8}$/.test(word);
  const isNamed = value.quoted && /^(?:pass|pwd|ident)/i.test(lead);
  if (!isPin && !isNamed && !looksMade(word)) return at;
  return scan.found(value.start, end, 'secret');
};

/** In a sentence only what no word is: letters with digits or signs among them. */
function looksMade(word: string): boolean {
  const signs = /[!@#$%^&+=~]/.test(word.slice(0, -1));
  return /[A-Za-z]/.test(word) && (/\d/.test(word) ? word.length >= 6 : signs) && (signs || looksRandom(word) || word.length < 8);
}
