/**
 * What a span costs, as a ratio to `JSON.stringify` of the same span in the same
 * run: its snapshot, which is on the user's path, and its reading and judging,
 * which are not. `npm run bench`. Node's `crypto.subtle` goes through a thread pool, so
 * fingerprints cost several times what they cost in workerd.
 */
import { getGlobalTraceProvider, setTraceProcessors } from '@openai/agents';
import type { Span, SpanData } from '@openai/agents';
import { readSnapshot } from '../src/capture/read.ts';
import { snapshotOf } from '../src/capture/snapshot.ts';
import { isSafeName } from '../src/identity/names.ts';
import { importHmacKey } from '../src/model/hmac.ts';
import { Judge } from '../src/policy/apply.ts';
import { fingerprintWith } from '../src/policy/fingerprint.ts';
import { full, metadataOnly } from '../src/policy/policy.ts';
import type { Policy } from '../src/policy/policy.ts';
import { redacted } from '../src/policy/redacted.ts';

const ROUNDS = 2_000;
const REPEATS = 5;
const POSITION = { started: 0, ended: 1, truncated: false };

setTraceProcessors([]);

function spanOf(kilobytes: number): Span<SpanData> {
  const provider = getGlobalTraceProvider();
  const trace = provider.createTrace({ name: 'bench' });
  const words = 'The customer asks where the order is. ';
  const content = words.repeat(Math.ceil((kilobytes * 500) / words.length));
  const data: SpanData = { type: 'function', name: 'lookup', input: content, output: content };
  const span = provider.createSpan({ data }, trace);
  span.start();
  span.end();
  return span;
}

/** Microseconds a call, the best of several repeats: noise only ever adds. */
async function cost(work: () => unknown): Promise<number> {
  let best = Infinity;
  for (let repeat = 0; repeat < REPEATS; repeat += 1) {
    const start = performance.now();
    for (let round = 0; round < ROUNDS; round += 1) {
      await work();
    }
    best = Math.min(best, ((performance.now() - start) * 1_000) / ROUNDS);
  }
  return best;
}

const fingerprint = fingerprintWith(await importHmacKey('a key of the benchmark alone'));
const judgeOf = (policy: Policy): Judge => new Judge(policy.matrixFor([]), fingerprint, () => {});
const judges = [judgeOf(metadataOnly), judgeOf(full), judgeOf(redacted)] as const;

console.log(
  'per span           stringify   snapshot   read   judge metadataOnly   judge full   judge redacted',
);
for (const kilobytes of [1, 4, 40]) {
  const span = spanOf(kilobytes);
  const snapshot = snapshotOf(span, POSITION);
  const read = readSnapshot(snapshot, isSafeName);
  const stringify = await cost(() => JSON.stringify(span));
  const ratio = async (work: () => unknown): Promise<string> =>
    `${((await cost(work)) / stringify).toFixed(1)}×`;
  const cells = [
    `${kilobytes} kB of content`.padEnd(18),
    `${stringify.toFixed(1)} µs`.padStart(10),
    (await ratio(() => snapshotOf(span, POSITION))).padStart(10),
    (await ratio(() => readSnapshot(snapshot, isSafeName))).padStart(6),
    (await ratio(() => judges[0].span(snapshot, read))).padStart(20),
    (await ratio(() => judges[1].span(snapshot, read))).padStart(12),
    (await ratio(() => judges[2].span(snapshot, read))).padStart(16),
  ];
  console.log(cells.join(' '));
}
