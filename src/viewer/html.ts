import type { HtmlEscapedString } from 'hono/utils/html';

/** What a component gives: text in which everything that came from elsewhere is escaped. */
export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;
