import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { countTests } from '../../../scripts/test-summary.ts';
import type { TestReport } from '../../../scripts/test-summary.ts';
import { workspace } from '../../support/workspace.ts';

function report(success: boolean, ...files: string[][]): TestReport {
  return {
    success,
    testResults: files.map((statuses, index) => ({
      name: `test/${index}.test.ts`,
      status: statuses.length === 0 || statuses.includes('failed') ? 'failed' : 'passed',
      assertionResults: statuses.map((status) => ({ status })),
    })),
  };
}

describe('the count of tests', () => {
  it('adds up the files of all projects and leaves out what was skipped', () => {
    const result = report(false, ['passed', 'passed', 'skipped'], ['passed', 'failed']);
    expect(countTests(result)).toEqual({ passed: 3, failed: 1 });
  });

  it('counts a file that could not be loaded as one failure', () => {
    expect(countTests(report(false, ['passed'], []))).toEqual({ passed: 1, failed: 1 });
  });

  it('counts a run that failed outside its tests as one failure', () => {
    expect(countTests(report(false, ['passed']))).toEqual({ passed: 1, failed: 1 });
  });

  it('does not take a run without tests for a good one', () => {
    expect(countTests(report(true))).toEqual({ passed: 0, failed: 1 });
  });
});

/** Runs `.ci/run` with an `npm` that behaves as told, since a real `npm ci` in a test would reach the network. */
function runCi(
  npm: { ci?: number; check?: number; test?: number; browser?: number },
  result?: TestReport,
  inBrowser: TestReport | null = report(true, ['passed']),
) {
  using place = workspace('.ci/run', 'scripts/test-summary.ts');
  if (result !== undefined) place.write('test.json', JSON.stringify(result));
  if (inBrowser !== null) place.write('test:browser.json', JSON.stringify(inBrowser));
  place.write(
    'bin/npm',
    `#!/bin/sh
     script=$2
     case "$*" in
       ci) exit ${npm.ci ?? 0} ;;
       'run check') exit ${npm.check ?? 0} ;;
     esac
     for word in "$@"; do case $word in --outputFile.json=*) cp "$script.json" "\${word#*=}" ;; esac; done
     case $script in test) exit ${npm.test ?? 0} ;; *) exit ${npm.browser ?? 0} ;; esac`,
  );
  const { status, stdout } = spawnSync(`${place.path}/.ci/run`, {
    encoding: 'utf8',
    env: {
      ...process.env,
      CHROMIUM_PATH: '/opt/chromium',
      PATH: `${place.path}/bin:${process.env['PATH']}`,
    },
  });
  return { status, lastLine: stdout.trimEnd().split('\n').at(-1) };
}

describe('.ci/run', () => {
  it('ends with the count of all tests and status 0 when all is well', () => {
    expect(runCi({}, report(true, ['passed', 'passed']))).toEqual({
      status: 0,
      lastLine: '3 passed, 0 failed',
    });
  });

  it('prints the count of a failed run before it fails, and tests in the browser all the same', () => {
    expect(runCi({ test: 1 }, report(false, ['passed', 'failed']))).toEqual({
      status: 1,
      lastLine: '2 passed, 1 failed',
    });
  });

  it('fails when what is tested in the browser does', () => {
    const inBrowser = report(false, ['failed', 'passed']);
    expect(runCi({ browser: 1 }, report(true, ['passed']), inBrowser)).toEqual({
      status: 1,
      lastLine: '2 passed, 1 failed',
    });
  });

  it('counts a browser that ended without a report as one failure', () => {
    expect(runCi({ browser: 137 }, report(true, ['passed']), null)).toEqual({
      status: 1,
      lastLine: '1 passed, 1 failed',
    });
  });

  it('still runs the tests when the checks fail, and counts the checks as one failure', () => {
    expect(runCi({ check: 1 }, report(true, ['passed']))).toEqual({
      status: 1,
      lastLine: '2 passed, 1 failed',
    });
  });

  it('says that nothing passed when the installation fails', () => {
    expect(runCi({ ci: 1 })).toEqual({ status: 1, lastLine: '0 passed, 1 failed' });
  });

  it('fails when the tests end without a report', () => {
    expect(runCi({ test: 137 }, undefined)).toEqual({ status: 1, lastLine: '0 passed, 1 failed' });
  });
});

/** What `.ci/run` itself calls, which is all that a machine without a browser has here. */
const TOOLS = ['bash', 'sh', 'env', 'node', 'dirname', 'mktemp', 'id', 'rm', 'cp', 'timeout'];

/** Runs `.ci/run` where there is no browser, and an `apt-get` that notes what it is asked for. */
function runWithoutBrowser(aptStatus: number, env: Record<string, string> = {}) {
  using place = workspace('.ci/run', 'scripts/test-summary.ts');
  const log = `${place.path}/apt.log`;
  const apt = `#!/bin/sh\necho "$@" >>${log}\nexit ${aptStatus}\n`;
  place.write('bin/apt-get', apt);
  place.write('bin/sudo', '#!/bin/sh\nexec "$@"\n');
  place.write('bin/npm', '#!/bin/sh\nexit 0\n');
  for (const tool of TOOLS) {
    const path = execFileSync('which', [tool], { encoding: 'utf8' }).trim();
    symlinkSync(path, `${place.path}/bin/${tool}`);
  }
  const { stdout, stderr } = spawnSync(`${place.path}/.ci/run`, {
    encoding: 'utf8',
    env: { PATH: `${place.path}/bin`, ...env },
  });
  const asked = existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : [];
  return { asked, stderr, lastLine: stdout.trimEnd().split('\n').at(-1) };
}

describe('.ci/run without a browser', () => {
  it('installs one', () => {
    expect(runWithoutBrowser(0).asked).toEqual(['update -qq', 'install -y -qq chromium']);
  });

  it('says what to do, and that nothing passed, where it cannot', () => {
    const { stderr, lastLine } = runWithoutBrowser(100);
    expect(stderr).toContain('set CHROMIUM_PATH');
    expect(lastLine).toBe('0 passed, 1 failed');
  });

  it('takes the one that is named', () => {
    expect(runWithoutBrowser(0, { CHROMIUM_PATH: '/opt/chromium' }).asked).toEqual([]);
  });
});
