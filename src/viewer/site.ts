import type { Context } from 'hono';
import type { StoredTraceWithSpans } from '../model/store.ts';
import type { AuditEntry, ResolvedViewerOptions } from './options.ts';
import type { ReadStore } from './sound.ts';

/** What every page of one request shares. */
export interface Site {
  /** Where the viewer is mounted, without a slash at the end. */
  base: string;
  store: ReadStore;
  options: ResolvedViewerOptions;
  /** Milliseconds since the epoch. */
  now: number;
  /** Says that what a trace holds was looked at, where it holds content and somebody wants to know. */
  audit(view: AuditEntry['view'], trace: StoredTraceWithSpans): void;
}

export interface SiteEnv {
  Variables: { site: Site; viewerId: string | null };
  Bindings: object;
}

export type PageContext = Context<SiteEnv>;

/** Addresses of pages. A trace's ends in its id; the others have a part between, which no id can take away. */
export const paths = {
  list: (base: string, search = ''): string =>
    `${base === '' && search === '' ? '/' : base}${search}`,
  trace: (base: string, id: string, search = ''): string =>
    `${base}/${encodeURIComponent(id)}${search}`,
  spanOf: (base: string, id: string, span: string): string =>
    `${base}/-/span/${encodeURIComponent(id)}/${encodeURIComponent(span)}`,
  rows: (base: string, id: string, search: string): string =>
    `${base}/-/rows/${encodeURIComponent(id)}${search}`,
  value: (base: string, id: string, span: string, path: string): string =>
    `${base}/-/value/${encodeURIComponent(id)}/${encodeURIComponent(span)}?path=${encodeURIComponent(path)}`,
  group: (base: string, group: string): string => `${base}/-/group/${encodeURIComponent(group)}`,
  compare: (base: string, a: string, b: string): string =>
    `${base}/-/compare?t=${encodeURIComponent(a)}&t=${encodeURIComponent(b)}`,
  usage: (base: string, search = ''): string => `${base}/-/usage${search}`,
  exportList: (base: string, search: string): string => `${base}/-/export${search}`,
  exportTrace: (base: string, id: string): string => `${base}/-/export/${encodeURIComponent(id)}`,
  asset: (base: string, name: string): string => `${base}/-/assets/${name}`,
};
