/**
 * Published formats of credentials. A row is a detector: its name, the characters
 * behind a prefix, how many of them (`16` so many, `20,` at least, `34,37` from and
 * to), and the prefixes.
 *
 * Characters: `a` letters and digits, `h` hex, `d` digits, `U` and `l` capitals and
 * small letters, `/` is `+` and `/`; others stand for themselves. `#` asks for a
 * digit among them, where the prefix alone is too common; `$` asks that no letter or
 * digit follows. Sources: the vendor's documentation (V), GitHub's list of secret
 * scanning patterns (G), the rules of gitleaks (L).
 */
export const PROVIDERS: readonly string[] = [
  // Models and the tools around them
  'openai_key a_-# 20, sk-', // V platform.openai.com; OpenRouter, DeepSeek, LiteLLM and Langfuse follow it
  'openai_key a_# 20, ek_ sess-', // V platform.openai.com/docs/guides/realtime
  'anthropic_key a_- 20, sk-ant-', // V docs.anthropic.com
  'google_key a_- 30, AIza', // V cloud.google.com/docs/authentication/api-keys
  'google_key a_- 20, GOCSPX-', // G
  'google_key a_-. 20, ya29. 1//0', // V developers.google.com/identity/protocols/oauth2
  'google_key a_-# 30, AQ.A', // V cloud.google.com/vertex-ai, express mode
  'huggingface_token a$ 34,37 hf_', // V huggingface.co/docs/hub/security-tokens
  'huggingface_token Ul$ 30,40 api_org_', // L
  'groq_key a 40, gsk_', // G
  'xai_key a 60, xai-', // G
  'perplexity_key a 32, pplx-', // L
  'replicate_token a 30, r8_', // G
  'nvidia_key a_- 40, nvapi-', // G
  'cerebras_key a# 32, csk-', // V inference-docs.cerebras.ai
  'elevenlabs_key h#$ 40,64 sk_', // V elevenlabs.io/docs
  'pinecone_key a_ 30, pcsk_', // G
  'langchain_key a_ 20, lsv2_pt_ lsv2_sk_ ls__', // V docs.smith.langchain.com
  'search_key a_-# 20, tvly- jina_ fc-', // V tavily, jina.ai, firecrawl
  'sandbox_key a_# 20, e2b_ rpa_ bb_live_ fw_', // V e2b.dev, runpod.io, browserbase.com, fireworks.ai
  'voyage_key a_-#$ 40,48 pa-', // V docs.voyageai.com

  // Clouds
  'aws_key Ud$ 16 AKIA ASIA ABIA ACCA', // V docs.aws.amazon.com/IAM, identifiers
  'aws_key Ud$ 17 A3T', // L
  'aws_key a/= 40, ABSK', // V docs.aws.amazon.com/bedrock, API keys
  'aws_key a/=_- 16, bedrock-api-key-', // V docs.aws.amazon.com/bedrock, API keys
  'aws_key a- 30, amzn.mws. amzn1.oa2-cs.v1.', // L
  'alibaba_key a#$ 12,30 LTAI', // L
  'tencent_key a#$ 32,36 AKID', // G
  'cloudflare_token h- 100, v1.0-', // V developers.cloudflare.com/ssl/origin-configuration
  'cloudflare_token a 40, cfat_ cfut_ cfk_', // V developers.cloudflare.com/fundamentals/api
  'digitalocean_token h 40, dop_v1_ doo_v1_ dor_v1_', // G
  'heroku_key a_- 30, HRKU-', // G
  'fly_token a/=_- 30, fo1_ fm1_ fm1a_ fm1r_ fm2_', // G
  'vercel_token a 24, vcp_ vci_ vca_ vcr_ vck_', // V vercel.com/docs
  'vercel_token a_ 20, vercel_blob_rw_', // V vercel.com/docs/vercel-blob
  'netlify_token a 30, nfp_ nfc_ nfo_ nfb_ nfu_', // G
  'render_key a# 24, rnd_', // V render.com/docs/api
  'alchemy_key a 30, alcht_', // G
  'yandex_token a_-.=# 38, AQVN t1. y0_', // V yandex.cloud/docs/iam

  // Source, packages and builds
  'github_token a 30, ghp_ gho_ ghu_ ghr_', // V docs.github.com/authentication
  'github_token a_-. 30, ghs_', // V docs.github.com/authentication
  'github_token a_ 30, github_pat_', // V docs.github.com/authentication
  'gitlab_token a_-. 18, glpat- gldt- glptt- glrt- glrtr- glcbt- glimt- glagent- gloas- glsoat- glffct- glft- glwt-', // V docs.gitlab.com/security/tokens
  'gitlab_token a_- 18, GR1348941', // V docs.gitlab.com/security/tokens
  'gitlab_token h 30, _gitlab_session=', // V docs.gitlab.com/security/tokens
  'bitbucket_token a_-=# 24, ATBB ATCTT3', // V support.atlassian.com
  'atlassian_token a_-= 60, ATATT3 ATSTT3', // V support.atlassian.com
  'npm_token a 30, npm_', // V docs.npmjs.com
  'pypi_token a_- 40, pypi-AgE', // V pypi.org/help
  'rubygems_token h 40, rubygems_', // V guides.rubygems.org
  'crates_token a#$ 32 cio', // L
  'nuget_key ld#$ 43 oy2', // G
  'docker_token a_- 20, dckr_pat_ dckr_oat_', // V docs.docker.com
  'clojars_token a 50, CLOJARS_', // V github.com/clojars
  'artifactory_key a# 50, AKCp cmVmdGtu', // G
  'sonar_token h 40, squ_ sqp_ sqa_', // V docs.sonarsource.com
  'sourcegraph_token a_# 40, sgp_ slk_', // V sourcegraph.com/docs
  'buildkite_token h 30, bkua_ bkaj_', // G
  'circleci_token a_ 30, CCIPAT_ CCIPRJ_', // G
  'octopus_key Ud#$ 26 API-', // L
  'pulumi_token h# 40, pul-', // V pulumi.com/docs
  'postman_key h- 40, PMAK-', // G
  'prefect_token a 36, pnu_ pnb_', // G
  'settlemint_token a# 16, sm_pat_ sm_aat_ sm_sat_', // L
  'scalingo_token a_- 40, tk-us-', // L
  'openshift_token a_- 40, sha256~', // V docs.openshift.com

  // Secrets and identity
  'vault_token a_- 20, hvs. hvb. hvr.', // V developer.hashicorp.com/vault/docs/concepts/tokens
  'vault_token a#$ 24 s.', // V the same, before Vault 1.10
  'doppler_token a._- 30, dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit.', // V docs.doppler.com
  'onepassword_token a/=_- 60, ops_eyJ', // V developer.1password.com/docs/service-accounts
  'onepassword_token Ud-# 30,40 A3-', // V support.1password.com/secret-key
  'age_key a 40, AGE-SECRET-KEY-1', // V age-encryption.org
  'authress_key a._# 50, sc_ ext_ scauth_ authress_', // L
  'infisical_token a.# 60, st.', // V infisical.com/docs

  // Messages
  'slack_token a_- 14, xoxb- xoxp- xoxa- xoxr- xoxs- xoxo- xoxc- xoxd- xoxe-', // V api.slack.com/authentication/token-types
  'slack_token a_- 30, xoxe.xoxb- xoxe.xoxp- xapp-', // V api.slack.com/authentication/token-types
  'twilio_key h#$ 32 SK', // V twilio.com/docs/iam/api-keys
  'sendgrid_key a_-.= 65, SG.', // V docs.sendgrid.com
  'mailgun_key h$ 32 key- pubkey-', // L
  'brevo_key h- 64, xkeysib- xsmtpsib-', // G
  'resend_key a_# 28,40 re_', // V resend.com/docs
  'discord_token a_- 60, mfa.', // L
  'intercom_token a= 50, dG9rO', // L
  'svix_secret a/= 24, whsec_', // V docs.stripe.com/webhooks, docs.svix.com

  // Payments and shops
  'stripe_key a_ 10, sk_live_ sk_test_ sk_prod_ rk_live_ rk_test_ rk_prod_ sk_org_', // V docs.stripe.com/keys
  'shopify_token a 30, shpat_ shpca_ shppa_ shpss_ shpua_', // V shopify.dev
  'square_token a_- 20, sq0atp- sq0csp-', // V developer.squareup.com
  'square_token a_-# 56, EAAA', // V developer.squareup.com
  'facebook_token a# 60, EAA', // L
  'easypost_key a 54, EZAK EZTK', // G
  'shippo_token h 32, shippo_live_ shippo_test_', // G
  'duffel_token a_- 40, duffel_live_ duffel_test_', // G
  'flutterwave_key a_- 12, FLWSECK_ FLWSECK- FLWPUBK_', // G
  'razorpay_key a 12, rzp_live_ rzp_test_', // V razorpay.com/docs
  'paddle_key a_ 24, pdl_live_ pdl_sdbx_', // G
  'plaid_token h- 36, access-sandbox- access-development- access-production-', // L
  'paypal_token a$ 20, access_token$production$ access_token$sandbox$', // G
  'gocardless_token a_=-# 40,44 live_ sandbox_', // G
  'freemius_key a#&@*$ 29 sk_', // L

  // Data, monitoring and work
  'supabase_key a_- 20, sbp_ sb_secret_', // V supabase.com/docs
  'planetscale_token a_=.- 30, pscale_tkn_ pscale_pw_ pscale_oauth_', // G
  'databricks_token h-# 32, dapi dkea dose', // G
  'airtable_token a.$ 60,84 pat', // G
  'mongodb_secret a_- 30, mdb_sa_sk_', // G
  'neon_key a 40, napi_', // V neon.tech/docs
  'confluent_key a/= 50, cflt', // G
  'sentry_token a_/=- 40, sntrys_ sntryu_ sntrya_ sntryi_', // G
  'grafana_token a_/= 30, glc_ glsa_', // G
  'grafana_token a/=_- 40, eyJrIjoi', // L
  'newrelic_key a_- 19, NRAK- NRII- NRJS- NRRA- NRIQ- NRSP-', // G
  'dynatrace_token a. 60, dt0c01. dt0s01. dt0s02.', // G
  'posthog_key a 30, phx_ phs_', // G
  'honeycomb_key a_ 30, hcaik_ hcalk_ hcamk_', // G
  'launchdarkly_key h-#$ 36 sdk- mob- api-', // G
  'linear_key a 30, lin_api_ lin_oauth_', // G
  'notion_token a# 40, ntn_ secret_', // G
  'figma_token a_- 30, figd_ figo_ figu_ figoh_', // G
  'hubspot_token h- 36, pat-na1- pat-na2- pat-na3- pat-eu1- pat-ap1-', // G
  'typeform_token a_.=- 40, tfp_', // G
  'readme_key a 60, rdme_', // G
  'frameio_token a_=- 40, fio-u-', // G
  'contentful_token a_- 40, CFPAT-', // G
  'adafruit_key a 26, aio_', // G
  'mapbox_token a_-. 40, sk.eyJ', // G
  'dropbox_token a_-# 100, sl.', // G
  'intra42_secret h 60, s-s4t2ud- s-s4t2af-', // L
  'tailscale_key a- 20, tskey-', // V tailscale.com/kb
  'salesforce_token a!._# 90, 00D', // G
  'shared_key a_-# 20, rootly_ zpka_ lip_ unkey_ dtn_ secret-live- secret-test-', // G
];
