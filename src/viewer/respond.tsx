/** How pages and refusals leave: never cached, never framed, and with nothing in them that could run. */
import { html } from 'hono/html';
import type { MiddlewareHandler } from 'hono';
import { describeError, SluiceError } from '../model/errors.ts';
import type { Html } from './html.ts';
import { Notice, Page } from './parts/layout.tsx';
import type { PageContext, SiteEnv } from './site.ts';

/** Scripts, styles and requests of this origin's own only; nothing inline. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-robots-tag': 'noindex, nofollow',
};

/** Their names change with what is in them, and they hold nothing of a trace. */
const ASSET_CACHE = 'private, max-age=31536000, immutable';

export const guardHeaders: MiddlewareHandler<SiteEnv> = async function guardHeaders(c, next) {
  await next();
  // An answer that comes from elsewhere, such as a redirect, may have headers that cannot be set.
  const answer = new Response(c.res.body, c.res);
  for (const [name, value] of Object.entries(HEADERS)) answer.headers.set(name, value);
  if (c.get('isAsset')) answer.headers.set('cache-control', ASSET_CACHE);
  // Hono copies the headers of an answer that is still there onto the one that takes its place.
  c.res = undefined;
  c.res = answer;
};

export function page(
  c: PageContext,
  content: Html,
  status: 200 | 400 | 403 | 404 | 503 = 200,
): Promise<Response> | Response {
  return c.html(html`<!doctype html>${content}`, status);
}

/** What a script asks for and is not there; an application's own page for that is none of the viewer's. */
export function noPart(c: PageContext): Response {
  return c.text('There is no such thing here.\n', 404);
}

/** A part of a page, for the script to put in. */
export function fragment(c: PageContext, content: Html): Promise<Response> | Response {
  return c.html(content);
}

export function notFound(c: PageContext, base: string): Promise<Response> | Response {
  return page(
    c,
    <Page base={base} title="Not found">
      <Notice title="There is no such trace here">
        <p>
          It may not have arrived yet, some seconds after its response has ended, or its retention
          is over. Look at <a href={base === '' ? '/' : base}>the list</a>.
        </p>
      </Notice>
    </Page>,
    404,
  );
}

export function noPage(c: PageContext, base: string): Promise<Response> | Response {
  return page(
    c,
    <Page base={base} title="Not found">
      <Notice title="There is no such page">
        <p>
          Look at <a href={base === '' ? '/' : base}>the list of traces</a>.
        </p>
      </Notice>
    </Page>,
    404,
  );
}

/** The store's own words say what to do; of anything else a page says nothing, and the log says all. */
export function failed(c: PageContext, base: string, error: unknown): Promise<Response> | Response {
  const known = error instanceof SluiceError ? error : undefined;
  const isInput = known?.code === 'invalid_option';
  if (!isInput) {
    console.error(JSON.stringify({ event: 'sluice.viewer_failed', error: describeError(error) }));
  }
  return page(
    c,
    <Page base={base} title="Error">
      <Notice
        title={
          isInput
            ? 'This address asks for what cannot be answered'
            : 'The traces cannot be read now'
        }
      >
        <p class="message">
          {known && (isInput || known.code === 'missing_schema' || known.code === 'missing_binding')
            ? known.message
            : 'The Worker’s log says why. Try again in a moment.'}
        </p>
        <p>
          <a href={base === '' ? '/' : base}>Back to the list</a>
        </p>
      </Notice>
    </Page>,
    isInput ? 400 : 503,
  );
}
