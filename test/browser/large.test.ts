import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Chunk } from '../../src/model/envelope.ts';
import type { SpanRecord } from '../../src/model/records.ts';
import { overflow } from './browser.ts';
import type { Watched } from './browser.ts';
import { startStage } from './stage.ts';
import type { Stage } from './stage.ts';

const START = Date.now() - 60_000;
const SPANS_A_CHUNK = 2_000;

let stage: Stage;
let watched: Watched;
let page: Page;

beforeAll(async () => {
  stage = await startStage('fixture');
  watched = await stage.open();
  page = watched.page;
  await write('usual', 2_000, (n) => (n === 0 ? null : Math.floor((n - 1) / 50)));
  await write('broad', 10_000, (n) => (n === 0 ? null : 0));
  await write('deep', 3_000, (n) => (n === 0 ? null : n - 1));
  await write('many', 10_000, (n) => (n < 4 ? null : Math.floor(n / 100)));
}, 60_000);
afterAll(() => stage?.close());

afterEach(async () => {
  await page.unrouteAll({ behavior: 'wait' });
  expect(watched.problems.splice(0)).toEqual([]);
});

async function write(
  name: string,
  spans: number,
  parentOf: (n: number) => number | null,
): Promise<void> {
  const records = Array.from({ length: spans }, (_, n) => makeSpan(name, n, parentOf(n)));
  for (let first = 0; first < spans; first += SPANS_A_CHUNK) {
    const chunk = makeChunk(name, first, records.slice(first, first + SPANS_A_CHUNK));
    await stage.post('/chunks', [chunk]);
  }
}

function makeSpan(trace: string, n: number, parent: number | null): SpanRecord {
  return {
    object: 'trace.span',
    id: `span-${n}`,
    trace_id: trace,
    parent_id: parent === null ? null : `span-${parent}`,
    started_at: new Date(START + n).toISOString(),
    ended_at: new Date(START + n + 50).toISOString(),
    span_data: { type: 'function', name: `step_${n}`, input: 'in', output: 'out' },
    error: null,
    facts: { kind: 'function', name: `step_${n}` },
  };
}

function makeChunk(trace: string, first: number, spans: SpanRecord[]): Chunk {
  return {
    chunk_id: `${trace}-${first}`,
    trace: {
      object: 'trace',
      id: trace,
      workflow_name: 'large',
      group_id: null,
      metadata: {},
      request_id: null,
      status: 'ok',
      started_at: START,
      ended_at: START + 20_000,
      flush_id: trace,
      flush_seq: 0,
    },
    spans,
  };
}

const rows = (): Promise<number> =>
  page.locator('table.waterfall tbody tr[data-id]:not([hidden])').count();

/** Opens what is closed, as far as the page has it, and gives how long half of the steps took at most. */
const OPEN_ALL = `(async (wanted) => {
  const settled = async () => {
    do await new Promise(requestAnimationFrame);
    while (document.querySelector('tr[aria-busy]'));
  };
  const closed = 'tr[aria-expanded=false]:not([hidden]), tr.more:not([hidden])';
  const steps = [];
  const count = () => document.querySelectorAll('table.waterfall tbody tr[data-id]').length;
  for (let row; count() < wanted && (row = document.querySelector(closed)); ) {
    const began = performance.now();
    (row.querySelector('[data-toggle]') ?? row.querySelector('a')).click();
    await settled();
    steps.push(performance.now() - began);
    scrollTo(0, document.body.scrollHeight);
  }
  await settled();
  return { rows: count(), usualMs: steps.toSorted((a, b) => a - b)[Math.floor(steps.length / 2)] };
})`;

/** Far above what a step takes, its request included, and below what a reader would call stuck. */
const MAX_STEP_MS = 1_000;

describe('a trace of 2,000 spans', () => {
  it('opens with some of them, and all of them open step by step without a long wait', async () => {
    await page.goto('/traces/usual');
    expect(await rows()).toBeGreaterThan(50);
    expect(await rows()).toBeLessThan(500);
    const opened = await page.evaluate<{ rows: number; usualMs: number }>(`${OPEN_ALL}(2000)`);
    expect(opened.rows).toBe(2_000);
    expect(opened.usualMs).toBeLessThan(MAX_STEP_MS);
    expect(await overflow(page)).toBe(0);
  });
});

describe('a trace of 10,000 spans', () => {
  it.each(['broad', 'many'])('opens at once and further in steps, when it is %s', async (name) => {
    await page.goto(`/traces/${name}`);
    const first = await rows();
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(700);
    const opened = await page.evaluate<{ rows: number; usualMs: number }>(`${OPEN_ALL}(1500)`);
    expect(opened.rows).toBeGreaterThanOrEqual(1_500);
    expect(opened.usualMs).toBeLessThan(MAX_STEP_MS);
  });

  it.each([
    ['broad', 'span-7654'],
    ['many', 'span-9999'],
    ['deep', 'span-2999'],
  ])('shows in %s the span that its address names: %s', async (name, span) => {
    await page.goto(`/traces/${name}?span=${span}`);
    const row = page.locator(`tr[data-id="${span}"]`);
    expect(await row.getAttribute('aria-selected')).toBe('true');
    expect(await page.locator(`[data-panel="${span}"]`).count()).toBe(1);
    await row.focus();
    await page.keyboard.press('ArrowUp');
    expect(await page.locator('table.waterfall tr:focus').count()).toBe(1);
    expect(await overflow(page)).toBe(0);
  });

  it('is reduced to one of them', async () => {
    await page.goto('/traces/many?match=step_9999');
    expect(await page.locator('tr[data-id="span-9999"]').count()).toBe(1);
    expect(await rows()).toBeLessThan(10);
  });
});

