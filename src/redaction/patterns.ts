/** Formats told by their structure: PEM blocks, JSON Web Tokens, webhooks, tokens with a mark in the middle. */
import { ALNUM, DOT, HEX, HYPHEN, URL_SAFE, isAt, isIn, runEnd, runStart } from './chars.ts';
import { match } from './finding.ts';
import type { Handler, Scan } from './finding.ts';

const HEADER = /BEGIN [A-Z\d ]{0,40}PRIVATE KEY(?: BLOCK)?-{4,5}/y;
/** Escaped line ends, and headers such as `Proc-Type: 4,ENCRYPTED`, stand among the base64. */
const BODY = /(?:(?!----)[\w+/=\s\\:,.-]){16,32768}(?:----[- ]{0,2}END [A-Z\d ]{1,60}-{4,5})?/y;

/** At `BEGIN` of a private key. What follows is taken to its end line, or as far as it looks like base64. */
export const privateKey: Handler = (scan, at) => {
  HEADER.lastIndex = at;
  if (!HEADER.test(scan.text)) return at;
  BODY.lastIndex = HEADER.lastIndex;
  if (!BODY.test(scan.text)) return at;
  return scan.found(runStart(scan.text, at, HYPHEN, 5), BODY.lastIndex, 'private_key');
};

const MAX_SEGMENT = 16_384;
const JWT = /(?=[\w.-]{30})eyJ[\w-]{9,16384}(?:\.[\w-]{0,16384}){0,3}\.[\w-]{1,16384}={0,2}/y;

/** At `eyJ`, base64url of `{"`: the header of a JSON Web Token, signed, encrypted or bare. */
export const jwt: Handler = (scan, at) => {
  if (at < scan.barren || !isAt(scan.text, at + 3, URL_SAFE)) return at;
  const end = match(scan, at, at, JWT, 'jwt');
  if (end === at) scan.barren = runEnd(scan.text, at, URL_SAFE, MAX_SEGMENT);
  return end;
};

const DISCORD = /[\w-]{22,40}\.[\w-]{6}\.[\w-]{26,128}(?:[!~][\w-]{0,64})?/y;
const TERRAFORM = /[\w-]{14}\.atlasv1\.[\w-]{40,128}/y;

const AIRTABLE = /pat[A-Za-z\d]{14}\.[\da-f]{60,64}(?!\w)/y;

/** At a dot: Discord's `id.time.code`, Terraform's `id.atlasv1.code`, Airtable's `pat….code`. */
export const dotted: Handler = (scan, at) => {
  const { text } = scan;
  if (text.charCodeAt(at + 7) === 46)
    return match(scan, at, runStart(text, at, URL_SAFE, 40), DISCORD, 'discord_token');
  if (text.charCodeAt(at - 17) === 112 && text.charCodeAt(at - 16) === 97)
    return match(scan, at, at - 17, AIRTABLE, 'airtable_token');
  return text.charCodeAt(at + 1) === 97
    ? match(scan, at, at - 14, TERRAFORM, 'terraform_token')
    : at;
};

const AZURE_SECRET = /(?<![\w.~-])[\w.~-]{3}\dQ~[\w.~-]{30,36}/y;

/** At the tilde of an Azure AD client secret. */
export const azureSecret: Handler = (scan, at) =>
  match(scan, at, at - 5, AZURE_SECRET, 'azure_secret');

const AZURE_KEY = /[A-Za-z\d]{40,60}JQQJ99[A-Za-z\d]{20,40}/y;

/** At the mark that Azure writes into the middle of the keys of its AI services. */
export const azureKey: Handler = (scan, at) =>
  match(scan, at, runStart(scan.text, at - 1, ALNUM, 60), AZURE_KEY, 'azure_key');

const MAILCHIMP = /(?<![A-Za-z\d])[\da-f]{32}-us\d{1,2}(?![A-Za-z\d])/y;
const MAC = /(?<![A-Za-z\d:-])[\dA-F]{2}([:-])(?:[\dA-F]{2}\1){4}[\dA-F]{2}(?![A-Za-z\d:-])/iy;

/** At the first separator of six pairs of hex digits. */
function mac(scan: Scan, at: number): number {
  const { text } = scan;
  const sign = text.charCodeAt(at);
  // A time of day has two.
  if (text.charCodeAt(at + 3) !== sign || text.charCodeAt(at + 6) !== sign) return at;
  return match(scan, at, at - 2, MAC, 'mac');
}

