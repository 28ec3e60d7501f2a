/**
 * What a key says of its value. `authorization`, `DB_PASSWORD`, `clientSecret` and
 * `x-api-key` name secrets; `token` and `*_key` name one only where the value looks
 * like one, as a page token or a cache key does not.
 */

export type KeyKind = 'none' | 'secret' | 'likely' | 'header' | 'cookie';

/** What a key that says something ends with: most keys are dismissed here. */
const WORDS =
  'password passwords passwd passphrase passcode passwort kennwort contrasena contraseña senha motdepasse pwd pass pw psw pin mdp secret secrets key keys token tokens connectionstring connstr credential credentials creds mnemonic phrase code codes cvv cvc otp auth authorization cookie cookies signature sid sig session sessionid sessid jwt bearer nonce csrf xsrf cipher пароль 密码 密碼 パスワード 비밀번호';

/** What a key may have behind the word: what is done with the secret. */
const TAILS = 'value hash hashed confirm confirmation text plain plaintext raw string';

const ENDINGS: readonly string[] = `${WORDS} ${TAILS}`.split(' ');

const TABLE = 4_096;

/** The last three letters of each, hashed: one look-up dismisses a key before it is cut out of its text. */
const LAST_LETTERS: Uint8Array = /* @__PURE__ */ endingTable();

/** The same words by their last character. */
const BY_LAST: ReadonlyMap<string, readonly string[]> = /* @__PURE__ */ new Map(
  ENDINGS.map((word) => [word.slice(-1), ENDINGS.filter((other) => other.endsWith(word.slice(-1)))]),
);

function endingTable(): Uint8Array {
  const table = new Uint8Array(TABLE);
  for (const ending of ENDINGS) {
    const [a, b, c] = [3, 2, 1].map((back) => ending.charCodeAt(ending.length - back) || 0);
    table[hash(a ?? 0, b ?? 0, c ?? 0)] = 1;
  }
  return table;
}

function hash(first: number, second: number, third: number): number {
  return (first * 961 + second * 31 + third) & (TABLE - 1);
}

/** A letter as a small letter, anything else as 0. */
function letter(code: number): number {
  const small = code | 32;
  return small >= 97 && small <= 122 ? small : 0;
}

/** Whether the key that ends at a place may say something. */
export function mayBeNamed(text: string, end: number): boolean {
  let last = end - 1;
  while (last > end - 6 && isDigit(text.charCodeAt(last))) last -= 1;
  const code = text.charCodeAt(last);
  if (code === 95 || code === 45) last -= 1;
  if (code > 127) return true;
  const first = letter(text.charCodeAt(last - 2));
  const second = letter(text.charCodeAt(last - 1));
  return LAST_LETTERS[hash(first, second, letter(text.charCodeAt(last)))] === 1;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

const SECRET =
  /(?:pass(?:wd|word|phrase|code)s?|pwd|passwort|kennwort|contrase(?:n|ñ)a|senha|motdepasse|пароль|密码|密碼|パスワード|비밀번호|secrets?|(?:api|access|auth|secret|private|signing|encryption|decryption|master|account|sharedaccess|storage|consumer|webhook|service|servicerole|client|app|application|subscription|ssh|hmac|aes|jwt|license|admin|root)(?:secret)?(?:access)?keys?|(?:api|access|auth|refresh|id|bearer|session|security|oauth|personal|deploy|bot|service|csrf|xsrf|private|secret|app|user|client|verification|reset)tokens?|connectionstring|connstr|credentials?|mnemonic|seedphrase|recoveryphrase|recoverycodes?|backupcodes?|cvv2?|cvc2?|cardcode|securitycode|totpsecret|otpauth|authkey|sas(?:token|key))$/;

/** Words that are too short to be looked for inside of others. */
const SECRET_WORD = /(?:^|[^a-z])(?:pass|pw|pin|mdp|psw)$/;

const LIKELY = /(?:tokens?|signature|sessionid|sessid|jwt|apikey|creds?|cipher|userauth)$/;

const LIKELY_WORD =
  /(?:^|[^a-z])(?:auth|sig|session|sid|bearer|otp|nonce|csrf|xsrf|(?:sign|encrypt|decrypt|deploy|write|read|ingest|insert|integration|project|server|host|function|management|primary|secondary|live|test|prod|production|staging|dev|provisioning|license|openai|azure|aws|gcp|google|stripe|anthropic|github|gitlab|slack|twilio|sendgrid)[ _.-]?key)$/;

/** `STRIPE_KEY`: in capitals, as a variable of the environment is. */
const ENVIRONMENT_KEY = /^[A-Z][A-Z0-9_]*_KEY$/;

const TAIL = /(?:value|hash|hashed|confirm|confirmation|text|plain|plaintext|raw|string)$/;
const NUMBER = /[ _.-]?\d{1,4}$/;

const CAMEL = /[a-z0-9][A-Z]/;
const CAMELS = /([a-z0-9])([A-Z])/g;

const SEPARATORS = /[\s_.:/-]+/g;

/** How much of a key is looked at, from its end. */
const MAX_KEY = 64;

/** Judges a key without quotes. */
export function kindOfKey(key: string): KeyKind {
  const end = key.length > MAX_KEY ? key.slice(-MAX_KEY) : key;
  if (!mayBeNamed(end, end.length)) return 'none';
  const stem = isDigit(end.charCodeAt(end.length - 1)) ? end.replace(NUMBER, '') : end;
  const flat = stem.toLowerCase().replace(SEPARATORS, '');
  const word = BY_LAST.get(flat.slice(-1))?.find((ending) => flat.endsWith(ending));
  if (word === undefined) return 'none';
  return judge(stem, flat) ?? judge(...withoutTail(stem, flat)) ?? 'none';
}

function withoutTail(stem: string, flat: string): [stem: string, flat: string] {
  const tail = TAIL.exec(flat)?.[0].length ?? 0;
  return tail === 0 ? ['', ''] : [stem.slice(0, -tail).replace(/[ _.-]$/, ''), flat.slice(0, -tail)];
}

function judge(stem: string, flat: string): KeyKind | undefined {
  if (flat.endsWith('authorization')) return 'header';
  if (flat.endsWith('cookie') || flat.endsWith('cookies')) return 'cookie';
  if (SECRET.test(flat)) return 'secret';
  const words = (CAMEL.test(stem) ? stem.replace(CAMELS, '$1_$2') : stem).toLowerCase();
  if (SECRET_WORD.test(words)) return 'secret';
  if (LIKELY.test(flat) || LIKELY_WORD.test(words) || ENVIRONMENT_KEY.test(stem)) return 'likely';
  return undefined;
}
