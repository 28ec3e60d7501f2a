/**
 * Published formats of credentials. A row is a detector: its name, the prefixes,
 * the characters that may follow, how many of them at least and at most.
 *
 * Characters: `a` letters and digits, `h` hex, `d` digits, `U` and `l` capitals and
 * small letters, `/` is `+` and `/`; others stand for themselves. `#` asks for a
 * digit among them, where the prefix alone is too common; `$` asks that no letter or
 * digit follows. Sources: the vendor's documentation (V), GitHub's list of secret
 * scanning patterns (G), the rules of gitleaks (L).
 */
export type ProviderRow = readonly [
  name: string,
  prefixes: string,
  body: string,
  min: number,
  max?: number,
];

export const PROVIDERS: readonly ProviderRow[] = [
  // Models and the tools around them
  ['openai_key', 'sk-', 'a_-#', 20], // V platform.openai.com; OpenRouter, DeepSeek, LiteLLM and Langfuse follow it
  ['openai_key', 'ek_ sess-', 'a_#', 20], // V platform.openai.com/docs/guides/realtime
  ['anthropic_key', 'sk-ant-', 'a_-', 20], // V docs.anthropic.com
  ['google_key', 'AIza', 'a_-', 30], // V cloud.google.com/docs/authentication/api-keys
  ['google_key', 'GOCSPX-', 'a_-', 20], // G
  ['google_key', 'ya29. 1//0', 'a_-.', 20], // V developers.google.com/identity/protocols/oauth2
  ['google_key', 'AQ.A', 'a_-#', 30], // V cloud.google.com/vertex-ai, express mode
  ['huggingface_token', 'hf_', 'a$', 34, 37], // V huggingface.co/docs/hub/security-tokens
  ['huggingface_token', 'api_org_', 'Ul$', 30, 40], // L
  ['groq_key', 'gsk_', 'a', 40], // G
  ['xai_key', 'xai-', 'a', 60], // G
  ['perplexity_key', 'pplx-', 'a', 32], // L
  ['replicate_token', 'r8_', 'a', 30], // G
  ['nvidia_key', 'nvapi-', 'a_-', 40], // G
  ['cerebras_key', 'csk-', 'a#', 32], // V inference-docs.cerebras.ai
  ['elevenlabs_key', 'sk_', 'h#$', 40, 64], // V elevenlabs.io/docs
  ['pinecone_key', 'pcsk_', 'a_', 30], // G
  ['langchain_key', 'lsv2_pt_ lsv2_sk_ ls__', 'a_', 20], // V docs.smith.langchain.com
  ['search_key', 'tvly- jina_ fc-', 'a_-#', 20], // V tavily, jina.ai, firecrawl
  ['sandbox_key', 'e2b_ rpa_ bb_live_ fw_', 'a_#', 20], // V e2b.dev, runpod.io, browserbase.com, fireworks.ai
  ['voyage_key', 'pa-', 'a_-#$', 40, 48], // V docs.voyageai.com

  // Clouds
  ['aws_key', 'AKIA ASIA ABIA ACCA', 'Ud$', 16, 16], // V docs.aws.amazon.com/IAM, identifiers
  ['aws_key', 'A3T', 'Ud$', 17, 17], // L
  ['aws_key', 'ABSK', 'a/=', 40], // V docs.aws.amazon.com/bedrock, API keys
  ['aws_key', 'bedrock-api-key-', 'a/=_-', 16], // V docs.aws.amazon.com/bedrock, API keys
  ['aws_key', 'amzn.mws. amzn1.oa2-cs.v1.', 'a-', 30], // L
  ['alibaba_key', 'LTAI', 'a#$', 12, 30], // L
  ['tencent_key', 'AKID', 'a#$', 32, 36], // G
  ['cloudflare_token', 'v1.0-', 'h-', 100], // V developers.cloudflare.com/ssl/origin-configuration
  ['cloudflare_token', 'cfat_ cfut_ cfk_', 'a', 40], // V developers.cloudflare.com/fundamentals/api
  ['digitalocean_token', 'dop_v1_ doo_v1_ dor_v1_', 'h', 40], // G
  ['heroku_key', 'HRKU-', 'a_-', 30], // G
  ['fly_token', 'fo1_ fm1_ fm1a_ fm1r_ fm2_', 'a/=_-', 30], // G
  ['vercel_token', 'vcp_ vci_ vca_ vcr_ vck_', 'a', 24], // V vercel.com/docs
  ['vercel_token', 'vercel_blob_rw_', 'a_', 20], // V vercel.com/docs/vercel-blob
  ['netlify_token', 'nfp_ nfc_ nfo_ nfb_ nfu_', 'a', 30], // G
  ['render_key', 'rnd_', 'a#', 24], // V render.com/docs/api
  ['alchemy_key', 'alcht_', 'a', 30], // G
  ['yandex_token', 'AQVN t1. y0_', 'a_-.=#', 38], // V yandex.cloud/docs/iam

  // Source, packages and builds
  ['github_token', 'ghp_ gho_ ghu_ ghr_', 'a', 30], // V docs.github.com/authentication
  ['github_token', 'ghs_', 'a_-.', 30], // V docs.github.com/authentication
  ['github_token', 'github_pat_', 'a_', 30], // V docs.github.com/authentication
  [
    'gitlab_token',
    'glpat- gldt- glptt- glrt- glrtr- glcbt- glimt- glagent- gloas- glsoat- glffct- glft- glwt-',
    'a_-.',
    18,
  ], // V docs.gitlab.com/security/tokens
  ['gitlab_token', 'GR1348941', 'a_-', 18], // V docs.gitlab.com/security/tokens
  ['gitlab_token', '_gitlab_session=', 'h', 30], // V docs.gitlab.com/security/tokens
  ['bitbucket_token', 'ATBB ATCTT3', 'a_-=#', 24], // V support.atlassian.com
  ['atlassian_token', 'ATATT3 ATSTT3', 'a_-=', 60], // V support.atlassian.com
  ['npm_token', 'npm_', 'a', 30], // V docs.npmjs.com
  ['pypi_token', 'pypi-AgE', 'a_-', 40], // V pypi.org/help
  ['rubygems_token', 'rubygems_', 'h', 40], // V guides.rubygems.org
  ['crates_token', 'cio', 'a#$', 32, 32], // L
  ['nuget_key', 'oy2', 'ld#$', 43, 43], // G
  ['docker_token', 'dckr_pat_ dckr_oat_', 'a_-', 20], // V docs.docker.com
  ['clojars_token', 'CLOJARS_', 'a', 50], // V github.com/clojars
  ['artifactory_key', 'AKCp cmVmdGtu', 'a#', 50], // G
  ['sonar_token', 'squ_ sqp_ sqa_', 'h', 40], // V docs.sonarsource.com
  ['sourcegraph_token', 'sgp_ slk_', 'a_#', 40], // V sourcegraph.com/docs
  ['buildkite_token', 'bkua_ bkaj_', 'h', 30], // G
  ['circleci_token', 'CCIPAT_ CCIPRJ_', 'a_', 30], // G
  ['octopus_key', 'API-', 'Ud#$', 26, 26], // L
  ['pulumi_token', 'pul-', 'h#', 40], // V pulumi.com/docs
  ['postman_key', 'PMAK-', 'h-', 40], // G
  ['prefect_token', 'pnu_ pnb_', 'a', 36], // G
  ['settlemint_token', 'sm_pat_ sm_aat_ sm_sat_', 'a#', 16], // L
  ['scalingo_token', 'tk-us-', 'a_-', 40], // L
  ['openshift_token', 'sha256~', 'a_-', 40], // V docs.openshift.com

  // Secrets and identity
  ['vault_token', 'hvs. hvb. hvr.', 'a_-', 20], // V developer.hashicorp.com/vault/docs/concepts/tokens
  ['vault_token', 's.', 'a#$', 24, 24], // V the same, before Vault 1.10
  ['doppler_token', 'dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit.', 'a._-', 30], // V docs.doppler.com
  ['onepassword_token', 'ops_eyJ', 'a/=_-', 60], // V developer.1password.com/docs/service-accounts
  ['onepassword_token', 'A3-', 'Ud-#', 30, 40], // V support.1password.com/secret-key
  ['age_key', 'AGE-SECRET-KEY-1', 'a', 40], // V age-encryption.org
  ['okta_token', 'SSWS ', 'a_-', 30], // V developer.okta.com
  ['authress_key', 'sc_ ext_ scauth_ authress_', 'a._#', 50], // L
  ['infisical_token', 'st.', 'a.#', 60], // V infisical.com/docs

  // Messages
  ['slack_token', 'xoxb- xoxp- xoxa- xoxr- xoxs- xoxo- xoxc- xoxd- xoxe-', 'a_-', 14], // V api.slack.com/authentication/token-types
  ['slack_token', 'xoxe.xoxb- xoxe.xoxp- xapp-', 'a_-', 30], // V api.slack.com/authentication/token-types
  ['twilio_key', 'SK', 'h#$', 32, 32], // V twilio.com/docs/iam/api-keys
  ['sendgrid_key', 'SG.', 'a_-.=', 65], // V docs.sendgrid.com
  ['mailgun_key', 'key- pubkey-', 'h$', 32, 32], // L
  ['brevo_key', 'xkeysib- xsmtpsib-', 'h-', 64], // G
  ['resend_key', 're_', 'a_#', 28, 40], // V resend.com/docs
  ['discord_token', 'mfa.', 'a_-', 60], // L
  ['intercom_token', 'dG9rO', 'a=', 50], // L
  ['svix_secret', 'whsec_', 'a/=', 24], // V docs.stripe.com/webhooks, docs.svix.com

  // Payments and shops
  ['stripe_key', 'sk_live_ sk_test_ sk_prod_ rk_live_ rk_test_ rk_prod_ sk_org_', 'a_', 10], // V docs.stripe.com/keys
  ['shopify_token', 'shpat_ shpca_ shppa_ shpss_ shpua_', 'a', 30], // V shopify.dev
  ['square_token', 'sq0atp- sq0csp-', 'a_-', 20], // V developer.squareup.com
  ['square_token', 'EAAA', 'a_-#', 56], // V developer.squareup.com
  ['facebook_token', 'EAA', 'a#', 60], // L
  ['easypost_key', 'EZAK EZTK', 'a', 54], // G
  ['shippo_token', 'shippo_live_ shippo_test_', 'h', 32], // G
  ['duffel_token', 'duffel_live_ duffel_test_', 'a_-', 40], // G
  ['flutterwave_key', 'FLWSECK_ FLWSECK- FLWPUBK_', 'a_-', 12], // G
  ['razorpay_key', 'rzp_live_ rzp_test_', 'a', 12], // V razorpay.com/docs
  ['paddle_key', 'pdl_live_ pdl_sdbx_', 'a_', 24], // G
  ['plaid_token', 'access-sandbox- access-development- access-production-', 'h-', 36], // L
  ['paypal_token', 'access_token$production$ access_token$sandbox$', 'a$', 20], // G
  ['gocardless_token', 'live_ sandbox_', 'a_=-#', 40, 44], // G
  ['freemius_key', 'sk_', 'a#&@*$', 29, 29], // L

  // Data, monitoring and work
  ['supabase_key', 'sbp_ sb_secret_', 'a_-', 20], // V supabase.com/docs
  ['planetscale_token', 'pscale_tkn_ pscale_pw_ pscale_oauth_', 'a_=.-', 30], // G
  ['databricks_token', 'dapi dkea dose', 'h-#', 32], // G
  ['airtable_token', 'pat', 'a.$', 60, 84], // G
  ['mongodb_secret', 'mdb_sa_sk_', 'a_-', 30], // G
  ['neon_key', 'napi_', 'a', 40], // V neon.tech/docs
  ['confluent_key', 'cflt', 'a/=', 50], // G
  ['sentry_token', 'sntrys_ sntryu_ sntrya_ sntryi_', 'a_/=-', 40], // G
  ['grafana_token', 'glc_ glsa_', 'a_/=', 30], // G
  ['grafana_token', 'eyJrIjoi', 'a/=_-', 40], // L
  ['newrelic_key', 'NRAK- NRII- NRJS- NRRA- NRIQ- NRSP-', 'a_-', 19], // G
  ['dynatrace_token', 'dt0c01. dt0s01. dt0s02.', 'a.', 60], // G
  ['posthog_key', 'phx_ phs_', 'a', 30], // G
  ['honeycomb_key', 'hcaik_ hcalk_ hcamk_', 'a_', 30], // G
  ['launchdarkly_key', 'sdk- mob- api-', 'h-#$', 36, 36], // G
  ['linear_key', 'lin_api_ lin_oauth_', 'a', 30], // G
  ['notion_token', 'ntn_ secret_', 'a#', 40], // G
  ['figma_token', 'figd_ figo_ figu_ figoh_', 'a_-', 30], // G
  ['hubspot_token', 'pat-na1- pat-na2- pat-na3- pat-eu1- pat-ap1-', 'h-', 36], // G
  ['typeform_token', 'tfp_', 'a_.=-', 40], // G
  ['readme_key', 'rdme_', 'a', 60], // G
  ['frameio_token', 'fio-u-', 'a_=-', 40], // G
  ['contentful_token', 'CFPAT-', 'a_-', 40], // G
  ['adafruit_key', 'aio_', 'a', 26], // G
  ['mapbox_token', 'sk.eyJ', 'a_-.', 40], // G
  ['dropbox_token', 'sl.', 'a_-#', 100], // G
  ['intra42_secret', 's-s4t2ud- s-s4t2af-', 'h', 60], // L
  ['tailscale_key', 'tskey-', 'a-', 20], // V tailscale.com/kb
  ['salesforce_token', '00D', 'a!._#', 90], // G
  ['shared_key', 'rootly_ zpka_ lip_ unkey_ dtn_ secret-live- secret-test-', 'a_-#', 20], // G
];
