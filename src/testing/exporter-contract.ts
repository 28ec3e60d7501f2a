/** What every exporter promises, as cases that anyone's own exporter can be run against. */
import { PartialExportError } from '../model/errors.ts';
import type { TraceExporter } from '../model/exporter.ts';
import type { Json, SpanRecord, TraceBatch } from '../model/records.ts';
import { contractBatch, contractSpan, HOSTILE, hostileSpan } from './contract-records.ts';
import {
  ensure,
  ensureEqual,
  ensureIds,
  ensureRejects,
  ensureResolves,
  ensureWithin,
  inTime,
} from './contract.ts';
import type { ContractCase } from './contract.ts';

/** An exporter and its destination, fresh for one case. */
export interface ExporterSubject {
  exporter: TraceExporter;
  /** Ids of the spans that the destination has taken, each as often as it did. */
  arrived(): readonly string[] | Promise<readonly string[]>;
}

export interface ExporterContractOptions<S extends ExporterSubject> {
  /** Makes an exporter over a destination that works and is empty. */
  make(): S | Promise<S>;
  /** Makes the destination refuse everything from now on. */
  fail(subject: S): unknown;
  /** Makes the destination take one piece of a batch and refuse the next. Leave out where a batch is one piece. */
  failPartly?(subject: S): unknown;
  /** Makes the destination never answer again. Leave out where it cannot, as a console. */
  hang?(subject: S): unknown;
  /** How long after the signal an export may take to reject, in milliseconds. @default 1000 */
  withinMs?: number;
  /** How long a case may take, in milliseconds. @default 4500, less than runners give a test */
  timeoutMs?: number;
}

/**
 * The promises of a `TraceExporter`, for any test runner. What belongs to `failPartly` and `hang` is
 * left out where they are.
 *
 * @example
 * ```ts
 * import { exporterContract } from 'sluice/testing';
 * import { it } from 'vitest';
 *
 * const make = () => {
 *   const ids: string[] = [];
 *   const state = { down: false };
 *   const exporter = {
 *     name: 'memory',
 *     async export(batch: { spans: { id: string }[] }, { signal }: { signal: AbortSignal }) {
 *       signal.throwIfAborted();
 *       if (state.down) throw new Error('down');
 *       ids.push(...batch.spans.map(({ id }) => id));
 *     },
 *   };
 *   return { exporter, state, arrived: () => ids };
 * };
 * for (const { name, run } of exporterContract({ make, fail: ({ state }) => (state.down = true) })) {
 *   it(name, run);
 * }
 * ```
 */
export function exporterContract<S extends ExporterSubject>(
  options: ExporterContractOptions<S>,
): ContractCase[] {
  const over = (name: string, check: Check<S>): ContractCase => ({
    name,
    run: () => inTime(async () => check(await options.make(), options), options.timeoutMs),
  });
  return [
    ...Object.entries(PROMISES).map(([name, check]) => over(name, check)),
    ...(options.hang ? [over('ends at the signal while the destination hangs', endsAtSignal)] : []),
    ...(options.failPartly ? [over('counts what arrived where only a part did', countsParts)] : []),
    ...Object.entries(HOSTILE).map(([what, content]) =>
      over(`takes ${what}, and the spans beside it`, (subject) => takesHostile(subject, content)),
    ),
  ];
}

type Check<S extends ExporterSubject> = (
  subject: S,
  options: ExporterContractOptions<S>,
) => Promise<void>;

const never = (): AbortSignal => new AbortController().signal;
const three = ['a', 'b', 'c'].map((name) => contractSpan(name));
const idsOf = ({ spans }: TraceBatch): string[] => spans.map(({ id }) => id);

/** Small enough to be quick, and more than any destination takes in one piece. */
const LARGE: SpanRecord[] = Array.from({ length: 600 }, (_, n) =>
  contractSpan(`n${n}`, {
    span_data: { type: 'custom', name: 'page', data: { text: 'x'.repeat(5_000) } },
    facts: { kind: 'custom', name: 'page' },
  }),
);

function send({ exporter }: ExporterSubject, batch: TraceBatch, signal = never()): Promise<void> {
  let work: unknown;
  try {
    work = exporter.export(batch, { signal });
  } catch (error) {
    ensure(false, `export() threw ${String(error)} at once: a failure has to be a rejection`);
  }
  ensure(work instanceof Promise, 'export() has to return a promise');
  return work as Promise<void>;
}

async function delivers(subject: ExporterSubject, batch: TraceBatch): Promise<void> {
  await ensureResolves(send(subject, batch), 'export() has to resolve');
  ensureIds(await subject.arrived(), idsOf(batch), 'every span has to arrive once');
}

