/** The account of flushes, as a table and as a verdict. */
import type { DestinationReport, FlushReport } from '../model/exporter.ts';
import { clipLines } from './diff.ts';

/** What became of the records at one destination over several flushes. */
export interface Account {
  destination: string;
  captured: number;
  exported: number;
  fallback: number;
  /** Those that sampling left out, which is no loss. */
  sampledOut: number;
  /** Left out for any other reason. */
  dropped: number;
  failed: number;
  /** Captured, and in none of the others. */
  unaccounted: number;
  errors: string[];
}

/** One account for each destination that any of the reports names. */
export function accountsOf(reports: readonly FlushReport[]): Account[] {
  const names = new Set(reports.flatMap(({ destinations }) => Object.keys(destinations)));
  return [...names].map((destination) => {
    const account: Account = {
      destination,
      captured: 0,
      exported: 0,
      fallback: 0,
      sampledOut: 0,
      dropped: 0,
      failed: 0,
      unaccounted: 0,
      errors: [],
    };
    for (const { captured, destinations } of reports) {
      add(account, captured, destinations[destination]);
    }
    return account;
  });
}

function add(account: Account, captured: number, report: DestinationReport | undefined): void {
  const { exported = 0, failed = 0, fallback = 0, dropped = {}, error } = report ?? {};
  const { sampled_out: sampledOut = 0, ...others } = dropped;
  const left = Object.values(others).reduce((sum, n) => sum + n, 0);
  account.captured += captured;
  account.exported += exported;
  account.fallback += fallback;
  account.sampledOut += sampledOut;
  account.dropped += left;
  account.failed += failed;
  account.unaccounted += captured - exported - failed - sampledOut - left;
  if (error !== undefined) account.errors.push(error);
}

/** Why records are missing at a destination, or undefined where none are. */
export function lossOf(account: Account): string | undefined {
  const { destination, captured, dropped, failed, unaccounted, errors } = account;
  const lost = dropped + failed + Math.max(0, unaccounted);
  if (lost > 0) return `${lost} of ${captured} captured spans did not arrive at ${destination}`;
  if (unaccounted < 0)
    return `${destination} accounts for ${-unaccounted} spans that were not captured`;
  return errors.length > 0 ? `${destination} reported an error` : undefined;
}

const COLUMNS = [
  'destination',
  'captured',
  'exported',
  'fallback',
  'sampled',
  'dropped',
  'failed',
  'unaccounted',
];

export function accountTable(accounts: readonly Account[]): string {
  const rows = accounts.map((account) => [
    account.destination,
    account.captured,
    account.exported,
    account.fallback,
    account.sampledOut,
    account.dropped,
    account.failed,
    account.unaccounted,
  ]);
  const errors = accounts.flatMap(({ destination, errors: said }) =>
    said.map((error) => `  ${destination}: ${error.replace(/\s+/g, ' ').slice(0, 160)}`),
  );
  return [...table(COLUMNS, rows, 10), ...clipLines(errors, 6)].join('\n');
}

export function flushTable(reports: readonly FlushReport[]): string {
  const rows = reports.map(({ reason, traceIds, captured, truncated }) => [
    reason,
    traceIds.length,
    captured,
    truncated,
  ]);
  return table(['reason', 'traces', 'captured', 'truncated'], rows, 16).join('\n');
}

/** Columns as wide as what is in them; numbers to the right. */
function table(head: string[], rows: (string | number)[][], max: number): string[] {
  const cells = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) =>
    row
      .map((cell, n) => (n === 0 ? cell.padEnd(widths[n] ?? 0) : cell.padStart(widths[n] ?? 0)))
      .join('  '),
  );
  return clipLines(
    lines.map((line) => `  ${line}`),
    max,
  );
}
