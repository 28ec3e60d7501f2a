/** Chromium, and what must not happen in it whatever a page shows. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import axe from 'axe-core';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** @throws Error that says how to get one, where there is no Chromium */
function findChromium(): string {
  const named = process.env['CHROMIUM_PATH'];
  if (named) {
    if (existsSync(named)) return named;
    throw new Error(`CHROMIUM_PATH is ${named}, and there is no such file.`);
  }
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const found = NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) =>
    existsSync(path),
  );
  if (found) return found;
  throw new Error(
    'These tests need Chromium, and there is none on PATH. Install it (Debian: `apt-get install chromium`), or set CHROMIUM_PATH to an executable.',
  );
}

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium(),
    // Chromium's sandbox refuses to run as root, as containers do.
    chromiumSandbox: process.getuid?.() !== 0,
  });
}

/** A page, and all that went wrong in it so far. */
export interface Watched {
  page: Page;
  context: BrowserContext;
  /** Console errors and warnings, uncaught errors, policy violations, dialogs, requests to other origins. */
  problems: string[];
}

/** Opens a page that reports what a page of the viewer must never do. */
export async function openWatched(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<Watched> {
  const context = await browser.newContext({
    baseURL: origin,
    viewport: { width: 1280, height: 800 },
    ...options,
  });
  // A page that waits for what never comes fails with its own words.
  context.setDefaultTimeout(10_000);
  const problems: string[] = [];
  await context.exposeBinding('reportProblem', (_source, what: string) => {
    problems.push(what);
  });
  await context.addInitScript({ content: WATCH_WITHIN });
  const page = await context.newPage();
  context.on('page', (other) => problems.push(`opened another page: ${other.url()}`));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()))
      problems.push(`console ${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.message}`));
  page.on('dialog', (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    dialog.dismiss().catch((error: unknown) => problems.push(String(error)));
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`)) problems.push(`request to ${request.url()}`);
  });
  return { page, context, problems };
}

/** Runs in the page, before anything of it; `canary` is what hostile content tries to call. */
const WATCH_WITHIN = `
  document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
    reportProblem('policy violated: ' + violatedDirective + ' by ' + blockedURI));
  globalThis.canary = (what) => reportProblem('ran: ' + what);
`;

const AXE_OPTIONS = JSON.stringify({
  // Style sheets are read as the browser has them, so that axe makes no request.
  preload: false,
  // Two searches may share a role: their fields are named.
  rules: { 'landmark-unique': { enabled: false } },
});

/** What axe has against the page as it is now, in words. */
export async function axeProblems(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<axe.AxeResults>(`axe.run(document, ${AXE_OPTIONS})`);
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}: ${node.html} ${node.failureSummary ?? ''}`),
  );
}

/** How many pixels of the document a reader would have to scroll sideways for. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
}
