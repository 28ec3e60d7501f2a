import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { axeProblems, overflow } from './browser.ts';
import type { Watched } from './browser.ts';
import { seed, sendAnother } from './example.ts';
import type { Seeded } from './example.ts';
import { startStage } from './stage.ts';
import type { Stage } from './stage.ts';

let stage: Stage;
let seeded: Seeded;
const opened: Watched[] = [];

beforeAll(async () => {
  stage = await startStage('example');
  seeded = await seed(stage);
}, 60_000);
afterAll(() => stage?.close());

/** Whatever a test does, no page may complain, break the policy or talk to others. */
afterEach(async () => {
  const all = opened.splice(0);
  await Promise.all(all.map(({ context }) => context.close()));
  expect(all.flatMap(({ problems }) => problems)).toEqual([]);
});

async function open(path: string, options?: BrowserContextOptions): Promise<Page> {
  const watched = await stage.open(options);
  opened.push(watched);
  await watched.page.goto(path);
  return watched.page;
}

const traceOf = (title: string): string => `/traces/${seeded.get(title)}`;
const rowsOf = (page: Page): Locator => page.locator('table.traces tbody tr');
const idsOf = (page: Page): Promise<string[]> =>
  page.locator('input[name=t]').evaluateAll((boxes) => boxes.map((box) => box.value as string));
const spansOf = (page: Page): Locator => page.locator('table.waterfall tbody tr:not([hidden])');
const focused = (page: Page): Locator => page.locator('table.waterfall tr:focus');
const panelOf = (page: Page): Locator => page.locator('#panel');
const paramOf = (page: Page, name: string): string | null =>
  new URL(page.url()).searchParams.get(name);

/** All of the pages, each with something on it. */
function everyPage(): Record<string, string> {
  const [a, b] = [seeded.get('plain'), seeded.get('tool failure')];
  return {
    list: '/traces',
    'list that is filtered': '/traces?status=error&tool=refund_order&min_ms=1&from=2026-01-01',
    'list without a match': '/traces?workflow=nobody',
    trace: traceOf('streamed'),
    'trace with a failure': traceOf('tool failure'),
    'trace with a match': `${traceOf('streamed')}?match=turn`,
    group: '/traces/-/group/conv-1042',
    compare: `/traces/-/compare?t=${a}&t=${b}`,
    usage: '/traces/-/usage?by=model',
  };
}

