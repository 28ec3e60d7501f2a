/** Authorization, cookies and credentials in URLs. */
import { ALNUM, isAt } from './chars.ts';
import type { Handler, Scan } from './finding.ts';
import { isPlaceholder, looksRandom } from './likeness.ts';
import { lineEnd } from './values.ts';
import type { Value } from './values.ts';

/** Schemes of the IANA registry, and those that providers added; the second group has lists of parameters. */
const SCHEME =
  /(?:(?:Bearer|Basic|Token|Api-?Key|Key|SSWS|Negotiate|NTLM|Bot|GenieKey|FlyV1|DSN)|(Digest|AWS4-HMAC-SHA256|OAuth|Hawk|Signature|SharedKey|SharedAccessSignature|GoogleLogin|SCRAM-SHA-256|DPoP|Vapid))[ \t]+/iy;
/** One that nobody registered, before what looks like its credential. */
const OTHER_SCHEME = /[A-Za-z][\w-]{1,30}[ \t]+(?=[\w.~+/=-]{8})/y;
const CREDENTIAL = /[\w.~+/=-]{4,8192}/y;

/** Behind `Authorization:`; what is no credential stays. */
export function foundAuthorization(scan: Scan, { start, end, quoted }: Value, at: number): number {
  const { text } = scan;
  SCHEME.lastIndex = start;
  const scheme = SCHEME.exec(text);
  OTHER_SCHEME.lastIndex = start;
  const isOther = !scheme && OTHER_SCHEME.test(text);
  const from = scheme ? SCHEME.lastIndex : isOther ? OTHER_SCHEME.lastIndex : start;
  let to = quoted ? end : Infinity;
  if (scheme?.[1]) to = Math.min(to, lineEnd(text, from));
  else {
    CREDENTIAL.lastIndex = from;
    if (!CREDENTIAL.test(text)) return at;
    to = Math.min(to, CREDENTIAL.lastIndex);
    if (!scheme && !looksRandom(text.slice(from, to))) return at;
  }
  // `base64(user:password)` and `<key>` say how it is made.
  const isMade = /[(<]/.test(text.charAt(to)) || /=<|\{\{/.test(text.slice(from, from + 40));
  return to - from < 4 || isMade || isPlaceholder(text.slice(from, to))
    ? at
    : scan.found(from, to, 'authorization');
}

/** Behind `Cookie:` and `Set-Cookie:`; what names no cookie stays. */
export function foundCookies(scan: Scan, { start, end, quoted }: Value, at: number): number {
  if (!/^[^\s=;,]{1,128}=[^\s;]/.test(scan.text.slice(start, start + 160))) return at;
  return scan.found(start, quoted ? end : lineEnd(scan.text, start), 'cookie');
}

/** At `Bearer `, wherever it stands. */
export const bearer: Handler = (scan, at) => {
  CREDENTIAL.lastIndex = at + 7;
  const word = CREDENTIAL.exec(scan.text)?.[0].replace(/\.+$/, '') ?? '';
  const isCredential = word.length > 11 && looksRandom(word.slice(0, 256));
  return isCredential ? scan.found(at + 7, at + 7 + word.length, 'authorization') : at;
};

const BASE64 = /[A-Za-z\d+/]{8,8192}={0,2}(?![\w=])/y;

/** At `Basic `: the credentials are base64 of `user:password`. */
export const basic: Handler = (scan, at) => {
  const from = at + 6;
  BASE64.lastIndex = from;
  const base64 = BASE64.exec(scan.text)?.[0].replace(/=+$/, '') ?? '=';
  if (base64 === '=' || base64.length % 4 === 1 || !atob(base64).includes(':')) return at;
  return scan.found(from, BASE64.lastIndex, 'authorization');
};

/** Up to the last `@` before the host ends. */
const USERINFO = /[^/?#\\"'`<>\s,[]{1,512}(?=@[A-Za-z\d])/y;

/** At the colon of `://`: `user:password`, or a token before the host. */
export const userinfo: Handler = (scan, at) => {
  const { text } = scan;
  USERINFO.lastIndex = at + 3;
  const info = isAt(text, at - 1, ALNUM) ? USERINFO.exec(text)?.[0] : undefined;
  if (info === undefined) return at;
  const password = info.slice(info.indexOf(':') + 1);
  const isCredential = info.includes(':')
    ? password !== '' && !isPlaceholder(password)
    : looksRandom(info);
  return isCredential ? scan.found(at + 3, at + 3 + info.length, 'url_credentials') : at;
};
