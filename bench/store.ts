/**
 * The store at a million spans against ten thousand, in local D1: what each question
 * takes, as a ratio in one run, and what it reads.
 *
 *     npm run bench:store                      1,000,000 spans: some minutes, 3 GB of disk for as long
 *     npm run bench:store -- --spans 200000
 *
 * Ends with 1 where a question that an index answers takes more than 1.5 times as long,
 * or another one reads more than 5,000 rows.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { freePort } from '../scripts/start/port.ts';
import { applyMigrations, startDevServer } from '../scripts/start/wrangler.ts';
import { QUESTIONS } from './store/questions.ts';
import { SPANS_A_TRACE } from './store/traces.ts';

const CONFIG = join(import.meta.dirname, 'store/wrangler.toml');
const MAX_RATIO = 1.5;
const MAX_ROWS = 5_000;

/** A call's own way is a millisecond or so, so that each asks several times. */
const TIMES = 10;
const ROUNDS = 25;
const FILL_STEP = 400;

const { values } = parseArgs({ options: { spans: { type: 'string', default: '1000000' } } });
const TRACES = {
  small: 10_000 / SPANS_A_TRACE,
  large: Math.ceil(Number(values.spans) / SPANS_A_TRACE),
};
type Size = keyof typeof TRACES;
const SIZES: Size[] = ['small', 'large'];

interface Asked {
  rows: number;
  found?: number;
  searchedBackTo?: number;
}

async function call(
  origin: string,
  path: string,
  params: Record<string, string | number>,
): Promise<Response> {
  const search = new URLSearchParams(
    Object.entries(params).map(([name, value]) => [name, String(value)]),
  );
  const answer = await fetch(`${origin}${path}?${search.toString()}`);
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  return answer;
}

async function fill(origin: string, size: Size): Promise<void> {
  const of = TRACES[size];
  const began = performance.now();
  for (let from = 0; from < of; from += FILL_STEP) {
    await call(origin, '/fill', { size, of, from, to: Math.min(of, from + FILL_STEP) });
  }
  const seconds = (performance.now() - began) / 1_000;
  const spans = of * SPANS_A_TRACE;
  console.log(
    `${size}: ${spans} spans in ${seconds.toFixed(0)} s, ${(spans / seconds).toFixed(0)} a second`,
  );
}

async function ask(
  origin: string,
  question: string,
  size: Size,
  times: number,
): Promise<[number, Asked]> {
  const began = performance.now();
  const answer: Response = await call(origin, '/ask', { question, size, of: TRACES[size], times });
  const asked = await answer.json<Asked>();
  return [(performance.now() - began) / Math.max(1, times), asked];
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

/** Both are asked in turn, so that what slows the machine slows both. */
async function measure(
  origin: string,
  question: string,
): Promise<Record<Size, { p50: number; p95: number; asked: Asked }>> {
  const times: Record<Size, number[]> = { small: [], large: [] };
  const last: Partial<Record<Size, Asked>> = {};
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const size of round % 2 === 0 ? SIZES : SIZES.toReversed()) {
      const [ms, asked] = await ask(origin, question, size, TIMES);
      if (round > 0) times[size].push(ms);
      last[size] = asked;
    }
  }
  const of = (size: Size) => {
    const sorted = times[size].toSorted((a, b) => a - b);
    return {
      p50: quantile(sorted, 0.5),
      p95: quantile(sorted, 0.95),
      asked: last[size] ?? { rows: 0 },
    };
  };
  return { small: of('small'), large: of('large') };
}

async function run(origin: string): Promise<boolean> {
  for (const size of SIZES) await fill(origin, size);
  console.log(
    `\n${'question'.padEnd(26)}${'small p50'.padStart(11)}${'large p50'.padStart(11)}${'large p95'.padStart(11)}${'ratio'.padStart(7)}${'rows read'.padStart(11)}${'found'.padStart(7)}`,
  );
  let good = true;
  for (const [question, { bounded }] of Object.entries(QUESTIONS)) {
    const { small, large } = await measure(origin, question);
    const ratio = large.p50 / small.p50;
    const { rows, found, searchedBackTo } = large.asked;
    const isGood = bounded ? ratio <= MAX_RATIO : rows <= MAX_ROWS;
    good &&= isGood;
    const ms = (value: number): string => `${value.toFixed(2)} ms`.padStart(11);
    const back = searchedBackTo === undefined ? '' : '  searched back';
    console.log(
      `${question.padEnd(26)}${ms(small.p50)}${ms(large.p50)}${ms(large.p95)}${ratio.toFixed(2).padStart(7)}${rows.toFixed(0).padStart(11)}${String(found ?? '').padStart(7)}${isGood ? '' : '  ✗'}${back}`,
    );
  }
  return good;
}

const persistTo = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
try {
  for (const database of ['SMALL', 'LARGE'])
    await applyMigrations(persistTo, { config: CONFIG, database });
  const server = await startDevServer({
    config: CONFIG,
    port: await freePort(),
    persistTo,
    envFiles: [],
    onLine: () => undefined,
  });
  try {
    process.exitCode = (await run(server.origin)) ? 0 : 1;
  } finally {
    await server.stop();
  }
} finally {
  rmSync(persistTo, { recursive: true, force: true });
}
