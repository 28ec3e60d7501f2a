/**
 * Published formats of credentials. A row is a detector: its name, the characters
 * behind a prefix, how many of them (`16` so many, `20,` at least, `34,37` from and
 * to), and the prefixes.
 *
 * Characters: `a` letters and digits, `h` hex, `d` digits, `U` and `l` capitals and
 * small letters, `/` is `+` and `/`; others stand for themselves. `#` asks for a
 * digit among them, where the prefix alone is too common; `$` asks that no letter or
 * digit follows. Sources: the vendor's documentation (V), GitHub's list of secret
 * scanning patterns (G), the rules of gitleaks (L), of TruffleHog (T), of Kingfisher (K).
 */
export const PROVIDERS: readonly string[] = [
  // Models
  'openai_key a_-# 20, sk- ek_ sess-', // V platform.openai.com; OpenRouter, DeepSeek, LiteLLM and Langfuse follow it
  'anthropic_key a_- 20, sk-ant-', // V docs.anthropic.com
  'google_key a_- 30, AIza', // V cloud.google.com/docs/authentication/api-keys
  'google_key a_-.# 20, GOCSPX- ya29. 1//0 AQ.A', // V developers.google.com/identity; G
  'huggingface_token a$ 34,37 hf_', // V huggingface.co/docs/hub/security-tokens
  'huggingface_token Ul$ 30,40 api_org_', // L
  'elevenlabs_key h#$ 40,64 sk_', // V elevenlabs.io/docs

  // Clouds
  'aws_key Ud$ 16,17 AKIA ASIA ABIA ACCA A3T', // V docs.aws.amazon.com/IAM, identifiers
  'aws_key a/=_- 16, ABSK bedrock-api-key- amzn.mws.', // V docs.aws.amazon.com/bedrock, API keys; L
  'alibaba_key a#$ 12,36 LTAI AKID', // L Alibaba; G Tencent
  'cloudflare_token h- 100, v1.0-', // V developers.cloudflare.com/ssl/origin-configuration
  'cloudflare_token a 40, cfat_ cfut_ cfk_', // V developers.cloudflare.com/fundamentals/api
  'digitalocean_token h 40, dop_v1_ doo_v1_ dor_v1_', // G
  'fly_token a/=_- 30, fo1_ fm1_ fm1a_ fm1r_ fm2_', // G
  'vercel_token a_ 24, vcp_ vci_ vca_ vcr_ vck_ vercel_blob_rw_', // V vercel.com/docs
  'netlify_token a 30, nfp_ nfc_ nfo_ nfb_ nfu_', // G
  'yandex_token a_-.=# 38, AQVN t1. y0_', // V yandex.cloud/docs/iam

  // Source and packages
  'github_token a_ 30, ghp_ gho_ ghu_ ghr_ github_pat_', // V docs.github.com/authentication
  'github_token a_-. 30, ghs_', // V docs.github.com/authentication
  'gitlab_token a_-. 18, glpat- gldt- glptt- glrt- glrtr- glcbt- glimt- glagent- gloas- glsoat- glffct- glft- glwt- GR1348941 _gitlab_session=', // V docs.gitlab.com/security/tokens
  'atlassian_token a_-=# 24, ATATT3 ATSTT3 ATCTT3 ATBB', // V support.atlassian.com
  'npm_token a 30, npm_', // V docs.npmjs.com
  'pypi_token a_- 40, pypi-AgE', // V pypi.org/help
  'rubygems_token h 40, rubygems_', // V guides.rubygems.org
  'crates_token a#$ 32 cio', // L
  'nuget_key ld#$ 43 oy2', // G
  'docker_token a_- 20, dckr_pat_ dckr_oat_', // V docs.docker.com
  'octopus_key Ud#$ 26 API-', // L

  // Secrets
  'vault_token a_- 20, hvs. hvb. hvr.', // V developer.hashicorp.com/vault/docs/concepts/tokens
  'vault_token a#$ 24 s.', // V the same, before Vault 1.10
  'doppler_token a._- 30, dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit.', // V docs.doppler.com
  'onepassword_token a/=_- 60, ops_eyJ', // V developer.1password.com/docs/service-accounts
  'onepassword_token Ud-# 30,40 A3-', // V support.1password.com/secret-key
  'age_key a 40, AGE-SECRET-KEY-1', // V age-encryption.org

  // Messages
  'slack_token a_- 14, xoxb- xoxp- xoxa- xoxr- xoxs- xoxo- xoxc- xoxd- xoxe- xoxe.xoxb- xoxe.xoxp- xapp-', // V api.slack.com/authentication/token-types
  'twilio_key h#$ 32 SK', // V twilio.com/docs/iam/api-keys
  'sendgrid_key a_-.= 65, SG.', // V docs.sendgrid.com
  'mailgun_key h$ 32 key- pubkey-', // L
  'discord_token a_- 60, mfa.', // L

  // Payments and shops
  'stripe_key a_ 10, sk_live_ sk_test_ sk_prod_ rk_live_ rk_test_ rk_prod_ sk_org_', // V docs.stripe.com/keys
  'shopify_token a 30, shpat_ shpca_ shppa_ shpss_ shpua_', // V shopify.dev
  'square_token a_-# 20, sq0atp- sq0csp-', // V developer.squareup.com
  'square_token a_-# 56, EAAA', // V developer.squareup.com
  'facebook_token a# 60, EAA', // L
  'freemius_key a#&@*$ 29 sk_', // L
  'gocardless_token a_=-#^ 40,44 live_ sandbox_', // G

  // Data and monitoring
  'supabase_key a_- 20, sbp_ sb_secret_', // V supabase.com/docs
  'planetscale_token a_=.- 30, pscale_tkn_ pscale_pw_ pscale_oauth_', // G
  'databricks_token h-# 32, dapi dkea dose', // G
  'sentry_token a_/=- 40, sntrys_ sntryu_ sntrya_ sntryi_', // G
  'grafana_token a_/=- 30, glc_ glsa_ eyJrIjoi', // G, L
  'newrelic_key a_- 19, NRAK- NRAA- NRII- NRJS- NRRA- NRIQ- NRSP-', // G
  'launchdarkly_key h-#$ 36 sdk- mob- api-', // G
  'linear_key a 30, lin_api_ lin_oauth_', // G
  'notion_token a# 40, ntn_ secret_', // G
  'figma_token a_- 30, figd_ figo_ figp_ figu_ figoh_', // G
  'mailersend_token h 64 mlsn.', // K
  'bitbucket_token a/= 40, BBDC-', // K
  'clickup_token Ud_#$ 35,48 pk_', // V developer.clickup.com
  'scaleway_key Ud#$ 17 SCW', // K
  'elastic_key a/=_- 40, essu_', // K
  'baidu_key a/- 40, bce-v3/ALTAK-', // K
  'paypal_token aS 40, access_token$production$', // T
  'mapbox_token a_-. 40, sk.eyJ', // G
  'dropbox_token a_-# 100, sl. sl.u.', // G
  'salesforce_token a!._# 90, 00D', // G

  // Vendors of one format each, by its length. V: cerebras.ai, browserbase.com, daytona.io, docs.smith.langchain.com,
  // docs.svix.com, docs.voyageai.com, e2b.dev, fireworks.ai, jina.ai, neon.tech, razorpay.com, render.com, resend.com,
  // runpod.io, sonarsource.com, sourcegraph.com, tailscale.com, tavily.com, unkey.com
  'vendor_key a_-# 16, sm_pat_ sm_aat_ sm_sat_ rzp_live_ rzp_test_ FLWSECK_ FLWSECK- FLWPUBK_', // L SettleMint; V; G Flutterwave
  'vendor_key a_- 20, tskey- lsv2_pt_ lsv2_sk_ mdb_sa_sk_ whsec_ pcsk_ bb_live_ r8_ lip_ pl_ endr+', // V; G MongoDB, Pinecone, Replicate
  'vendor_key a_-# 24, ddp_ ddw_ da2- akab- waka_ apify_api_ p8e- ion_ m0- KEY01 ramp_sec_ rootly_ odt_ pylf_v1_ tgp_v1_ tvly- jina_ fc- e2b_ rpa_ fw_ rnd_ re_ aio_ pdl_live_ pdl_sdbx_ secret-live- secret-test- dtn_ unkey_', // V; G Adafruit, Paddle; L Lichess, Stytch
  'vendor_key a_-.=# 32, csk- gsk_ pplx- xai- HRKU- phx_ phs_ alcht_ bkua_ bkaj_ CCIPAT_ CCIPRJ_ PMAK- pul- pnu_ pnb_ squ_ sqp_ sqa_ hcaik_ hcalk_ hcamk_ shippo_live_ shippo_test_ access-sandbox- access-production- access_token$production$ pat-na1- pat-na2- pat-na3- pat-eu1- pat-ap1-', // V; G Groq, xAI, Heroku, PostHog, Alchemy, Buildkite, CircleCI, Postman, Pulumi, Prefect, Honeycomb, Shippo, PayPal, HubSpot; L Perplexity, Plaid
  'vendor_key a_-.=/# 40, nvapi- pa- sgp_ slk_ sha256~ tk-us- fio-u- CFPAT- napi_ cflt tfp_ EZAK EZTK rdme_ CLOJARS_ s-s4t2ud- s-s4t2af- xkeysib- xsmtpsib- duffel_live_ duffel_test_ AKCp cmVmdGtu dG9rO dt0c01. dt0s01. st. sc_ ext_ authress_', // V; G NVIDIA, OpenShift, Frame.io, Contentful, Confluent, Typeform, EasyPost, ReadMe, Clojars, Brevo, Duffel, JFrog, Dynatrace; L Scalingo, 42, Intercom, Infisical, Authress
];
