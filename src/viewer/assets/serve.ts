import { noPart } from '../respond.tsx';
import type { PageContext } from '../site.ts';
import { ICON } from './icon.ts';
import { SCRIPT, SCRIPT_NAME } from './script.ts';
import { STYLE, STYLE_NAME } from './style.ts';

const ASSETS = new Map([
  ['icon.svg', { body: ICON, type: 'image/svg+xml' }],
  [SCRIPT_NAME, { body: SCRIPT, type: 'text/javascript; charset=utf-8' }],
  [STYLE_NAME, { body: STYLE, type: 'text/css; charset=utf-8' }],
]);

export function assetRoute(c: PageContext): Response | Promise<Response> {
  const asset = ASSETS.get(c.req.param('name') ?? '');
  if (!asset) return noPart(c);
  c.set('isAsset', true);
  return c.body(asset.body, 200, { 'content-type': asset.type });
}