const PROMISES: Record<string, Check<ExporterSubject>> = {
  'has a name for the report': async ({ exporter }) => {
    ensure(typeof exporter.name === 'string' && exporter.name !== '', '`name` has to be a text');
  },
  'delivers every span of a batch': (subject) => delivers(subject, contractBatch(1, three)),
  'delivers a batch that is larger than one piece': (subject) =>
    delivers(subject, contractBatch(1, LARGE)),
  'takes a trace that has no spans': (subject) => delivers(subject, contractBatch(1, [])),
  'takes an empty batch': (subject) => delivers(subject, { id: 'flush_1', traces: [], spans: [] }),
  'keeps concurrent exports apart': async (subject) => {
    const batches = [1, 2, 3, 4, 5].map((n) => contractBatch(n, three));
    const sent = Promise.all(batches.map((batch) => send(subject, batch)));
    await ensureResolves(sent, 'five exports at once have to resolve');
    const ids = await subject.arrived();
    ensureIds(ids, batches.flatMap(idsOf), 'every span of five exports has to arrive once');
  },
  'may be given the same batch twice': async (subject) => {
    const batch = contractBatch(1, three);
    await ensureResolves(send(subject, batch), 'the first export has to resolve');
    await ensureResolves(send(subject, structuredClone(batch)), 'the second has to resolve too');
    const ids = [...new Set(await subject.arrived())];
    ensureIds(ids, idsOf(batch), 'the second has to have the span ids of the first');
  },
  'leaves the batch as it was': leavesAlone,
  'leaves the batch as it was when the destination fails': async (subject, options) => {
    await options.fail(subject);
    await leavesAlone(subject);
  },
  'rejects when the destination fails, and counts nothing as arrived': async (subject, options) => {
    await options.fail(subject);
    const work = send(subject, contractBatch(1, three));
    const error = await ensureRejects(work, 'export() has to reject when nothing can arrive');
    await ensureCounted(error, subject);
  },
  'begins nothing when the signal has aborted already': async (subject, options) => {
    const work = send(subject, contractBatch(1, three), AbortSignal.abort());
    const ended = ensureRejects(work, 'export() has to reject when its signal has aborted');
    await ensureWithin(ended, options.withinMs ?? 1_000, 'export() has to reject');
    ensureIds(await subject.arrived(), [], 'nothing may arrive when the signal had aborted before');
  },
};

async function leavesAlone(subject: ExporterSubject): Promise<void> {
  const batch = contractBatch(1, three);
  const before = structuredClone(batch);
  await Promise.allSettled([send(subject, batch)]);
  ensureEqual(batch, before, 'the batch belongs to the flush and may not be changed');
}

/** Whatever an export rejects with, what it says of arrivals has to be true. */
async function ensureCounted(error: unknown, subject: ExporterSubject): Promise<void> {
  const told = error instanceof PartialExportError ? error.exportedSpans : 0;
  const { size } = new Set(await subject.arrived());
  ensure(
    told === size,
    `the rejection says that ${told} spans arrived, but ${size} did: reject with a PartialExportError that counts them`,
  );
}

async function endsAtSignal<S extends ExporterSubject>(
  subject: S,
  options: ExporterContractOptions<S>,
): Promise<void> {
  await options.hang?.(subject);
  const controller = new AbortController();
  const work = send(subject, contractBatch(1, three), controller.signal);
  const timer = setTimeout(() => controller.abort(new Error('the deadline')), 20);
  const ended = ensureRejects(work, 'export() has to reject at its signal');
  await ensureWithin(
    ended,
    options.withinMs ?? 1_000,
    'export() has to end after its signal',
  ).finally(() => clearTimeout(timer));
}

async function countsParts<S extends ExporterSubject>(
  subject: S,
  options: ExporterContractOptions<S>,
): Promise<void> {
  await options.failPartly?.(subject);
  const work = send(subject, contractBatch(1, LARGE));
  const error = await ensureRejects(work, 'export() has to reject when a part cannot arrive');
  await ensureCounted(error, subject);
}

async function takesHostile(subject: ExporterSubject, content: Json): Promise<void> {
  const beside = [contractSpan('before'), hostileSpan(content), contractSpan('after')];
  const batch = contractBatch(1, beside);
  const [settled] = await Promise.allSettled([send(subject, batch)]);
  const [before = '', hostile = '', after = ''] = idsOf(batch);
  const wanted = settled.status === 'fulfilled' ? [before, hostile, after] : [before, after];
  const ids = await subject.arrived();
  ensureIds(ids, wanted, 'what stands beside hostile content has to arrive');
  if (settled.status === 'rejected') await ensureCounted(settled.reason, subject);
  ensure(!('polluted' in {}), 'a key of hostile content got into Object.prototype');
}