describe('a chain of 3,000 spans, each below the other', () => {
  it('opens, goes on where it is closed, and is compared and exported', async () => {
    await page.goto('/traces/deep');
    expect(await rows()).toBeGreaterThan(100);
    const opened = await page.evaluate<{ rows: number; usualMs: number }>(`${OPEN_ALL}(420)`);
    expect(opened.rows).toBeGreaterThanOrEqual(420);
    const compared = await page.goto('/traces/-/compare?t=deep&t=usual');
    expect(compared?.status()).toBe(200);
    const answer = await fetch(`${stage.origin}/traces/-/export/deep`);
    expect((await answer.text()).trimEnd().split('\n')).toHaveLength(3_001);
  });
});

describe('the gap in a way of 3,000 spans', () => {
  it('is closed and opened with what it is in, and Enter leads to what is between', async () => {
    await page.goto('/traces/deep?span=span-2999');
    const all = await rows();
    expect(all).toBeLessThan(1_500);
    const gap = page.locator('tr.gap');
    expect(await gap.innerText()).toBe('1,599 levels between');
    await page.locator('tr[data-id="span-0"]').focus();
    await page.keyboard.press('ArrowLeft');
    expect(await rows()).toBe(1);
    await page.keyboard.press('ArrowRight');
    expect(await rows()).toBe(all);
    await gap.focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/from=span-400/);
    await page.locator('tr[data-id="span-400"]').waitFor();
    expect(await page.locator('tr[data-id="span-2999"]').getAttribute('aria-selected')).toBe(
      'true',
    );
  });
});

describe('rows that are on their way', () => {
  const rowOf = (id: string): Locator => page.locator(`tr[data-id="${id}"]`);
  const settled = (): Promise<void> => page.locator('tr[aria-busy]').waitFor({ state: 'detached' });

  /** Rows that the page asks for come when the answer is called. */
  async function held(): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    await page.route('**/-/rows/**', async (route) => {
      await promise;
      await route.continue();
    });
    return resolve;
  }

  it('leave what they are below closed when they cannot be read; it once said it was open, and could not be opened', async () => {
    await page.goto('/traces/broad');
    await page.route('**/-/rows/**', (route) => route.fulfill({ status: 503, body: 'busy' }));
    await rowOf('span-0').focus();
    await page.keyboard.press('ArrowRight');
    await page.getByText('The rows could not be read').waitFor({ state: 'attached' });
    await settled();
    expect(await rowOf('span-0').getAttribute('aria-expanded')).toBe('false');
    expect(watched.problems.splice(0)).toEqual([expect.stringContaining('503')]);
    await page.unrouteAll();
    await page.keyboard.press('ArrowRight');
    await rowOf('span-1').waitFor();
    expect(await rowOf('span-0').getAttribute('aria-expanded')).toBe('true');
  });

  it('come hidden where what they are below was closed meanwhile; further ones once stood under a closed row, with the focus', async () => {
    await page.goto('/traces/broad');
    await rowOf('span-0').focus();
    await page.keyboard.press('ArrowRight');
    await rowOf('span-1').waitFor();
    const release = await held();
    await page.locator('tr.more').focus();
    await page.keyboard.press('Enter');
    await rowOf('span-0').focus();
    await page.keyboard.press('ArrowLeft');
    release();
    await settled();
    expect(await rows()).toBe(1);
    expect(await rowOf('span-0').and(page.locator(':focus')).count()).toBe(1);
    await page.keyboard.press('ArrowRight');
    expect(await rows()).toBe(401);
  });

  it('come hidden where a row further up was closed meanwhile, and are there when it is opened again', async () => {
    await page.goto('/traces/many');
    const release = await held();
    await rowOf('span-50').focus();
    await page.keyboard.press('ArrowRight');
    await rowOf('span-0').focus();
    await page.keyboard.press('ArrowLeft');
    const closed = await rows();
    release();
    await settled();
    expect(await rows()).toBe(closed);
    await page.keyboard.press('ArrowRight');
    expect(await rowOf('span-5000').isVisible()).toBe(true);
    expect(await rows()).toBe(closed + 96 + 100);
  });

  it('leave the focus with who walked on, and take it along with who waited', async () => {
    await page.goto('/traces/broad');
    await rowOf('span-0').focus();
    await page.keyboard.press('ArrowRight');
    await rowOf('span-1').waitFor();
    await page.locator('tr.more').focus();
    await page.keyboard.press('Enter');
    await rowOf('span-201').and(page.locator(':focus')).waitFor();
    const release = await held();
    await page.locator('tr.more').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowUp');
    release();
    await rowOf('span-401').waitFor();
    expect(await rowOf('span-400').and(page.locator(':focus')).count()).toBe(1);
    expect(await page.locator('tr[tabindex="0"]').count()).toBe(1);
  });
});
