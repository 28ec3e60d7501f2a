/** `sluice/viewer`: pages over the traces that the application owns. */
export { traceViewer } from './viewer.ts';
export { bearerToken } from './access/bearer-token.ts';
export { cloudflareAccess } from './access/cloudflare-access.ts';
export type { CloudflareAccessOptions } from './access/cloudflare-access.ts';
export { localOnly } from './access/local-only.ts';
export type {
  AuditEntry,
  Authorize,
  Authorized,
  Price,
  TraceViewerOptions,
  Viewer,
} from './options.ts';
