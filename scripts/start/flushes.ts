/** Collects the flush reports that the Worker logs, one JSON line each. */
import type { FlushReport } from '../../src/model/exporter.ts';

/** What became of a trace's spans, over all its flushes. */
export interface Account {
  reasons: string[];
  captured: number;
  exported: number;
  failed: number;
  /** Spans that a destination has already, in a form that says they were open. */
  repeated: number;
  dropped: number;
  truncated: number;
  errors: string[];
}

export interface FlushLog {
  onLine(line: string): void;
  /** Lines that look like a report and are none. */
  malformed(): number;
  all(): readonly FlushReport[];
  account(traceId: string): Account;
  /** Whether the trace's last word is here; steps are not. */
  finished(traceId: string): boolean;
}

function parseReport(line: string): FlushReport | 'malformed' | undefined {
  const start = line.indexOf('{"event":"trace_flush"');
  if (start < 0) return undefined;
  try {
    return JSON.parse(line.slice(start)) as FlushReport;
  } catch (error) {
    if (error instanceof SyntaxError) return 'malformed';
    throw error;
  }
}

function addDestinations(account: Account, report: FlushReport): void {
  for (const [name, destination] of Object.entries(report.destinations)) {
    account.exported += destination.exported;
    account.failed += destination.failed;
    for (const [reason, count] of Object.entries(destination.dropped)) {
      if (reason === 'already_truncated') account.repeated += count;
      else account.dropped += count;
    }
    if (destination.error !== undefined) account.errors.push(`${name}: ${destination.error}`);
  }
}

export function createFlushLog(): FlushLog {
  const reports: FlushReport[] = [];
  let malformed = 0;
  const of = (traceId: string): FlushReport[] =>
    reports.filter((report) => report.traceIds.includes(traceId));
  return {
    onLine(line) {
      const report = parseReport(line);
      if (report === 'malformed') malformed += 1;
      else if (report !== undefined) reports.push(report);
    },
    malformed: () => malformed,
    all: () => reports,
    account(traceId) {
      const account: Account = {
        reasons: [],
        captured: 0,
        exported: 0,
        failed: 0,
        repeated: 0,
        dropped: 0,
        truncated: 0,
        errors: [],
      };
      for (const report of of(traceId)) {
        account.reasons.push(report.reason);
        account.captured += report.captured;
        account.truncated += report.truncated;
        addDestinations(account, report);
      }
      return account;
    },
    finished: (traceId) => of(traceId).some((report) => report.reason !== 'step'),
  };
}
