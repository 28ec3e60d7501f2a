/** Whether a value looks like a secret, or is only named like one. */

/** `${VAR}`, `process.env.X`, `<your key>`, `***`: a place for a secret, or one that was taken out. */
const PLACEHOLDER =
  /^(?:[$%]?\{.*|\$[A-Za-z_(].*|<.*|%[A-Za-z_(].*|\*+|\.{2,}|…|x{4,}|X{4,}|[-_]+|(?:process\.env|os\.environ|os\.getenv|getenv|import\.meta|env|config|settings|secrets|self|this|req|request|args|options|params|props|ctx|c|data|body|user)[.[(].*)$/s;

const NOTHING =
  /^(?:null|nil|none|true|false|undefined|nan|string|str|number|int|integer|boolean|bool|any|unknown|object|bytes|buffer|text|varchar|required|optional|missing|invalid|expired|empty|redacted|hidden|masked|not|is|the|a|an|and|or|if|for|to|of|in|on|was|must|should|has|from|basic|bearer|yes|no)$/i;

/** A call or a member of something, as code has behind `password =`. */
const CODE = /^[A-Za-z_$][\w$]*(?:[([]|(?:\?\.|\.|->|::)[A-Za-z_$][\w$]*)/;

/** Whether a value only stands where a secret would. */
export function isPlaceholder(value: string): boolean {
  return PLACEHOLDER.test(value) || NOTHING.test(value);
}

/** Whether an unquoted value is an expression of a program. */
export function isCode(value: string): boolean {
  return CODE.test(value) && !(/\d/.test(value) && /^[\w.-]*$/.test(value) && looksRandom(value));
}

const LONG = 16;
/** Changes between small letters, capitals and digits, as a share of the length: words have fewer. */
const RANDOM_SHARE = 0.2;

/** Whether a value of one word looks made by a generator rather than by a person. */
export function looksRandom(value: string): boolean {
  if (value.length < 8 || /\s/.test(value)) return false;
  if (/^(?:https?|file|data|urn|arn):/i.test(value)) return false;
  const digits = /\d/.test(value);
  const letters = /[A-Za-z]/.test(value);
  if (!letters) return value.length >= LONG && /^\d+$/.test(value);
  if (!digits) return value.length >= LONG && /^[\w+/=~-]+$/.test(value) && changes(value) > RANDOM_SHARE;
  return !isCompound(value);
}

/** `DOC_Vector_5_32`, `user:123`, `v2-beta`: words and small numbers, joined. */
function isCompound(value: string): boolean {
  const parts = value.split(/[-_.:/@ ,]/);
  return parts.length > 1 && parts.every((part) => part.length < 4 || WORD_OR_NUMBER.test(part));
}

const WORD_OR_NUMBER = /^(?:[A-Z]?[a-z]+|[A-Z]+|\d{1,6})$/;

function changes(value: string): number {
  let count = 0;
  for (let at = 1; at < value.length; at += 1)
    if (kind(value.charCodeAt(at)) !== kind(value.charCodeAt(at - 1))) count += 1;
  return count / value.length;
}

function kind(code: number): number {
  if (code >= 97 && code <= 122) return 0;
  if (code >= 65 && code <= 90) return 1;
  return 2;
}
