/** Prints `N passed, N failed` from vitest's JSON reports: the last line of `.ci/run`. */

import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';

/** The part of vitest's JSON report that is counted. */
export interface TestReport {
  success: boolean;
  testResults: {
    name: string;
    status: string;
    assertionResults: { status: string }[];
  }[];
}

export interface TestCounts {
  passed: number;
  failed: number;
}

/**
 * Counts tests. A file that could not be loaded has no tests to fail and counts
 * as one failure; so does a run that failed for no test's sake (an unhandled
 * rejection, or no test at all).
 */
export function countTests(report: TestReport): TestCounts {
  const tests = report.testResults.flatMap((file) => file.assertionResults);
  const passed = tests.filter((test) => test.status === 'passed').length;
  const failedTests = tests.filter((test) => test.status === 'failed').length;
  const failedFiles = report.testResults.filter(
    (file) =>
      file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  const failed = failedTests + failedFiles;
  const unexplained = failed === 0 && (!report.success || passed === 0);
  return { passed, failed: unexplained ? 1 : failed };
}

/** A run that ended without its report counts as one failure. */
function readCounts(path: string): TestCounts {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return text === '' ? { passed: 0, failed: 1 } : countTests(JSON.parse(text) as TestReport);
}

if (import.meta.main) {
  const [checksFailed = '0', ...paths] = process.argv.slice(2);
  const counts = paths.map(readCounts);
  const passed = counts.reduce((sum, count) => sum + count.passed, 0);
  const failed = counts.reduce((sum, count) => sum + count.failed, Number(checksFailed));
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
