/** Formats told by their structure: PEM blocks, JSON Web Tokens, and tokens with a mark in the middle. */
import { ALNUM, BASE64, DIGIT, DOT, EQUALS, HYPHEN, SPACE, TILDE, UNDERSCORE, URL_SAFE, isAt, isIn, runEnd, runStart } from './chars.ts';
import type { Handler } from './finding.ts';

const MAX_PEM = 32_768;
const PEM_HEADER = /BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-{4,5}/y;
const PEM_BODY: number = ALNUM | BASE64 | EQUALS | SPACE;
const PEM_END = /-{4,5}[ ]?END [A-Z0-9 ]{1,60}-{4,5}/y;

/** At `BEGIN` of a private key. What follows is taken to its end line, or as far as it looks like base64. */
export const privateKey: Handler = (scan, at) => {
  const { text } = scan;
  PEM_HEADER.lastIndex = at;
  if (!PEM_HEADER.test(text)) return at;
  const from = PEM_HEADER.lastIndex;
  const limit = Math.min(text.length, from + MAX_PEM);
  let end = from;
  // Escaped line ends, and headers such as `Proc-Type: 4,ENCRYPTED`, stand among the base64.
  while (end < limit) {
    const code = text.charCodeAt(end);
    if (!isIn(code, PEM_BODY) && !'\\:,.-'.includes(text.charAt(end))) break;
    if (code === 45 && text.startsWith('----', end)) break;
    end += 1;
  }
  PEM_END.lastIndex = end;
  if (PEM_END.test(text)) end = PEM_END.lastIndex;
  if (end - from < 16) return at;
  const dashes = runStart(text, at, HYPHEN, 5);
  scan.found(dashes, end, 'private_key');
  return end;
};

const MAX_SEGMENT = 16_384;

/** At `eyJ`, base64url of `{"`: the header of a JSON Web Token, signed, encrypted or bare. */
export const jwt: Handler = (scan, at) => {
  const { text } = scan;
  let end = runEnd(text, at, URL_SAFE, MAX_SEGMENT);
  if (end - at < 12) return at;
  let segments = 1;
  while (segments < 5 && text.charCodeAt(end) === 46) {
    const next = runEnd(text, end + 1, URL_SAFE, MAX_SEGMENT);
    // The second segment of an encrypted token may be empty.
    if (next === end + 1 && text.charCodeAt(next) !== 46) break;
    segments += 1;
    end = next;
  }
  if (segments < 2 || end - at < 30) return at;
  // A run of padding belongs to tokens of careless writers.
  end = runEnd(text, end, EQUALS, 2);
  scan.found(at, end, 'jwt');
  return end;
};

/** At a dot: Discord's `id.time.code`, Terraform's `id.atlasv1.code`. */
export const dotted: Handler = (scan, at) => {
  const { text } = scan;
  const isDiscord = text.charCodeAt(at + 7) === 46;
  if (!isDiscord && (text.charCodeAt(at + 1) !== 97 || !text.startsWith('.atlasv1.', at))) return at;
  const from = isDiscord ? at + 8 : at + 9;
  const start = runStart(text, at, URL_SAFE, 40);
  const id = isDiscord ? 22 : 14;
  const end = runEnd(text, from, URL_SAFE, 128);
  if (at - start < id || end - from < (isDiscord ? 26 : 40)) return at;
  if (isDiscord && runEnd(text, at + 1, URL_SAFE, 6) !== at + 7) return at;
  scan.found(start, wordEnd(text, end), isDiscord ? 'discord_token' : 'terraform_token');
  return end;
};

/** A token's last characters, where a sign that is none of its alphabet cuts it. */
function wordEnd(text: string, end: number): number {
  return '!~'.includes(text.charAt(end) || ' ') ? runEnd(text, end + 1, URL_SAFE, 64) : end;
}

const AZURE_SECRET: number = ALNUM | UNDERSCORE | DOT | TILDE | HYPHEN;

/** At the tilde of an Azure AD client secret: three characters, a digit, `Q~`, 31 to 34 more. */
export const azureSecret: Handler = (scan, at) => {
  const { text } = scan;
  const start = at - 5;
  const end = runEnd(text, at + 1, AZURE_SECRET, 40);
  const length = end - at - 1;
  if (start < 0 || !isAt(text, at - 2, DIGIT) || length < 30 || length > 36) return at;
  if (runStart(text, at - 2, AZURE_SECRET, 3) !== start) return at;
  scan.found(start, end, 'azure_secret');
  return end;
};

/** At `JQQJ99`, which Azure writes into the middle of the keys of its AI services. */
export const azureKey: Handler = (scan, at) => {
  const { text } = scan;
  const start = runStart(text, at, ALNUM, 60);
  const end = runEnd(text, at, ALNUM, 60);
  if (!text.startsWith('JQQJ99', at) || end - start < 80) return at;
  scan.found(start, end, 'azure_key');
  return end;
};

/** At a hyphen behind 32 hex digits: Mailchimp's `…-us12`. */
export const mailchimp: Handler = (scan, at) => {
  const { text } = scan;
  if (!text.startsWith('-us', at) || !isAt(text, at + 3, DIGIT)) return at;
  const start = runStart(text, at, ALNUM, 33);
  const end = runEnd(text, at + 3, DIGIT, 3);
  if (at - start !== 32 || end - at > 5 || isAt(text, end, ALNUM)) return at;
  if (!/^[0-9a-f]{32}$/.test(text.slice(start, at))) return at;
  scan.found(start, end, 'mailchimp_key');
  return end;
};
