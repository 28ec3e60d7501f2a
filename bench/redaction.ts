/**
 * What redaction costs: a clean span of 4 kB, growth from 4 kB to 4 MB, and hostile
 * texts of 64 KB, each beside a control in the same run (`JSON.parse` and
 * `JSON.stringify` of the same text), as machines differ and are shared.
 *
 *     node bench/redaction.ts [bench.mjs …its options]
 *
 * With the path of a bench that takes a module which exports `redact(text)`, it
 * builds that module and runs the bench on it instead.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { build } from 'esbuild';
import { redactText } from '../src/redaction/redactor.ts';
import { BENIGN, fill, randomFrom } from '../test/redaction/samples.ts';

const ROOT = join(import.meta.dirname, '..');

async function runBench(bench: string, options: string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'redaction-'));
  try {
    const outfile = join(folder, 'redact.mjs');
    const contents = "export { redactText as redact } from './src/redaction/redactor.ts'";
    const stdin = { contents, resolveDir: ROOT, loader: 'ts' } as const;
    await build({ stdin, bundle: true, format: 'esm', outfile, logLevel: 'error' });
    execFileSync(process.execPath, [bench, outfile, ...options], { stdio: 'inherit' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const PROSE =
  'The customer asked where the order is. It left the warehouse on Monday and should arrive within three days; the agent looked it up, found no delay, and told them so. They also wanted to know whether the blue one is in stock, which it is, in two sizes. ';

/** A span of about so many characters: prose with a near miss in each message, or near misses alone. */
function spanOf(characters: number, random: (below: number) => number, prose = PROSE): string {
  const input: { role: string; content: string }[] = [];
  let length = 300;
  while (length < characters) {
    const content = prose + fill(BENIGN[random(BENIGN.length)] ?? '', random).text;
    input.push({ role: 'user', content });
    length += JSON.stringify(content).length + 30;
  }
  return JSON.stringify({
    object: 'trace.span',
    id: 'span_1',
    span_data: { type: 'generation', input },
  });
}

function percentiles(
  work: (text: string) => unknown,
  texts: readonly string[],
  rounds: number,
): [p50: number, p99: number] {
  const times: number[] = [];
  for (let round = 0; round < 2 * rounds; round += 1)
    for (const text of texts) {
      const start = performance.now();
      work(text);
      // The first half warms up.
      if (round >= rounds) times.push(performance.now() - start);
    }
  times.sort((a, b) => a - b);
  return [0.5, 0.99].map((share) => (times[Math.floor(times.length * share)] ?? 0) * 1_000) as [
    number,
    number,
  ];
}

const control = (text: string): string => JSON.stringify(JSON.parse(text));

function row(label: string, ...cells: string[]): void {
  console.log(label.padEnd(22), ...cells.map((cell) => cell.padStart(14)));
}

function printSpans(): void {
  row('clean span of 4 kB', 'p50 µs', 'p99 µs', 'control p50', '× control');
  for (const [label, prose] of [
    ['prose', PROSE],
    ['near misses alone', ''],
  ] as const) {
    const random = randomFrom(1);
    const texts = Array.from({ length: 64 }, () => spanOf(4_096, random, prose));
    const [p50, p99] = percentiles(redactText, texts, 60);
    const [base] = percentiles(control, texts, 60);
    row(label, p50.toFixed(1), p99.toFixed(1), base.toFixed(1), (p50 / base).toFixed(1));
  }
}

function printGrowth(): void {
  row('\ngrowth', 'ms', 'µs per kB', '× control');
  for (const kilobytes of [4, 16, 64, 256, 1_024, 4_096]) {
    const texts = [spanOf(kilobytes * 1_024, randomFrom(2))];
    const rounds = Math.max(3, Math.ceil(2_000 / kilobytes));
    const [p50] = percentiles(redactText, texts, rounds);
    const [base] = percentiles(control, texts, rounds);
    row(
      `${kilobytes} kB`,
      (p50 / 1_000).toFixed(2),
      (p50 / kilobytes).toFixed(1),
      (p50 / base).toFixed(1),
    );
  }
}

const PROBES: readonly string[] = [
  [
    'a',
    '0',
    ' ',
    '@',
    'a.',
    'a@',
    '1-',
    '1 ',
    '12 ',
    '1234 ',
    'eyJ.',
    '1eyJaaaaaaaaa',
    'deadbeef',
    '1:',
    '::',
  ],
  [
    '-----BEGIN RSA PRIVATE KEY-----\n',
    'password=',
    'token:"',
    'bearer ',
    'http://a:',
    'sk-',
    '\\"',
    'Aaaa Bbbb ',
  ],
  [
    'value=',
    'name=x value=',
    ' -p',
    '<token>',
    'Authorization: ',
    'Cookie: a=b\n',
    'GB82 ',
    '[',
    '{"a":',
    'call 1234567 ',
  ],
].flat();

function printProbes(): void {
  row('\nslowest of 64 KB', 'ms');
  const times = PROBES.map((probe) => {
    const text = probe.repeat(Math.ceil(65_536 / probe.length)).slice(0, 65_536);
    const best = Math.min(
      ...Array.from({ length: 5 }, () => percentiles(redactText, [text], 1)[0]),
    );
    return [probe, best / 1_000] as const;
  });
  for (const [probe, ms] of times.toSorted(([, a], [, b]) => b - a).slice(0, 6))
    row(JSON.stringify(probe), ms.toFixed(1));
}

const [bench, ...options] = process.argv.slice(2);
if (bench === undefined) {
  printSpans();
  printGrowth();
  printProbes();
} else await runBench(bench, options);
