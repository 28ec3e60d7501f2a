import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import type { JWTVerifyGetKey } from 'jose';
import { SluiceError } from '../../model/errors.ts';
import type { Authorize } from '../options.ts';

export interface CloudflareAccessOptions {
  /** The team's host: `acme.cloudflareaccess.com`. */
  teamDomain: string;
  /** The application's audience tag, from its page in Zero Trust. */
  audience: string;
  /** Where the team's keys are. @default `https://<teamDomain>/cdn-cgi/access/certs` */
  keysUrl?: string | undefined;
}

const HOST = /^(?=.{1,253}$)[a-z0-9-]+(\.[a-z0-9-]+)+$/;
const AUDIENCE = /^[\w-]{16,128}$/;

const NO_TOKEN = `This request has no cf-access-jwt-assertion header, so it did not come through Cloudflare Access: protect this path in Zero Trust, and open it at a host that Access covers.
`;

const BAD_TOKEN = [
  errors.JWTInvalid,
  errors.JWTExpired,
  errors.JWTClaimValidationFailed,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
];

/** Clocks differ by this much, not more. */
const TOLERANCE_SECONDS = 30;

/**
 * Lets in who comes through a Cloudflare Access application: verifies the signature of the
 * token in `cf-access-jwt-assertion` with the team's keys, its audience, issuer and expiry.
 * The viewer's id is the token's e-mail address, or the name of a service token.
 *
 * @throws SluiceError `invalid_option` at start-up for a team domain or audience that is none
 *
 * @example
 * ```ts
 * import { d1Store } from 'sluice/d1';
 * import { cloudflareAccess, traceViewer } from 'sluice/viewer';
 *
 * type Env = { TRACES_DB: D1Database };
 * const viewer = traceViewer<Env>({
 *   store: (env) => d1Store(env.TRACES_DB),
 *   authorize: cloudflareAccess({
 *     teamDomain: 'acme.cloudflareaccess.com',
 *     audience: '6a1f0c2d9e8b7a6f5e4d3c2b1a09f8e7',
 *   }),
 *   audit: true,
 * });
 * ```
 */
export function cloudflareAccess(options: CloudflareAccessOptions): Authorize {
  const { teamDomain, audience, keysUrl } = checked(options);
  const issuer = `https://${teamDomain}`;
  let keys: JWTVerifyGetKey | undefined;
  return async ({ req }) => {
    const token = req.header('cf-access-jwt-assertion');
    if (token === undefined) return new Response(NO_TOKEN, { status: 403 });
    keys ??= createRemoteJWKSet(new URL(keysUrl ?? `${issuer}/cdn-cgi/access/certs`));
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms: ['RS256'],
        requiredClaims: ['exp'],
        clockTolerance: TOLERANCE_SECONDS,
      });
      const id = [payload['email'], payload['common_name'], payload.sub].find(isName);
      return id === undefined ? true : { id };
    } catch (error) {
      if (isBadToken(error)) return false;
      throw error;
    }
  };
}

/** Keys that cannot be fetched or read are no fault of whoever asks, so they are told apart. */
function isBadToken(error: unknown): boolean {
  return BAD_TOKEN.some((kind) => error instanceof kind);
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function checked(options: CloudflareAccessOptions): CloudflareAccessOptions {
  const { audience, keysUrl } = options ?? {};
  const host: unknown = options?.teamDomain;
  const teamDomain = typeof host === 'string' ? host.toLowerCase() : '';
  if (!HOST.test(teamDomain)) {
    throw new SluiceError(
      'invalid_option',
      'cloudflareAccess: teamDomain must be a host name, such as acme.cloudflareaccess.com.',
    );
  }
  if (!AUDIENCE.test(audience)) {
    throw new SluiceError(
      'invalid_option',
      "cloudflareAccess: audience must be the application's audience tag, which its page in Zero Trust shows.",
    );
  }
  if (keysUrl !== undefined && !URL.canParse(keysUrl)) {
    throw new SluiceError(
      'invalid_option',
      'cloudflareAccess: keysUrl must be a URL, or left out for the one of the team.',
    );
  }
  return { teamDomain, audience, keysUrl };
}
