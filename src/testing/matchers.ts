/** Matchers for `expect.extend()` of vitest or Jest; they need neither at run time. */
import type { FlushReason, FlushReport } from '../model/exporter.ts';
import type { SpanRecord } from '../model/records.ts';
import { accountsOf, accountTable, flushTable, lossOf } from './account.ts';
import {
  checkExported,
  checkLabels,
  checkOutcome,
  checkReason,
  checkSomethingToLookAt,
  checkTexts,
  checkTree,
} from './arguments.ts';
import { contentPlaces, placesOf } from './content.ts';
import { clipLines } from './diff.ts';
import { compareSpans, compareTree, labelOf } from './span-tree.ts';
import { flushedOf, reportsOf } from './subject.ts';
import type { PendingTrace } from './subject.ts';

/** What a matcher answers; `message` is read when the assertion fails. */
export interface MatcherResult {
  pass: boolean;
  message: () => string;
}

/** `R` is what a matcher of the runner returns, `T` what was given to `expect()`. */
export interface TraceMatchers<R = void, T = unknown> {
  /** A trace was flushed, for this reason where one is given. */
  toHaveFlushed(reason?: FlushReason): Later<R, T>;
  /** Everything that was captured arrived at every destination, or at its fallback, or was sampled out. */
  toHaveLostNothing(): Later<R, T>;
  /** The destination (its fallback included) took this many spans; without a number, at least one. */
  toHaveExported(destination: string, spans?: number): Later<R, T>;
  /** These spans and no others, in any order: `'function'` is any function, `'function lookup_order'` that one. */
  toHaveSpans(labels: readonly string[]): R;
  /** These spans as an indented tree, one `kind` or `kind name` a line, siblings in order of start. */
  toHaveSpanTree(tree: string): R;
  /** An outcome was recorded under this name; with this result and code where they are given. */
  toHaveOutcome(name: string, passed?: boolean, code?: string): R;
  /** Nothing that users, models or tools wrote was handed to any destination. Throws where no span was, `.not` or not. */
  toHaveNoContent(): R;
  /** Any of these texts was handed to a destination. Mostly with `.not`. Throws without a text, and where nothing was handed. */
  toContainContent(...texts: string[]): R;
}

/** A trace that has still to be flushed is waited for. */
type Later<R, T> = [T] extends [PendingTrace] ? Promise<void> : R;

type Verdict = MatcherResult | Promise<MatcherResult>;

/**
 * For `expect.extend(traceMatchers)`. vitest users may import `sluice/testing/vitest` instead, which also
 * types them.
 *
 * @example
 * ```ts
 * import { traceMatchers } from 'sluice/testing';
 * import { expect } from 'vitest';
 *
 * expect.extend({ ...traceMatchers });
 * ```
 */
export const traceMatchers: {
  [K in keyof TraceMatchers]: (received: unknown, ...args: Parameters<TraceMatchers[K]>) => Verdict;
} = {
  toHaveFlushed(received, reason) {
    checkReason(reason);
    return overReports(received, (reports) => judgeFlushed(reports, reason));
  },
  toHaveLostNothing: (received) => overReports(received, judgeLosses),
  toHaveExported(received, destination, spans) {
    checkExported(destination, spans);
    return overReports(received, (reports) => judgeExported(reports, destination, spans));
  },
  toHaveSpans(received, labels) {
    checkLabels(labels);
    const { pass, shown } = compareSpans(labels, flushedOf(received).spans);
    return verdict(
      pass,
      `expected these spans in any order${ifNothing(received)}\n\n${shown}`,
      'expected other spans',
    );
  },
  toHaveSpanTree(received, tree) {
    checkTree(tree);
    const { pass, shown } = compareTree(tree, flushedOf(received).spans);
    return verdict(
      pass,
      `expected this tree of spans${ifNothing(received)}\n\n${shown}`,
      'expected another tree of spans',
    );
  },
  toHaveOutcome(received, name, passed, code) {
    checkOutcome(name, passed, code);
    return judgeOutcome(flushedOf(received).spans, { name, passed, code });
  },
  toHaveNoContent(received) {
    const handed = handedTo(received);
    checkSomethingToLookAt(handed.flatMap(({ batch }) => batch.spans).length, 'span');
    const found = handed.flatMap(({ destination, batch }) =>
      batch.spans.flatMap((span) =>
        contentPlaces(span).map((place) => `  ${destination}: ${labelOf(span)}: ${place}`),
      ),
    );
    const failure = `expected no content, but there is some in\n\n${clipLines(found).join('\n')}`;
    return verdict(found.length === 0, failure, 'expected content, but there is none');
  },
  toContainContent(received, ...texts) {
    checkTexts(texts);
    const handed = handedTo(received);
    const records = handed.flatMap(({ batch }) => [...batch.traces, ...batch.spans]);
    checkSomethingToLookAt(records.length, 'trace or span');
    const what = texts.map((text) => JSON.stringify(text)).join(' or ');
    const found = handed.flatMap(({ destination, batch }) =>
      texts.flatMap((text) => placesOf(text, batch).map((place) => `  ${destination}: ${place}`)),
    );
    return verdict(
      found.length > 0,
      `expected ${what} in what the destinations were handed, but it is nowhere`,
      `expected ${what} to be nowhere, but there it is\n\n${clipLines([...new Set(found)]).join('\n')}`,
    );
  },
};

