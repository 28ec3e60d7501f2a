/**
 * What a key says of its value. `authorization`, `DB_PASSWORD`, `clientSecret` and
 * `x-api-key` name secrets; `token` and `*_key` name one only where the value looks
 * like one, as a page token or a cache key does not.
 */

export type KeyKind = 'none' | 'secret' | 'likely' | 'header' | 'cookie';

/** A part of every word below. */
const RELEVANT =
  /pass|pwd|secret|token|key|auth|cred|cookie|sess|sid|sig|phrase|code|cv[cv]|str|jwt|bearer|otp|pin|pw|psw|nonce|srf|cipher|senha|contrase|motde|mdp|kennwort|mnemonic|парол|密|パスワ|비밀/i;

const TABLE = 4_096;

/** Their last three letters: most keys are dismissed by one look-up, before they are cut out of their text. */
const ENDINGS: Uint8Array = /* @__PURE__ */ endingTable(
  'ord rds swd pwd ase ode des ort ena nha sse ret ets key eys ken ens ing str ial als eds nic cvv cvc ass pin otp psw mdp uth ion kie ies ure sid sig nid jwt rer nce srf her lue ash hed irm ext ain raw',
);

function endingTable(endings: string): Uint8Array {
  const table = new Uint8Array(TABLE);
  for (const ending of endings.split(' ')) {
    const [a, b, c] = [0, 1, 2].map((place) => ending.charCodeAt(place));
    table[hash(a ?? 0, b ?? 0, c ?? 0)] = 1;
  }
  table[hash(0, 112, 119)] = 1;
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
  return ENDINGS[hash(first, second, letter(text.charCodeAt(last)))] === 1;
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

/** What a key may have behind the word: what is done with the secret, or a number. */
const TAIL =
  /[ _.-]?(?:value|hash|hashed|confirm|confirmation|text|plain|plaintext|raw|string)$/i;
const NUMBER = /[ _.-]?\d{1,4}$/;

const CAMEL = /[a-z0-9][A-Z]/;
const CAMELS = /([a-z0-9])([A-Z])/g;

const SEPARATORS = /[\s_.:/-]+/g;

/** How much of a key is looked at, from its end. */
const MAX_KEY = 64;

/** Judges a key without quotes. */
export function kindOfKey(key: string): KeyKind {
  const end = key.length > MAX_KEY ? key.slice(-MAX_KEY) : key;
  if (!mayBeNamed(end, end.length) || !RELEVANT.test(end)) return 'none';
  const stem = end.replace(NUMBER, '').replace(TAIL, '');
  const flat = stem.toLowerCase().replace(SEPARATORS, '');
  if (flat.endsWith('authorization')) return 'header';
  if (flat.endsWith('cookie') || flat.endsWith('cookies')) return 'cookie';
  if (SECRET.test(flat)) return 'secret';
  const words = (CAMEL.test(stem) ? stem.replace(CAMELS, '$1_$2') : stem).toLowerCase();
  if (SECRET_WORD.test(words)) return 'secret';
  if (LIKELY.test(flat) || LIKELY_WORD.test(words) || ENVIRONMENT_KEY.test(stem)) return 'likely';
  return 'none';
}