/** At a hyphen behind a hex digit. */
export const hyphen: Handler = (scan, at) =>
  scan.text.charCodeAt(at + 1) === 117
    ? match(scan, at, at - 32, MAILCHIMP, 'mailchimp_key')
    : mac(scan, at);

/** Eight groups, or fewer around `::`, which may end as an IPv4 address does. */
const IPV6 =
  /(?<![\w.:-])(?!::1(?![\da-f:]))(?:(?:[\da-f]{1,4}:){7}[\da-f]{1,4}|(?=[\da-f:]{0,40}\d)(?:[\da-f]{1,4}(?::[\da-f]{1,4}){0,6})?::(?:[\da-f]{1,4}(?::[\da-f]{1,4}){0,6}(?:\.\d{1,3}){0,3})?)(?![\w:])/iy;

/** At the first colon of an address. `::1` and `::` are everybody's, and `a::b` is a name in a program. */
export const address: Handler = (scan, at) => {
  const { text } = scan;
  if (at > 0 && !isAt(text, at - 1, HEX)) return at;
  const end = mac(scan, at);
  const start = runStart(text, at, ALNUM, 5);
  if (end > at || text.charCodeAt(start - 1) === 58 || !hasColons(text, at)) return end;
  return match(scan, at, start, IPV6, 'ip');
};

/** Seven colons among hex digits, or two together; a time of day has fewer. */
function hasColons(text: string, at: number): boolean {
  let colons = 0;
  for (let place = at; place < at + 40; place += 1) {
    if (text.charCodeAt(place) !== 58) {
      if (!isAt(text, place, HEX)) break;
    } else if (text.charCodeAt(place + 1) === 58) return true;
    else colons += 1;
  }
  return colons > 6;
}

/** `photo@2x.png` is a file, `sshd@7.service` a unit of systemd. */
const EMAIL =
  /(?![\w.+-]{1,64}@(?:\dx\.|[\w-]{1,64}\.(?:service|socket|timer|target|mount|png|jpe?g|gif|svg|webp)(?![\w.])))(?!git@[\w.-]{1,64}:)[\w\u00c0-\u024f][\w.+\u00c0-\u024f-]{0,63}(?:@|%40)(?:[A-Za-z\d\u00c0-\uffef](?:[A-Za-z\d\u00c0-\uffef-]{0,62})\.){1,8}[A-Za-z\u00c0-\uffef][A-Za-z\d\u00c0-\uffef-]{0,30}[A-Za-z\d\u00c0-\uffef]/y;

/** At `@`, and at `%40`, which is `@` in a URL. */
export const email: Handler = (scan, at) => {
  const { text } = scan;
  const label = runEnd(text, at + (text.charCodeAt(at) === 37 ? 3 : 1), URL_SAFE, 64);
  if (text.charCodeAt(label) !== 46 && !(text.charCodeAt(label) > 127)) return at;
  let start = at;
  while (start > at - 64 && isLocal(text.charCodeAt(start - 1))) start -= 1;
  while (start < at && /[.+-]/.test(text.charAt(start))) start += 1;
  // A user without a password, as in `ssh://git@host`.
  const isUserinfo = text.slice(start - 3, start) === '://';
  return start < at && !isUserinfo ? match(scan, at, start, EMAIL, 'email') : at;
};

function isLocal(code: number): boolean {
  return isIn(code, URL_SAFE | DOT) || code === 43 || (code >= 192 && code < 592);
}

/** Addresses that let anybody who knows them post, and bots' addresses, which hold a token. */
export const WEBHOOKS: readonly string[] = [
  'hooks.slack.com/',
  'discord.com/api/webhooks/',
  'discordapp.com/api/webhooks/',
  'hooks.zapier.com/hooks/catch/',
  'webhook.office.com/webhookb2/',
  'outlook.office.com/webhook/',
  'api.telegram.org/bot',
  'maker.ifttt.com/trigger/',
];

const WEBHOOK =
  /(?:[A-Za-z]{1,8}:\/\/)?[\w.-]{6,80}\/(?=[^\s"'`<>\\)]{0,200}\d)[^\s"'`<>\\),\]}]{24,2048}/y;

/** At the host of a webhook. */
export const webhook: Handler = (scan, at) => {
  const { text } = scan;
  let start = runStart(text, at, URL_SAFE | DOT, 80);
  if (text.slice(start - 3, start) === '://') start = runStart(text, start - 3, ALNUM, 8);
  return match(scan, at, start, WEBHOOK, 'webhook_url');
};