function verdict(pass: boolean, failure: string, opposite: string): MatcherResult {
  return { pass, message: () => (pass ? opposite : failure) };
}

function overReports(
  received: unknown,
  judge: (reports: readonly FlushReport[]) => MatcherResult,
): Verdict {
  const reports = reportsOf(received);
  return Array.isArray(reports) ? judge(reports) : reports.then(judge);
}

function handedTo(received: unknown) {
  return Object.entries(flushedOf(received).destinations).flatMap(([destination, { batches }]) =>
    batches.map((batch) => ({ destination, batch })),
  );
}

/** Without a destination every span is missing, and the difference alone does not say why. */
function ifNothing(received: unknown): string {
  return handedTo(received).length > 0 ? '' : ', but no destination was handed anything';
}

function judgeFlushed(reports: readonly FlushReport[], reason?: FlushReason): MatcherResult {
  const traced = reports.filter(({ traceIds }) => traceIds.length > 0);
  const pass = traced.some((report) => reason === undefined || report.reason === reason);
  const why = reason === undefined ? '' : ` for the reason ${reason}`;
  const found =
    reports.length === 0
      ? 'but nothing was flushed'
      : `but the flushes were\n\n${flushTable(reports)}`;
  const opposite = `expected no flush of a trace${why}, but the flushes were\n\n${flushTable(reports)}`;
  return verdict(pass, `expected a flush of a trace${why}, ${found}`, opposite);
}

function judgeLosses(reports: readonly FlushReport[]): MatcherResult {
  const accounts = accountsOf(reports);
  const losses = accounts.flatMap((account) => lossOf(account) ?? []);
  if (accounts.length === 0) {
    const nothing =
      'nothing was flushed to any destination, so nothing shows that nothing was lost';
    return verdict(false, nothing, nothing);
  }
  const table = accountTable(accounts);
  return verdict(
    losses.length === 0,
    `expected nothing to be lost, but ${losses.join(', and ')}\n\n${table}`,
    `expected something to be lost\n\n${table}`,
  );
}

function judgeExported(
  reports: readonly FlushReport[],
  destination: string,
  spans?: number,
): MatcherResult {
  const accounts = accountsOf(reports);
  const { exported } = accounts.find((account) => account.destination === destination) ?? {};
  const pass = spans === undefined ? (exported ?? 0) > 0 : exported === spans;
  const wanted = spans === undefined ? 'spans' : `${spans} ${spans === 1 ? 'span' : 'spans'}`;
  const got = exported === undefined ? 'there is no such destination' : `it took ${exported}`;
  const table = accounts.length > 0 ? `\n\n${accountTable(accounts)}` : '';
  return verdict(
    pass,
    `expected ${destination} to take ${wanted}, but ${got}${table}`,
    `expected ${destination} not to take ${wanted}, but it took ${exported}${table}`,
  );
}

interface WantedOutcome {
  name: string;
  passed: boolean | undefined;
  code: string | undefined;
}

function judgeOutcome(spans: readonly SpanRecord[], wanted: WantedOutcome): MatcherResult {
  const outcomes = spans.flatMap(({ facts }) => facts.outcome ?? []);
  const pass = outcomes.some(
    ({ name, passed, code }) =>
      name === wanted.name &&
      (wanted.passed === undefined || passed === wanted.passed) &&
      (wanted.code === undefined || code === wanted.code),
  );
  const list = clipLines(outcomes.map((outcome) => `  ${describeOutcome(outcome)}`)).join('\n');
  const recorded = outcomes.length === 0 ? 'none was recorded' : `there are\n\n${list}`;
  return verdict(
    pass,
    `expected the outcome ${describeOutcome(wanted)}, but ${recorded}`,
    `expected no outcome ${describeOutcome(wanted)}, but ${recorded}`,
  );
}

function describeOutcome({ name, passed, code }: Partial<WantedOutcome>): string {
  const result = passed === undefined ? '' : passed ? ' passed' : ' failed';
  return `${name}${result}${code === undefined ? '' : ` (${code})`}`;
}
