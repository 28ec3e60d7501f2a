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

/** The account of flushes as one. The reason is that of the later. */
export function mergeReports(earlier: FlushReport, later: FlushReport): FlushReport {
  const destinations = { ...earlier.destinations };
  for (const [name, destination] of Object.entries(later.destinations)) {
    destinations[name] = mergeDestinations(destinations[name], destination);
  }
  return {
    // Refusals and faults are cumulative in each report, so the later has them all.
    ...later,
    traceIds: [...new Set([...earlier.traceIds, ...later.traceIds])],
    captured: earlier.captured + later.captured,
    truncated: earlier.truncated + later.truncated,
    destinations,
  };
}

function mergeDestinations(
  a: DestinationReport | undefined,
  b: DestinationReport,
): DestinationReport {
  if (!a) return b;
  const dropped: Record<string, number> = { ...a.dropped };
  for (const [reason, n] of Object.entries(b.dropped)) dropped[reason] = (dropped[reason] ?? 0) + n;
  const fallback = (a.fallback ?? 0) + (b.fallback ?? 0);
  return {
    ...a,
    ...b,
    exported: a.exported + b.exported,
    failed: a.failed + b.failed,
    ...(fallback > 0 && { fallback }),
    dropped,
  };
}

/** Whether anything that was captured did not arrive and was not meant to stay behind. */
export function isLossy(report: FlushReport): boolean {
  return Object.values(report.destinations).some(
    ({ error, dropped }) =>
      error !== undefined || Object.keys(dropped).some((reason) => reason !== 'sampled_out'),
  );
}
