/**
 * What a key says of its value. `authorization`, `DB_PASSWORD`, `clientSecret` and
 * `x-api-key` name secrets; `token` and `*_key` name one only where the value looks
 * like one, as a page token or a cache key does not.
 */

export type KeyKind = 'none' | 'secret' | 'likely' | 'header' | 'cookie';

/** A part of every word below: most keys are dismissed by this one test. */
const RELEVANT =
  /pass|pwd|secret|token|key|auth|cred|cookie|sess|sid$|sig$|signature|phrase|[ydp][ _.-]?code|cv[cv]|connstr|connection[ _.-]?str|jwt|bearer|otp|pin$|pin[^a-z]|pw$|psw|nonce$|srf|cipher$|senha|contrase|motde|mdp|kennwort|mnemonic|парол|密|パスワ|비밀/i;

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
  /[ _.-]?(?:value|hash|hashed|confirm|confirmation|text|plain|plaintext|base64|b64|raw|string|encrypted|new|old|current|again|repeat)$/i;
const NUMBER = /[ _.-]?\d{1,4}$/;

const CAMEL = /[a-z0-9][A-Z]/;
const CAMELS = /([a-z0-9])([A-Z])/g;

const SEPARATORS = /[\s_.:/-]+/g;

/** How much of a key is looked at, from its end. */
const MAX_KEY = 64;

/** Judges a key without quotes. */
export function kindOfKey(key: string): KeyKind {
  const end = key.length > MAX_KEY ? key.slice(-MAX_KEY) : key;
  if (end.length < 2 || !RELEVANT.test(end)) return 'none';
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
