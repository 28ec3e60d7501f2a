/** Whether a value looks like a secret, or is only named like one. */

/** `${VAR}`, `process.env.X`, `<your key>`, `***`, `string`: a place for a secret, or one that was taken out. */
const PLACEHOLDER =
  /^(?:["']?[$%#]?\{.*|["']\$.*|#[a-z][a-z_-]*|[a-z_/]{2,64}#[a-z_]+|\.{0,2}\/[a-z_./-]*|\.{1,2}\/.*|!+[a-z_$].*|arn:.*|&lt;.*|!(?:ref|sub|getatt|secret|vault|env)\b.*|op:\/\/.*|vault:.*|(?:aws-)?sm:.*|[a-z ]{2,40}:|your[-_ ].*|\[(?:redacted|filtered|hidden|masked|removed|[a-z]{1,16}(?: [a-z]{1,16}){1,8})\]?|[\w=-]{0,16}(?:\.{3}|…|x{4,}|\*{3,}).*|include|omit|same-origin|[$%]{1,2}[a-z_(].*|<.*|[*.…_-]+|x{3,}|(?:process|os|import|env|config|settings|secrets|self|this|req|request|args|options|params|props|ctx|data|body|user)[.[(].*|await|async|typeof|function|symbol|bigint|return|void|new|null|nil|none|true|false|undefined|string\??|str|number|int|integer|boolean|bool|any|unknown|object|bytes|text|required|optional|missing|invalid|expired|empty|redacted|hidden|masked|is|the|an?|and|or|if|for|to|of|in|on|not|was|must|should|has|from|basic|bearer|yes|no)$/is;

/** What no word has. */
export const SIGNED: RegExp = /[\d!@#$%^&*~+=/?]/;

/** A call or a member of something, as code has behind `password =`. */
const CODE = /^[a-z_$][\w$]*(?:[([]|(?:\?\.|\.|->|::)[a-z_$])/i;

/** Whether a value only stands where a secret would. */
export function isPlaceholder(value: string): boolean {
  return PLACEHOLDER.test(value);
}

/** Whether an unquoted value is an expression of a program. */
export function isCode(value: string): boolean {
  return CODE.test(value) && !(/^[\w.-]*\d[\w.-]*$/.test(value) && looksRandom(value));
}

/** From a small letter to a capital or the other way: words change rarely, and generated letters all the time. */
const CHANGE = /[a-z][A-Z]|[A-Z](?=[a-z])/g;

export const MIN_RANDOM = 8;

/** Whether a value of one word looks made by a generator rather than by a person. */
export function looksRandom(value: string): boolean {
  if (
    value.length < MIN_RANDOM ||
    /[\s\\(){}|<>]|^(?:https?|file|data|urn|arn|op|vault):/i.test(value)
  )
    return false;
  // Twilio's ids of accounts, messages and calls; `SK` is that of a key.
  if (/^(?!SK)[A-Z]{2}[\da-f]{32}$/.test(value)) return false;
  if (/^\d+$/.test(value)) return value.length > 15;
  if (!/[a-z]/i.test(value)) return false;
  if (/^0x[\da-f]{1,16}$/i.test(value) || isIdentifier(value)) return false;
  if (/\d/.test(value)) return !isCompound(value);
  return (
    value.length > 15 &&
    /^[\w+/=~-]+$/.test(value) &&
    (value.match(CHANGE)?.length ?? 0) > value.length / 5
  );
}

/** `ClientHttp2Session`, `x509Authentication`: words of some length, of which a few are numbers. */
function isIdentifier(value: string): boolean {
  if (!/^[A-Za-z_$][\w$]*$/.test(value) || !/[a-z\d][A-Z][a-z]{2}/.test(value)) return false;
  const words = value.match(/[A-Z]?[a-z]+|[A-Z]+|\d+/g) ?? [];
  return words.length <= value.length / 4;
}

/** `DOC_Vector_5_32`, `user:123`, `v2-beta`: words and small numbers, joined. */
function isCompound(value: string): boolean {
  const parts = value.split(/[-_.:/@ ,]/);
  return (
    parts.length > 1 &&
    parts.every((part) => part.length < 4 || /^(?:[A-Z]?[a-z]+|[A-Z]+|\d{1,6})$/.test(part))
  );
}