describe('the list of traces', () => {
  it('has a page of the newest traces, then the older ones, and none of them twice', async () => {
    const page = await open('/traces');
    const first = await idsOf(page);
    expect(first).toHaveLength(50);
    // The id of a trace begins with its time.
    expect(first).toEqual(first.toSorted().toReversed());
    await page.getByRole('link', { name: 'Older' }).click();
    await page.getByRole('link', { name: 'Newest' }).waitFor();
    const second = await idsOf(page);
    expect(new Set([...first, ...second])).toEqual(
      new Set([...first, ...second, ...seeded.values()]),
    );
    expect(second.filter((id) => first.includes(id))).toEqual([]);
    await page.getByRole('link', { name: 'Newest' }).click();
    await page.waitForURL('**/traces');
    expect(await idsOf(page)).toEqual(first);
  });

  it('is filtered by status in the address, and the chip takes the filter out', async () => {
    const page = await open('/traces');
    await page.getByLabel('Status').selectOption('blocked');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.waitForURL(/status=blocked/);
    expect(await idsOf(page)).toEqual([seeded.get('guardrail')]);
    await page.getByRole('link', { name: 'Remove filter Status: blocked' }).click();
    await page.waitForURL((url) => !url.searchParams.has('status'));
    expect(await idsOf(page)).toHaveLength(50);
  });

  it('is filtered by tool and by finding together', async () => {
    const page = await open('/traces');
    await page.getByText('More filters').click();
    await page.getByLabel('Tool').fill('refund_order');
    await page.getByLabel('Finding').fill('tool_failed');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.waitForURL(/tool=refund_order/);
    expect(paramOf(page, 'finding')).toBe('tool_failed');
    const found = await idsOf(page);
    expect(found).toContain(seeded.get('tool failure'));
    expect(found).not.toContain(seeded.get('plain'));
    expect(await rowsOf(page).getByText('tool failed').count()).toBe(found.length);
    await page.getByRole('link', { name: 'Remove filter Finding: tool_failed' }).click();
    await page.waitForURL((url) => !url.searchParams.has('finding'));
    expect(paramOf(page, 'tool')).toBe('refund_order');
  });

  it('has its further filters beside each other when they are open, and within the page', async () => {
    const page = await open('/traces');
    await page.getByText('More filters').click();
    const boxOf = async (label: string): Promise<{ x: number; y: number; width: number }> => {
      const box = await page.getByLabel(label, { exact: true }).boundingBox();
      return box ?? { x: Number.NaN, y: Number.NaN, width: Number.NaN };
    };
    const [group, release, from, to] = [
      await boxOf('Group'),
      await boxOf('Release'),
      await boxOf('From, UTC'),
      await boxOf('To, UTC'),
    ];
    expect(release.y).toBe(group.y);
    expect(release.x).toBeGreaterThan(group.x + group.width);
    if (to.y === from.y) expect(to.x).toBeGreaterThan(from.x + from.width);
    expect(await overflow(page)).toBe(0);
  });

  it('is filtered by workflow, and says what to do where none matches', async () => {
    const page = await open('/traces?workflow=support_triage');
    expect(await rowsOf(page).count()).toBe(50);
    await page.locator('input[name=workflow]').fill('nobody');
    await page.locator('input[name=workflow]').press('Enter');
    await page.getByRole('link', { name: 'Take the filters out' }).click();
    await page.waitForURL((url) => !url.searchParams.has('workflow'));
    expect(await rowsOf(page).count()).toBe(50);
  });

  it('is narrowed to the time of a bar that is clicked', async () => {
    const page = await open('/traces');
    const bars = page.getByRole('group', { name: 'Traces over time' }).locator('a');
    const labels = await bars.evaluateAll((all) =>
      all.map((bar) => bar.getAttribute('aria-label') as string),
    );
    const full = labels.findIndex((label) => !label.endsWith(': 0 traces'));
    await bars.nth(full).click();
    await page.waitForURL(/from=\d+/);
    expect(await rowsOf(page).count()).toBeGreaterThan(0);
    const empty = labels.findIndex((label) => label.endsWith(': 0 traces'));
    await page.goBack();
    await bars.nth(empty).click();
    await page.getByText('No trace here matches').waitFor();
    expect(Number(paramOf(page, 'to'))).toBeGreaterThan(Number(paramOf(page, 'from')));
  });

  it('leads from a pasted id to its trace', async () => {
    const page = await open('/traces');
    const id = seeded.get('guardrail') ?? '';
    await page.getByLabel('Trace id or request id').first().fill(id);
    await page.getByLabel('Trace id or request id').first().press('Enter');
    await page.waitForURL(`**${traceOf('guardrail')}`);
    expect(await page.locator('.trace-head code').textContent()).toBe(id);
  });

  it('keeps the rows that are marked while it is live', async () => {
    const page = await open('/traces');
    await page.clock.install();
    await page.goto('/traces?live=1');
    await page.locator('input[name=t]').nth(1).check();
    await page.locator('input[name=t]').nth(1).blur();
    const loads: string[] = [];
    page.on('request', (request) => loads.push(request.url()));
    await page.clock.runFor(5_100);
    expect(await page.locator('input[name=t]:checked').count()).toBe(1);
    expect(loads).toEqual([]);
  });

  it('keeps the focus and what is typed while it is live; an update once moved the focus to the top', async () => {
    const page = await open('/traces');
    await page.clock.install();
    await page.goto('/traces?live=1');
    await page.getByLabel('Workflow').fill('half a wor');
    const places = [
      page.getByRole('link', { name: /stop/ }),
      page.getByRole('link', { name: 'Older' }),
      page.getByRole('group', { name: 'Traces over time' }).locator('a').nth(3),
    ];
    for (const place of places) {
      await place.focus();
      await page.evaluate('document.querySelector("table.traces").id = "before"');
      await page.clock.runFor(5_100);
      await page.locator('#before').waitFor({ state: 'detached' });
      expect(await place.and(page.locator(':focus')).count()).toBe(1);
    }
    expect(await page.getByLabel('Workflow').inputValue()).toBe('half a wor');
  });

  it('has one update on its way while it is live, which takes no mark away; a slow one once overtook a newer', async () => {
    const page = await open('/traces');
    await page.clock.install();
    await page.goto('/traces?live=1');
    await page.evaluate(`globalThis.updates = 0;
      document.querySelector('table.traces').id = 'before';
      new MutationObserver(() => { updates += 1; })
        .observe(document.getElementById('main'), { childList: true });`);
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let requests = 0;
    await page.route('**/traces?live=1', async (route) => {
      const gate = gates[requests];
      requests += 1;
      await gate?.promise;
      await route.continue();
    });
    const asked = page.waitForRequest('**/traces?live=1');
    await page.clock.runFor(16_000);
    await asked;
    const box = page.locator('input[name=t]').first();
    await box.check();
    await box.blur();
    const answer = page.waitForResponse('**/traces?live=1');
    gates[0]?.resolve();
    await (await answer).finished();
    expect(await box.isChecked()).toBe(true);
    await box.uncheck();
    await box.blur();
    while (requests < 2) await page.clock.runFor(5_100);
    expect(requests).toBe(2);
    gates[1]?.resolve();
    await page.locator('#before').waitFor({ state: 'detached' });
    expect(await page.evaluate<number>('updates')).toBe(1);
  });

  it('shows a new trace while it is live, and keeps what is typed until it is sent', async () => {
    const watched = await stage.open();
    opened.push(watched);
    const { page } = watched;
    await page.clock.install();
    await page.goto('/traces');
    await page.getByRole('link', { name: 'Live update' }).click();
    await page.getByRole('link', { name: /stop/ }).waitFor();
    const id = await sendAnother(stage, {
      title: 'another',
      path: '/support',
      message: 'Where is order A-1001?',
      expectedStatus: 200,
    });
    expect(await idsOf(page)).not.toContain(id);
    await page.clock.runFor(5_100);
    await page.locator(`input[name=t][value="${id}"]`).waitFor();
    expect(await page.locator('[data-compare]').isDisabled()).toBe(true);
    await page.getByLabel('Workflow').fill('half a wor');
    await page.clock.runFor(5_100);
    expect(await page.getByLabel('Workflow').inputValue()).toBe('half a wor');
  });
});

