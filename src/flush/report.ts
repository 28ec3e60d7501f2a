import type { DestinationReport, FlushReason, FlushReport } from '../model/exporter.ts';

export function emptyReport(reason: FlushReason): FlushReport {
  return {
    traceIds: [],
    captured: 0,
    truncated: 0,
    reason,
    destinations: {},
    refused: {},
    faults: {},
  };
}

/** The account of several flushes as one. The reason is that of the last. */
export function mergeReports(reports: readonly FlushReport[]): FlushReport {
  const merged = emptyReport('response');
  for (const report of reports) {
    merged.reason = report.reason;
    merged.traceIds = [...new Set([...merged.traceIds, ...report.traceIds])];
    merged.captured += report.captured;
    merged.truncated += report.truncated;
    // Refusals and faults are cumulative in each report, so the last has them all.
    merged.refused = report.refused;
    merged.faults = report.faults;
    for (const [name, destination] of Object.entries(report.destinations)) {
      merged.destinations[name] = mergeDestinations(merged.destinations[name], destination);
    }
  }
  return merged;
}

function mergeDestinations(
  a: DestinationReport | undefined,
  b: DestinationReport,
): DestinationReport {
  if (!a) return b;
  const dropped: Record<string, number> = { ...a.dropped };
  for (const [reason, n] of Object.entries(b.dropped)) dropped[reason] = (dropped[reason] ?? 0) + n;
  return { ...a, ...b, exported: a.exported + b.exported, failed: a.failed + b.failed, dropped };
}

/** Whether anything that was captured did not arrive and was not meant to stay behind. */
export function isLossy(report: FlushReport): boolean {
  return Object.values(report.destinations).some(
    ({ error, dropped }) =>
      error !== undefined || Object.keys(dropped).some((reason) => reason !== 'sampled_out'),
  );
}
