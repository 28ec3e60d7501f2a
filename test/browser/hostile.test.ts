import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Watched } from './browser.ts';
import { hostileChunk, longChunks, strangeChunks, wrongChunks } from './hostile-records.ts';
import { PAYLOADS } from './payloads.ts';
import { startStage } from './stage.ts';
import type { Stage } from './stage.ts';

const NAMES = Object.keys(PAYLOADS);
const CHUNKS = Object.values(PAYLOADS).map(hostileChunk);

let stage: Stage;
let watched: Watched;
let page: Page;
let traces = 0;
/** Payloads that were looked at, times the places that they were looked at in. */
let looked = 0;

beforeAll(async () => {
  stage = await startStage('fixture');
  watched = await stage.open();
  page = watched.page;
  const others = [wrongChunks(), strangeChunks()];
  for (const chunks of [CHUNKS, ...others]) await stage.post('/chunks', chunks);
  // Each of a megabyte, which is all that a write may have.
  for (const chunk of longChunks()) await stage.post('/chunks', [chunk]);
  traces = await countTraces();
}, 60_000);
afterAll(() => stage?.close());

afterEach(() => {
  expect(watched.problems.splice(0)).toEqual([]);
});

async function countTraces(): Promise<number> {
  const sql = 'SELECT (SELECT count(*) FROM traces) + (SELECT count(*) FROM chunks) AS n';
  const answer = await stage.post('/sql', { sql, params: [] });
  const [row] = await answer.json<{ n: number }[]>();
  return row?.n ?? 0;
}

const traceAt = (id: string): string => `/traces/${encodeURIComponent(stored(id))}`;
const groupAt = (id: string): string => `/traces/-/group/${encodeURIComponent(stored(id))}`;

/** As the store keeps an id. */
const stored = (id: string): string => id.replaceAll('\0', '\uFFFD').toWellFormed();

async function expectWell(path: string): Promise<void> {
  const answer = await page.goto(path, { waitUntil: 'domcontentloaded' });
  expect(answer?.status(), path).toBe(200);
  expect(new URL(page.url()).pathname).toBe(new URL(path, stage.origin).pathname);
  await expectShape(path);
}

/** What holds on a page of the viewer whatever is in its store; names what does not. */
const FAULTS = `function faults() {
  const found = [];
  const { scrollWidth, clientWidth } = document.documentElement;
  if (document.scripts.length !== 1) found.push('scripts: ' + document.scripts.length);
  for (const element of document.querySelectorAll('*')) {
    const names = element.getAttributeNames();
    if (names.some((name) => name.startsWith('on') || name === 'style'))
      found.push('attributes of ' + element.outerHTML.slice(0, 200));
    if (scrollWidth > clientWidth && element.getBoundingClientRect().right > clientWidth)
      found.push('too wide: ' + element.outerHTML.slice(0, 200));
  }
  const strange = 'iframe, object, embed, base, xmp, plaintext, template, style, img, textarea';
  for (const element of document.querySelectorAll(strange)) found.push(element.outerHTML);
  for (const { href, action } of document.querySelectorAll('a:not(svg a), link, form')) {
    const address = new URL(href ?? action, location.href);
    if (address.origin !== location.origin) found.push('leads to ' + address);
  }
  if (/[\\u202A-\\u202E\\u2066-\\u2069\\u200E\\u200F\\u061C\\0]/.test(document.body.textContent))
    found.push('a character that turns text, or cuts it off');
  const { x, y, width } = document.querySelector('body > header.top').getBoundingClientRect();
  if (x !== 0 || y + scrollY !== 0 || width !== clientWidth)
    found.push('the header is at ' + [x, y, width]);
  return found;
}`;

async function expectShape(what: string): Promise<void> {
  expect(await page.evaluate(`(${FAULTS})()`), what).toEqual([]);
  looked += 1;
}