describe('the page of a trace', () => {
  it('opens from the list at what went wrong first', async () => {
    const page = await open('/traces?status=error');
    await rowsOf(page).getByRole('link', { name: 'support_triage' }).first().click();
    await panelOf(page).getByRole('heading', { level: 2 }).waitFor();
    expect(await page.getByRole('region', { name: 'Findings' }).count()).toBe(1);
    expect(await page.locator('tr[aria-selected=true]').count()).toBe(1);
  });

  it('is walked by keyboard: down and up, into and out of what is below', async () => {
    const page = await open(traceOf('streamed'));
    const all = await spansOf(page).count();
    await page.locator('table.waterfall tr[tabindex="0"]').focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    expect(await focused(page).getAttribute('aria-expanded')).toBe('true');
    const run = await focused(page).getAttribute('data-id');
    await page.keyboard.press('ArrowLeft');
    expect(await focused(page).getAttribute('aria-expanded')).toBe('false');
    expect(await spansOf(page).count()).toBeLessThan(all);
    await page.keyboard.press('ArrowRight');
    expect(await spansOf(page).count()).toBe(all);
    await page.keyboard.press('ArrowRight');
    expect(await focused(page).getAttribute('aria-level')).toBe('2');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    expect(await focused(page).getAttribute('data-id')).toBe(run);
    await page.keyboard.press('End');
    expect(await focused(page).getAttribute('data-id')).toBe(
      await spansOf(page).last().getAttribute('data-id'),
    );
    await page.keyboard.press('ArrowDown');
    expect(await focused(page).count()).toBe(1);
  });

  it('keeps closed what was closed within what is closed and opened again', async () => {
    const page = await open(traceOf('streamed'));
    await page.locator('tr[aria-level="2"][aria-expanded]').first().focus();
    await page.keyboard.press('ArrowLeft');
    const closed = await spansOf(page).count();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowRight');
    expect(await spansOf(page).count()).toBe(closed);
  });

  it('shows the span that Enter chooses, in the address too, so that a reload shows it again', async () => {
    const page = await open(traceOf('streamed'));
    await page.locator('table.waterfall tr[tabindex="0"]').focus();
    await page.keyboard.press('End');
    const id = await focused(page).getAttribute('data-id');
    await page.keyboard.press('Enter');
    await page.locator(`[data-panel="${id}"]`).waitFor();
    expect(paramOf(page, 'span')).toBe(id);
    const title = await panelOf(page).getByRole('heading', { level: 2 }).textContent();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press(' ');
    await page.locator(`[data-panel="${await focused(page).getAttribute('data-id')}"]`).waitFor();
    expect(await panelOf(page).getByRole('heading', { level: 2 }).textContent()).not.toBe(title);
    const other = paramOf(page, 'span');
    await page.reload();
    expect(await panelOf(page).locator('[data-panel]').getAttribute('data-panel')).toBe(other);
    expect(await page.locator('tr[aria-selected=true]').getAttribute('data-id')).toBe(other);
  });

  it('shows a span that is clicked without leaving the page', async () => {
    const page = await open(traceOf('streamed'));
    const row = page.locator('table.waterfall tr', { hasText: 'Tool' }).first();
    await row.locator('[data-select]').click();
    await page.locator(`[data-panel="${await row.getAttribute('data-id')}"]`).waitFor();
    expect(await row.getAttribute('aria-selected')).toBe('true');
    await page.getByText('Raw JSON').click();
    const raw = await panelOf(page).locator('details.raw pre').textContent();
    expect(JSON.parse(raw ?? '')).toMatchObject({ object: 'trace.span' });
  });

  it('zooms by keys and buttons, keeps it in the address, and goes back to the whole', async () => {
    const page = await open(traceOf('streamed'));
    const box = (): Promise<string | null> =>
      page.locator('svg.bar').first().getAttribute('viewBox');
    const whole = await box();
    await page.locator('table.waterfall tr[tabindex="0"]').focus();
    await page.keyboard.press('+');
    const near = await box();
    expect(near).not.toBe(whole);
    expect(paramOf(page, 'zoom')).toMatch(/^\d+-\d+$/);
    await page.keyboard.press('l');
    expect(await box()).not.toBe(near);
    await page.reload();
    expect(await box()).not.toBe(whole);
    await page.locator('table.waterfall tr[tabindex="0"]').focus();
    await page.keyboard.press('0');
    expect(await box()).toBe(whole);
    expect(paramOf(page, 'zoom')).toBeNull();
    await page.getByRole('button', { name: 'Zoom in' }).click();
    expect(await box()).not.toBe(whole);
    await page.getByRole('button', { name: 'Zoom out' }).click();
    expect(await box()).toBe(whole);
  });

  it('is reduced to what matches, with what leads to it', async () => {
    const page = await open(traceOf('streamed'));
    const all = await spansOf(page).count();
    await page.getByLabel('Only spans that match').fill('refund_order');
    await page.getByLabel('Only spans that match').press('Enter');
    await page.waitForURL(/match=refund_order/);
    expect(await spansOf(page).count()).toBeLessThan(all);
    expect(await spansOf(page).filter({ hasText: 'refund_order' }).count()).toBe(1);
    expect(await spansOf(page).first().getAttribute('aria-level')).toBe('1');
    await page.getByRole('link', { name: 'all', exact: true }).click();
    await page.waitForURL((url) => !url.searchParams.has('match'));
    expect(await spansOf(page).count()).toBe(all);
  });

  it('is looked at from a span on, and as a whole again', async () => {
    const page = await open(traceOf('streamed'));
    const all = await spansOf(page).count();
    const agent = page.locator('tr[aria-level="2"][aria-expanded]').first();
    const id = await agent.getAttribute('data-id');
    await page.goto(`${traceOf('streamed')}?span=${id}`);
    await page.getByRole('link', { name: 'From this span' }).click();
    await page.waitForURL(/from=/);
    expect(await spansOf(page).first().getAttribute('data-id')).toBe(id);
    expect(await spansOf(page).count()).toBeLessThan(all);
    await page.getByRole('link', { name: 'Whole trace' }).click();
    await page.waitForURL((url) => !url.searchParams.has('from'));
    expect(await spansOf(page).count()).toBe(all);
  });

  it('is exported as lines of JSON, the trace first', async () => {
    const page = await open(traceOf('streamed'));
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Export NDJSON' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(`${seeded.get('streamed')}.ndjson`);
    const stream = await download.createReadStream();
    const lines = (await stream.toArray()).join('').trimEnd().split('\n');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ traceId: seeded.get('streamed') });
    expect(lines).toHaveLength(1 + (await spansOf(page).count()));
  });

  it('says so where there is no such trace', async () => {
    const watched = await stage.open();
    const answer = await watched.page.goto('/traces/trace_of_nobody');
    expect(answer?.status()).toBe(404);
    await watched.page.getByText('There is no such trace here').waitFor();
    await watched.context.close();
  });
});

