/** Authorization and cookies, as headers and as values of their keys. */
import { ALNUM, BASE64, DOT, EQUALS, HYPHEN, TILDE, UNDERSCORE, isAt, runEnd } from './chars.ts';
import type { Handler, Scan } from './finding.ts';
import { isPlaceholder, looksRandom } from './likeness.ts';
import { lineEnd, withoutStops } from './values.ts';
import type { Value } from './values.ts';

const CREDENTIAL: number = ALNUM | DOT | HYPHEN | UNDERSCORE | TILDE | BASE64 | EQUALS;
const MAX_CREDENTIAL = 8_192;

/** Schemes of the IANA registry, and those that providers added. */
const SCHEME =
  /(Bearer|Basic|Token|ApiKey|Api-Key|Key|SSWS|Negotiate|NTLM|Bot|GenieKey|FlyV1|DSN|Digest|AWS4-HMAC-SHA256|OAuth|Hawk|Signature|SharedKey|SharedAccessSignature|GoogleLogin|SCRAM-SHA-256|Mutual|DPoP|Vapid)[ \t]+/iy;

/** Schemes whose credentials are a list of parameters. */
const PARAMETERS = /^(?:Digest|AWS4|OAuth|Hawk|Signature|Shared|Google|SCRAM|Mutual|Vapid)/i;

/** Behind `Authorization:`; what is no credential stays. */
export function foundAuthorization(scan: Scan, { start, end, quoted }: Value, at: number): number {
  const { text } = scan;
  SCHEME.lastIndex = start;
  const scheme = SCHEME.exec(text)?.[1];
  const from = scheme === undefined ? start : SCHEME.lastIndex;
  let to = quoted ? end : lineEnd(text, from);
  if (scheme === undefined || !PARAMETERS.test(scheme)) {
    to = Math.min(to, runEnd(text, from, CREDENTIAL, MAX_CREDENTIAL));
    if (scheme === undefined && !looksRandom(text.slice(from, to))) return at;
  }
  if (to - from < 4 || isPlaceholder(text.slice(from, to))) return at;
  scan.found(from, to, 'authorization');
  return to;
}

/** Behind `Cookie:` and `Set-Cookie:`; what names no cookie stays. */
export function foundCookies(scan: Scan, { start, end, quoted }: Value, at: number): number {
  const { text } = scan;
  const to = quoted ? end : lineEnd(text, start);
  if (!/^[^\s=;,]{1,128}=[^\s;]/.test(text.slice(start, start + 160))) return at;
  scan.found(start, to, 'cookie');
  return to;
}

/** At `Bearer `, wherever it stands. */
export const bearer: Handler = (scan, at) => {
  const { text } = scan;
  const from = text.indexOf(' ', at) + 1;
  const end = withoutStops(text, from, runEnd(text, from, CREDENTIAL, MAX_CREDENTIAL));
  const value = text.slice(from, Math.min(end, from + 256));
  if (end - from < 12 || !looksRandom(value)) return at;
  scan.found(from, end, 'authorization');
  return end;
};

/** At `Basic `: the credentials are base64 of `user:password`. */
export const basic: Handler = (scan, at) => {
  const { text } = scan;
  const from = text.indexOf(' ', at) + 1;
  const end = runEnd(text, from, ALNUM | BASE64 | EQUALS, MAX_CREDENTIAL);
  if (end - from < 8 || isAt(text, end, UNDERSCORE) || !holdsColon(text.slice(from, end))) return at;
  scan.found(from, end, 'authorization');
  return end;
};

function holdsColon(base64: string): boolean {
  const letters = base64.replace(/=+$/, '');
  if (letters.includes('=') || letters.length % 4 === 1) return false;
  return atob(letters).includes(':');
}