/** Chooses each span as a reader would, and gives what is wrong then, by its place. */
const WALK = `(async () => {
  ${FAULTS}
  const wrong = [];
  const rows = document.querySelectorAll('table.waterfall tbody tr[data-id]');
  const panel = document.getElementById('panel');
  for (const [index, row] of [...rows].entries()) {
    row.querySelector('[data-select]').click();
    // Choosing marks the panel as busy, and what comes takes the mark away.
    while (panel.hasAttribute('aria-busy')) await new Promise(requestAnimationFrame);
    const shown = panel.querySelector('[data-panel]')?.getAttribute('data-panel');
    if (shown !== row.getAttribute('data-id')) wrong.push(index + ' is not shown');
    for (const details of panel.querySelectorAll('details')) details.open = true;
    wrong.push(...faults().map((fault) => index + ': ' + fault));
  }
  return { spans: rows.length, wrong };
})()`;

async function expectSpansWell(): Promise<number> {
  const { spans, wrong } = await page.evaluate<{ spans: number; wrong: string[] }>(WALK);
  expect(wrong).toEqual([]);
  looked += spans;
  return spans;
}

describe('whatever is stored, nothing of it runs and every page keeps its shape', () => {
  it('in the list, and in what a list exports', async () => {
    await expectWell('/traces?range=all');
    expect(await page.locator('table.traces tbody tr').count()).toBeGreaterThan(NAMES.length);
    const answer = await fetch(`${stage.origin}/traces/-/export?range=all`);
    expect(answer.headers.get('content-type')).toContain('application/x-ndjson');
    const lines = (await answer.text()).trimEnd().split('\n');
    const ids = lines.map((line) => (JSON.parse(line) as { traceId: string }).traceId);
    for (const { trace } of CHUNKS) expect(ids).toContain(stored(trace.id));
    expect(ids).not.toContain('owned');
  });

  it.each(NAMES)('in a trace and each of its spans: %s', async (name) => {
    const { trace, spans } = CHUNKS[NAMES.indexOf(name)]!;
    await expectWell(traceAt(trace.id));
    expect(await expectSpansWell()).toBe(spans.length);
    await expectWell(
      `${traceAt(trace.id)}?match=${encodeURIComponent(stored(trace.workflow_name))}`,
    );
    await expectWell(groupAt(trace.id));
    expect(await page.locator('.group-list time').count()).toBe(1);
  });

  it('in two traces side by side', async () => {
    const ids = CHUNKS.map(({ trace }) => encodeURIComponent(stored(trace.id)));
    for (let at = 0; at + 1 < ids.length; at += 2)
      await expectWell(`/traces/-/compare?t=${ids[at]}&t=${ids[at + 1]}`);
  });

  it('in usage, however it is added up', async () => {
    for (const by of ['workflow', 'model', 'release', 'day'])
      await expectWell(`/traces/-/usage?by=${by}&range=all`);
  });

  it('in the file of a trace, whose lines are its spans and nothing else', async () => {
    for (const { trace, spans } of CHUNKS) {
      const answer = await fetch(
        `${stage.origin}/traces/-/export/${encodeURIComponent(stored(trace.id))}`,
      );
      expect(answer.headers.get('set-cookie')).toBeNull();
      expect(answer.headers.get('content-disposition')).toMatch(
        /^attachment; filename="[\w-]*\.ndjson"$/,
      );
      const lines = (await answer.text()).trimEnd().split('\n');
      expect(lines.map((line) => JSON.parse(line) as unknown)).toHaveLength(1 + spans.length);
    }
  });

  it('in a trace whose fields are of wrong types', async () => {
    await expectWell('/traces/wrong-types');
    expect(await expectSpansWell()).toBe(wrongChunks().length);
    await expectWell('/traces/-/compare?t=wrong-types&t=wrong-types');
    await expectWell('/traces/-/group/wrong-types');
  });

  it('in traces of times and amounts that cannot be', async () => {
    for (const { trace } of strangeChunks()) {
      await expectWell(traceAt(trace.id));
      expect(await expectSpansWell()).toBe(1);
      await expectWell(groupAt(trace.id));
    }
  });

  it('in lines of a megabyte and trees of 900 levels', async () => {
    await expectWell('/traces/long-lines');
    expect(await expectSpansWell()).toBe(longChunks().length);
    await expectWell('/traces/-/compare?t=long-lines&t=wrong-types');
  });

  it('which were more than 200 payloads, looked at in more than 400 places', () => {
    const payloads = CHUNKS.flatMap(({ spans }) => spans.map(({ facts }) => facts.name));
    expect(new Set(payloads).size).toBeGreaterThan(200);
    expect(looked).toBeGreaterThan(400);
  });
});