describe('the other pages', () => {
  it('show the traces of a group in the order in which they began', async () => {
    const page = await open(traceOf('streamed'));
    await page.getByRole('link', { name: 'conv-1042' }).click();
    await page.getByRole('heading', { name: /conv-1042/ }).waitFor();
    const addresses = await page
      .locator('.group-list a')
      .evaluateAll((all) => all.map((link) => link.getAttribute('href') as string));
    expect(addresses.length).toBeGreaterThan(50);
    // The id of a trace begins with its time.
    expect(addresses).toEqual(addresses.toSorted());
  });

  it('compare two rows that are marked, and neither one nor three', async () => {
    const page = await open('/traces');
    const button = page.locator('[data-compare]');
    const boxes = page.locator('input[name=t]');
    expect(await button.isDisabled()).toBe(true);
    for (const row of [0, 1, 2]) await boxes.nth(row).check();
    expect(await button.isDisabled()).toBe(true);
    await boxes.nth(2).uncheck();
    const ids = (await idsOf(page)).slice(0, 2);
    await button.click();
    await page.getByRole('heading', { name: 'Compare' }).waitFor();
    expect(new URL(page.url()).searchParams.getAll('t')).toEqual(ids);
    expect(await page.locator('table.compare tbody tr').count()).toBeGreaterThan(5);
  });

  it('show where two traces part', async () => {
    const page = await open(
      `/traces/-/compare?t=${seeded.get('plain')}&t=${seeded.get('tool failure')}`,
    );
    expect(await page.locator('table.compare tr.is-apart').count()).toBeGreaterThan(0);
    await page.getByText(/steps are in one of them only/).waitFor();
  });

  it('add up tokens by what is chosen', async () => {
    const page = await open('/traces');
    await page.getByRole('link', { name: 'Usage' }).click();
    await page.getByRole('heading', { name: 'Usage' }).waitFor();
    expect(await page.locator('table.usage tbody tr').first().textContent()).toContain(
      'support_triage',
    );
    await page.getByRole('link', { name: 'By day' }).click();
    await page.waitForURL(/by=day/);
    expect(await page.locator('table.usage tbody tr').first().textContent()).toMatch(
      /\d{4}-\d\d-\d\d/,
    );
  });
});

