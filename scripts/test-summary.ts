/** Prints `N passed, N failed` from vitest's JSON report: the last line of `.ci/run`. */

import { readFileSync } from 'node:fs';
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

if (import.meta.main) {
  const [path = '', checksFailed = '0'] = process.argv.slice(2);
  const { passed, failed } = countTests(JSON.parse(readFileSync(path, 'utf8')) as TestReport);
  const total = failed + Number(checksFailed);
  console.log(`${passed} passed, ${total} failed`);
  process.exitCode = total === 0 ? 0 : 1;
}
