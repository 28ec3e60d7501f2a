/**
 * What redaction costs: a clean span of 4 kB, growth from 4 kB to 4 MB, and hostile
 * texts of 64 KB, each beside a control in the same run (`JSON.parse` and
 * `JSON.stringify` of the same text), as machines differ and are shared.
 *
 *     node bench/redaction.ts [--plot | bench.mjs …its options]
 *
 * With the path of a bench that takes a module which exports `redact(text)`, it
 * builds that module and runs the bench on it instead. With `--plot` it measures
 * growth alone and draws it into docs/images/redaction-growth.svg.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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

/** A text's length in kB, and what it takes in ms. */
interface Growth {
  kilobytes: number;
  redaction: number;
  control: number;
}

/** The quickest of some rounds, as others use the machine at the same time. */
function quickest(work: (text: string) => unknown, text: string, rounds: number): number {
  const times = Array.from({ length: rounds }, () => {
    const start = performance.now();
    work(text);
    return performance.now() - start;
  });
  return Math.min(...times);
}

function growth(): Growth[] {
  return [4, 16, 64, 256, 1_024, 4_096].map((kilobytes) => {
    const text = spanOf(kilobytes * 1_024, randomFrom(2));
    const rounds = Math.max(9, Math.ceil(8_000 / kilobytes));
    return {
      kilobytes,
      redaction: quickest(redactText, text, rounds),
      control: quickest(control, text, rounds),
    };
  });
}

function printGrowth(sizes: readonly Growth[]): void {
  row('\ngrowth', 'ms', 'µs per kB', '× control');
  for (const { kilobytes, redaction, control: base } of sizes)
    row(
      `${kilobytes} kB`,
      redaction.toFixed(2),
      ((redaction * 1_000) / kilobytes).toFixed(1),
      (redaction / base).toFixed(1),
    );
}

const [WIDTH, HEIGHT, LEFT, BOTTOM] = [640, 340, 40, 300];

/** Both axes are logarithmic, so that what grows with the length alone is a straight line. */
function plot(sizes: readonly Growth[]): string {
  const first = sizes[0]?.redaction ?? 1;
  const x = (kilobytes: number): number => LEFT + 30 + Math.log2(kilobytes / 4) * 52;
  const y = (ms: number): number => Math.round(BOTTOM - 62 - Math.log2(ms / first) * 20);
  const text = (at: number, line: number, words: string, rest = ''): string =>
    `<text x="${at}" y="${line}"${rest}>${words}</text>`;
  const curve = (name: 'redaction' | 'control'): string => {
    const points = sizes.map((size) => [x(size.kilobytes), y(size[name])]);
    const dots = points.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="3.5"/>`).join('');
    return `<g class="${name}"><polyline points="${points.join(' ')}"/>${dots}</g>`;
  };
  const ticks = sizes.flatMap(({ kilobytes, redaction }) => [
    text(
      x(kilobytes),
      BOTTOM + 20,
      kilobytes < 1_024 ? `${kilobytes} kB` : `${kilobytes / 1_024} MB`,
    ),
    text(x(kilobytes) - 8, y(redaction) - 14, `${Number(redaction.toPrecision(2))} ms`),
  ]);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="title">
<title id="title">The time of redaction grows with the length of the text alone, from 4 kB to 4 MB</title>
<style>text{font:12px system-ui,sans-serif;fill:#57606a;text-anchor:middle}polyline,path{fill:none;stroke-width:2}path{stroke:#8c959f}.redaction{stroke:#0969da;fill:#0969da}.control{stroke:#8c959f;fill:#8c959f}text.redaction,text.control{stroke:none;text-anchor:start}@media(prefers-color-scheme:dark){text{fill:#9198a1}.redaction{stroke:#4493f8;fill:#4493f8}}</style>
<path d="M${LEFT} 16V${BOTTOM}H${WIDTH - 16}"/>
${ticks.join('\n')}
${curve('control')}
${curve('redaction')}
${text(LEFT + 16, 32, 'redaction of a span of so many kB', ' class="redaction"')}
${text(LEFT + 16, 52, 'JSON.parse and JSON.stringify of it', ' class="control"')}
</svg>
`;
}

function writePlot(): void {
  const sizes = growth();
  printGrowth(sizes);
  const folder = join(ROOT, 'docs/images');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'redaction-growth.svg'), plot(sizes));
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
  printGrowth(growth());
  printProbes();
} else if (bench === '--plot') writePlot();
else await runBench(bench, options);