describe('every page', () => {
  it.each(['light', 'dark'] as const)('has nothing that axe objects to, in %s', async (scheme) => {
    const page = await open('/traces', { colorScheme: scheme });
    for (const [name, path] of Object.entries(everyPage())) {
      await page.goto(path);
      expect(await axeProblems(page), name).toEqual([]);
    }
  });

  it('fits a narrow screen', async () => {
    const page = await open('/traces', { viewport: { width: 390, height: 844 } });
    for (const [name, path] of Object.entries(everyPage())) {
      await page.goto(path);
      expect(await overflow(page), name).toBe(0);
    }
  });

  it('has a dark ground where the reader’s system is dark', async () => {
    const ground = async (colorScheme: 'light' | 'dark'): Promise<number> => {
      const page = await open('/traces', { colorScheme });
      const colour = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
      const channels = (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
      return channels.reduce((sum, channel) => sum + channel, 0);
    };
    expect(await ground('dark')).toBeLessThan(200);
    expect(await ground('light')).toBeGreaterThan(600);
  });
});

describe('without script', () => {
  it('the list is read, filtered and compared', async () => {
    const page = await open('/traces', { javaScriptEnabled: false });
    await page.getByLabel('Status').selectOption('blocked');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.waitForURL(/status=blocked/);
    expect(await rowsOf(page).count()).toBe(1);
    await page.goto('/traces');
    for (const row of [0, 1]) await page.locator('input[name=t]').nth(row).check();
    await page.locator('[data-compare]').click();
    await page.getByRole('heading', { name: 'Compare' }).waitFor();
  });

  it('a trace shows the span that is chosen, and what is below another', async () => {
    const page = await open(traceOf('streamed'), { javaScriptEnabled: false });
    const row = page.locator('table.waterfall tr', { hasText: 'Tool' }).first();
    const id = await row.getAttribute('data-id');
    await row.locator('[data-select]').click();
    await page.locator(`[data-panel="${id}"]`).waitFor();
    const all = await spansOf(page).count();
    await page.locator('tr[aria-level="2"] [data-toggle]').first().click();
    await page.waitForURL(/from=/);
    expect(await spansOf(page).count()).toBeLessThan(all);
    expect(await page.locator('[data-zoom-tools]').isVisible()).toBe(false);
  });

  it('a live list loads itself again', async () => {
    const page = await open('/traces?live=1', { javaScriptEnabled: false });
    expect(await page.locator('meta[http-equiv=refresh]').getAttribute('content')).toBe('5');
  });
});