describe('whatever an address asks for', () => {
  const FIELDS = 'workflow group release prompt model tool error finding id status';
  /** The first value of a name counts, so this leaves alone what a test sets. */
  const FEW = 'min_tokens=999999999';
  const OTHERS = 'range from to min_ms min_tokens cursor live';
  const [{ trace, spans } = { trace: { id: '' }, spans: [] }] = CHUNKS;
  const id = encodeURIComponent(trace.id);
  const span = encodeURIComponent(spans[1]?.id ?? '');

  async function statusOf(path: string): Promise<number> {
    const answer = await fetch(`${stage.origin}${path}`, { redirect: 'manual' });
    await answer.text();
    return answer.status;
  }

  const WELL = [200, 302, 400, 404];

  it.each([...FIELDS.split(' '), ...OTHERS.split(' ')])(
    'the filter %s takes SQL and garbage for text',
    async (name) => {
      const payloads = NAMES.filter((what) => /SQL|encoded|controls|objects|UTF/.test(what));
      for (const what of payloads) {
        const search = `${name}=${encodeURIComponent(stored(PAYLOADS[what]!))}`;
        expect(WELL, what).toContain(await statusOf(`/traces?${search}&${FEW}`));
      }
      for (const raw of ['%', '%ff%fe', '%00', '%u0041', '[]', '9'.repeat(20), '-1', 'NaN'])
        expect(WELL, raw).toContain(await statusOf(`/traces?${name}=${raw}&${name}=${raw}&${FEW}`));
    },
  );

  it('each path answers that there is no such thing', async () => {
    for (const [what, payload] of Object.entries(PAYLOADS)) {
      const text = encodeURIComponent(`no ${stored(payload)}`);
      const paths: [string, number][] = [
        [`/traces/${text}`, 404],
        [`/traces/-/export/${text}`, 404],
        [`/traces/-/rows/${text}`, 404],
        [`/traces/-/span/${text}/${span}`, 404],
        [`/traces/-/span/${id}/${text}`, 404],
        [`/traces/-/value/${id}/${span}?path=${text}`, 404],
        [
          `/traces/-/value/${id}/${span}?path=${encodeURIComponent(`[${JSON.stringify(payload)}]`)}`,
          404,
        ],
        [`/traces/-/assets/${text}`, 404],
        [`/traces/-/compare?t=${id}&t=${text}`, 404],
        [`/traces/-/group/${text}`, 200],
        [`/traces/-/rows/${id}?parent=${text}&rows=${text}&level=${text}`, 200],
        [`/traces/${id}?span=${text}&from=${text}&match=${text}&zoom=${text}&rows=${text}`, 200],
        [`/traces/-/usage?by=${text}&range=${text}`, 200],
      ];
      const statuses = await Promise.all(paths.map(([path]) => statusOf(path)));
      expect(statuses, what).toEqual(paths.map(([, status]) => status));
    }
    for (const raw of [
      '%',
      '%ff',
      '%00',
      '%2e%2e%2f',
      '..%5c',
      '%C0%AE',
      '-/',
      '-/span/',
      '-/value/a',
    ])
      expect(WELL, raw).toContain(await statusOf(`/traces/${raw}`));
  });

  it('is written back as text', async () => {
    for (const payload of Object.values(PAYLOADS)) {
      const text = encodeURIComponent(stored(payload));
      const search = FIELDS.split(' ').map((name) => `${name}=${text}`);
      await page.goto(`/traces?${search.join('&')}&${FEW}`);
      await expectShape(payload);
    }
  });

  it('every row is still there', async () => {
    expect(await countTraces()).toBe(traces);
  });
});
