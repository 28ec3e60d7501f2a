/** Credentials in URLs: `scheme://user:password@host`, and addresses that are secrets themselves. */
import { ALNUM, DOT, HYPHEN, LETTER, isAt, runStart } from './chars.ts';
import type { Handler } from './finding.ts';
import { isPlaceholder, looksRandom } from './likeness.ts';

const MAX_USERINFO = 512;

/** At the colon of `://`. */
export const userinfo: Handler = (scan, at) => {
  const { text } = scan;
  const start = at + 3;
  if (!isAt(text, at - 1, ALNUM)) return at;
  const limit = Math.min(text.length, start + MAX_USERINFO);
  let end = start;
  let host = start;
  while (end < limit && !'/?#\\"\'`<> \n\t,'.includes(text.charAt(end))) {
    if (text.charAt(end) === '@') host = end;
    end += 1;
  }
  if (host === start || !isAt(text, host + 1, ALNUM)) return at;
  const info = text.slice(start, host);
  const password = info.slice(info.indexOf(':') + 1);
  const isCredential = info.includes(':') ? !isPlaceholder(password) && password !== '' : looksRandom(info);
  if (!isCredential) return at;
  scan.found(start, host, 'url_credentials');
  return host;
};

/** Addresses that let anybody who knows them post, and bots' addresses, which hold a token. */
export const WEBHOOKS: readonly string[] = [
  'hooks.slack.com/services/',
  'hooks.slack.com/workflows/',
  'hooks.slack.com/triggers/',
  'discord.com/api/webhooks/',
  'discordapp.com/api/webhooks/',
  'hooks.zapier.com/hooks/catch/',
  'webhook.office.com/webhookb2/',
  'outlook.office.com/webhook/',
  'api.telegram.org/bot',
  'maker.ifttt.com/trigger/',
  'events.pagerduty.com/integration/',
  'hook.eu1.make.com/',
  'hook.us1.make.com/',
];

const MAX_URL = 2_048;

/** At the host of a webhook. */
export const webhook: Handler = (scan, at) => {
  const { text } = scan;
  let end = at;
  const limit = Math.min(text.length, at + MAX_URL);
  while (end < limit && !'"\'`<> \n\t\\,)]}'.includes(text.charAt(end))) end += 1;
  const path = text.slice(text.indexOf('/', at), end);
  if (path.length < 24 || !/\d/.test(path)) return at;
  let start = runStart(text, at, ALNUM | DOT | HYPHEN, 80);
  if (text.slice(start - 3, start) === '://') start = runStart(text, start - 3, LETTER, 8);
  scan.found(start, end, 'webhook_url');
  return end;
};

