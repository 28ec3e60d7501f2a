/** Secrets in command lines, markup, calls and sentences. */
import { ALNUM, DOT, HYPHEN, QUOTE, SPACE, UNDERSCORE, isAt, runEnd, runStart } from './chars.ts';
import { before } from './finding.ts';
import type { Handler } from './finding.ts';
import { kindOfKey } from './keys.ts';
import { isCode, looksRandom } from './likeness.ts';
import { readValue, take } from './values.ts';

const NAME: number = ALNUM | HYPHEN | UNDERSCORE | DOT;

/** curl's `-u user:password`: the whole is what the server asks for. */
const USER = /[ =]{1,4}(\\{0,9}["']?)([^\s"'\\]*:(?!\/\/)[^\s"'\\]*)\1/y;
/** `mysql -pword` and `sshpass -p word`: elsewhere `-p` is a port or a path. */
const PASSWORD_PROGRAM = /\b(?:mysql|mariadb|sshpass|docker|podman|mongo|htpasswd)[^\n;|]{0,120}$/;

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
  const isGlued = name.startsWith('-p') && PASSWORD_PROGRAM.test(before(text, at, 150));
  const value = readValue(text, isGlued ? at + 2 : end);
  if (isGlued)
    return take(
      scan,
      at,
      'secret',
      value,
      (value?.text.length ?? 0) > 3 && !/^[\d:]+$/.test(value?.text ?? ''),
    );
  const kind = isAt(text, end, SPACE) ? kindOfKey(name) : 'none';
  return take(scan, at, kind, value, kind !== 'none' && !value?.text.startsWith('-'));
};

const CONTENT = />\s{0,64}([^<]{1,4096}?)\s{0,64}</y;

/** At `>` of `<password>`: the text of an element. */
export const element: Handler = (scan, at) => {
  const { text } = scan;
  const name = runStart(text, at, NAME, 64);
  const kind = /[<:]/.test(text.charAt(name - 1)) ? kindOfKey(text.slice(name, at)) : 'none';
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

/** At the comma of `set("API_TOKEN", "word")`: the second argument is the value of the first. */
export const argument: Handler = (scan, at) => {
  const { text } = scan;
  let end = at - 1;
  while (text.charAt(end - 1) === '\\') end -= 1;
  const start = runStart(text, end, NAME, 64);
  const kind = isAt(text, start - 1, QUOTE) ? kindOfKey(text.slice(start, end)) : 'none';
  if (kind === 'none') return at;
  const value = readValue(text, at + 1);
  return take(scan, at, 'likely', value, value?.quoted);
};

/** The words that `sentence` begins at, as the scanner's triggers. */
export const CUES: readonly string[] =
  'password ,passcode ,passphrase ,passwd ,pwd ,secret ,token ,api key ,API key ,api token ,API token ,access key ,access token ,pin ,identified ,login '.split(
    ',',
  );

const SENTENCE =
  /(?:(?:pass(?:word|code|phrase|wd)|pwd|secret(?: key)?|(?:api |access )?token|(?:api|access) key|pin(?: code)?)(?: (?:is|was|to|as|of|will be|for [\w.@-]{1,40} is))?:?|identified (?:with \w{1,40} )?by(?: password)?|login [\w.@-]{1,64} password)[ \t]+/iy;

/** At a word such as `password`: `… is word`, `PASSWORD 'word'`, `login name password word`. */
export const sentence: Handler = (scan, at) => {
  const { text } = scan;
  SENTENCE.lastIndex = at;
  const lead = SENTENCE.exec(text)?.[0];
  const value = lead === undefined ? undefined : readValue(text, at + lead.length);
  if (lead === undefined || value === undefined) return at;
  const word = value.quoted ? value.text : value.text.replace(/[.!?]+$/, '');
  const isPin = /^pin/i.test(lead) && /^\d{4,8}$/.test(word);
  const isNamed = value.quoted && /^(?:pass|pwd|ident)/i.test(lead);
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
