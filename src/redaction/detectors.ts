/** The names of the built-in detectors, in the groups that options can name. */
import { PROVIDERS } from './providers.ts';

/** Credentials that are told by their structure or place, beside the providers' formats. */
const CREDENTIALS: readonly string[] = [
  'secret',
  'authorization',
  'cookie',
  'jwt',
  'private_key',
  'url_credentials',
  'webhook_url',
  'azure_secret',
  'azure_key',
  'discord_token',
  'facebook_token',
  'mailchimp_key',
  'telegram_token',
  'terraform_token',
];

/** Group and its detectors. */
export const GROUPS: { readonly [group: string]: readonly string[] } = /* @__PURE__ */ groups();

function groups(): { [group: string]: readonly string[] } {
  const providers = PROVIDERS.map(([name]) => name);
  return {
    credentials: [...new Set([...CREDENTIALS, ...providers])],
    personal: ['email', 'phone', 'card', 'iban', 'ssn', 'ip', 'mac'],
  };
}

/** Masks that no detector writes: `remove`, an exhausted budget, a value within itself. */
export const OTHER_MASKS: readonly string[] = ['removed', 'over_budget', 'circular'];
