/**
 * What a key says of its value. `authorization`, `DB_PASSWORD`, `clientSecret` and
 * `x-api-key` name secrets; `token` and other keys name one only where the value
 * looks like one, as a page token or a cache key does not.
 */
import { DIGIT, HYPHEN, LETTER, UNDERSCORE, isAt, isIn } from './chars.ts';

export type KeyKind = 'none' | 'secret' | 'likely' | 'header' | 'cookie';

/** How the last word of a key decides. `bounded` words are too short to be looked for inside of others. */
type Rule = KeyKind | 'bounded secret' | 'bounded likely' | 'key' | 'token' | 'phrase' | 'tail';

const RULES: readonly (readonly [Rule, string])[] = [
  ['header', 'authorization'],
  ['cookie', 'cookie cookies'],
  [
    'secret',
    'password passwords passwd passphrase passcode passwort kennwort contrasena contraseña senha motdepasse pwd secret secrets connectionstring connstr credential credentials mnemonic requirepass storepass keypass cvv cvc пароль 密码 密碼 パスワード 비밀번호',
  ],
  ['bounded secret', 'pass pw psw pin mdp psk'],
  ['likely', 'signature sessionid sessid jwt creds cipher userauth'],
  ['bounded likely', 'auth sig session sid bearer otp nonce csrf xsrf pat'],
  ['key', 'key keys'],
  ['token', 'token tokens'],
  ['phrase', 'phrase code codes'],
  // What is done with a secret stands behind its name.
  [
    'tail',
    'value hash hashed confirm confirmation text plain plaintext raw string base data default',
  ],
];

/** What makes a `…key` a secret, and a `…key` that is one where its value looks like one. */
const KEY_OF_SECRET =
  /(?:api|access|auth|secret|private|signing|encryption|decryption|master|account|storage|consumer|webhook|service|servicerole|client|app|application|subscription|ssh|hmac|aes|jwt|license|admin|root|sas)$/;
const KEY_OF_LIKELY =
  /(?:^|[^a-z])(?:sign|encrypt|decrypt|deploy|write|read|ingest|insert|integration|project|server|host|function|management|primary|secondary|live|test|prod|production|staging|dev|provisioning|openai|azure|aws|gcp|google|stripe|anthropic|github|gitlab|slack|twilio|sendgrid)[ _.-]?$/i;
/** `STRIPE_KEY`: in capitals, as a variable of the environment is. */
const ENVIRONMENT_KEY = /^[A-Z][A-Z0-9_]*_KEY$/;

const TOKEN_OF_SECRET =
  /(?:api|access|auth|refresh|id|bearer|session|security|oauth|personal|deploy|bot|service|csrf|xsrf|private|secret|app|user|client|verification|reset|sas)$/;
const PHRASE_OF_SECRET = /(?:seed|recovery|backup|card|security)$/;

interface Word {
  readonly word: string;
  readonly rule: Rule;
}

/** Longest first, so that `passphrase` is no `phrase`. */
const WORDS: readonly Word[] = /* @__PURE__ */ RULES.flatMap(([rule, words]) =>
  words.split(' ').map((word) => ({ word, rule })),
).toSorted((a, b) => b.word.length - a.word.length);

const TABLE = 4_096;

/** Of each ASCII character: its small letter, or 0. */
const SMALL: Uint8Array = /* @__PURE__ */ Uint8Array.from({ length: 128 }, (_, code) =>
  isIn(code, LETTER) ? code | 32 : 0,
);

/** The last three letters of each, hashed: one look-up dismisses a key before it is cut out of its text. */
const LAST_LETTERS: Uint8Array = /* @__PURE__ */ endingTable();

function endingTable(): Uint8Array {
  const table = new Uint8Array(TABLE);
  for (const { word } of WORDS) table[hashBefore(word, word.length)] = 1;
  return table;
}

function hashBefore(text: string, end: number): number {
  const first = end > 2 ? (SMALL[text.charCodeAt(end - 3)] ?? 0) : 0;
  const second = end > 1 ? (SMALL[text.charCodeAt(end - 2)] ?? 0) : 0;
  return (first * 961 + second * 31 + (SMALL[text.charCodeAt(end - 1)] ?? 0)) & (TABLE - 1);
}

/** Whether the key that ends at a place may say something. */
export function mayBeNamed(text: string, end: number): boolean {
  let last = end - 1;
  let code = text.charCodeAt(last);
  if (!isIn(code, LETTER)) {
    while (last > end - 6 && isIn(code, DIGIT)) code = text.charCodeAt((last -= 1));
    if (isIn(code, UNDERSCORE | HYPHEN)) last -= 1;
    else if (code > 127) return true;
  }
  return LAST_LETTERS[hashBefore(text, last + 1)] === 1;
}

/** How much of a key is looked at, from its end. */
const MAX_KEY = 64;
const NUMBER = /[ _.-]?\d{1,4}$/;
const SEPARATOR = /[\s_.:/-]/;
const SEPARATORS = /[\s_.:/-]+/g;

/** A text has the same few keys over and over. */
const KNOWN = new Map<string, KeyKind>();
const MAX_KNOWN = 512;

/** Judges a key without quotes. */
export function kindOfKey(key: string): KeyKind {
  if (key.length > MAX_KEY) return judgeKey(key);
  const known = KNOWN.get(key);
  if (known !== undefined) return known;
  if (KNOWN.size >= MAX_KNOWN) KNOWN.clear();
  const kind = judgeKey(key);
  KNOWN.set(key, kind);
  return kind;
}

function judgeKey(key: string): KeyKind {
  const end = key.length > MAX_KEY ? key.slice(-MAX_KEY) : key;
  if (!mayBeNamed(end, end.length)) return 'none';
  const stem = isAt(end, end.length - 1, DIGIT) ? end.replace(NUMBER, '') : end;
  const flat = stem.toLowerCase();
  return judge(stem, SEPARATOR.test(flat) ? flat.replace(SEPARATORS, '') : flat, true);
}

function judge(stem: string, flat: string, mayHaveTail: boolean): KeyKind {
  const found = WORDS.find(({ word }) => flat.endsWith(word));
  if (found === undefined) return 'none';
  const { word, rule } = found;
  const before = flat.slice(0, -word.length);
  switch (rule) {
    case 'bounded secret':
      return isBounded(stem, word) ? 'secret' : 'none';
    case 'bounded likely':
      return isBounded(stem, word) ? 'likely' : 'none';
    case 'key':
      if (KEY_OF_SECRET.test(before)) return 'secret';
      if (/^x[-_]/i.test(stem)) return 'likely';
      return KEY_OF_LIKELY.test(stem.slice(0, -word.length)) || ENVIRONMENT_KEY.test(stem)
        ? 'likely'
        : 'none';
    case 'token':
      return TOKEN_OF_SECRET.test(before) ? 'secret' : 'likely';
    case 'phrase':
      return PHRASE_OF_SECRET.test(before) ? 'secret' : 'none';
    case 'tail':
      return mayHaveTail
        ? judge(stem.slice(0, -word.length).replace(/[ _.-]$/, ''), before, false)
        : 'none';
    default:
      return rule;
  }
}

/** Whether a word stands by itself in a key, as in `db_pass` and `dbPass`, but not in `bypass`. */
function isBounded(stem: string, word: string): boolean {
  const start = stem.length - word.length;
  const before = stem.charAt(start - 1);
  return !/[A-Za-z]/.test(before) || (/[a-z]/.test(before) && /[A-Z]/.test(stem.charAt(start)));
}
