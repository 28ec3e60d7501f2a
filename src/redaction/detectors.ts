/** The names of the built-in detectors, in the groups that options can name. */
import { PROVIDERS } from './providers.ts';

/** Group and its detectors. */
export const GROUPS: { readonly [group: string]: readonly string[] } = {
  /** Those that are told by structure or place, and the providers' formats. */
  credentials: [
    ...'secret authorization airtable_token cookie jwt private_key url_credentials webhook_url azure_secret azure_key discord_token facebook_token mailchimp_key telegram_token terraform_token'.split(
      ' ',
    ),
    ...PROVIDERS.map((row) => row.slice(0, row.indexOf(' '))),
  ],
  personal: ['email', 'phone', 'card', 'iban', 'ssn', 'ip', 'mac'],
};

/** Masks that no detector writes: `remove`, an exhausted budget, a value within itself. */
export const OTHER_MASKS: readonly string[] = ['removed', 'over_budget', 'circular'];
