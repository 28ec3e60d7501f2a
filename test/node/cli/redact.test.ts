import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { buffer, text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const MAIN = join(import.meta.dirname, '../../../src/cli/main.ts');

interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the command as a shell would. */
async function sluice(
  args: string[],
  input: string | Buffer = '',
  env: Record<string, string> = {},
): Promise<Outcome> {
  const child = spawn(process.execPath, [MAIN, ...args], { env: { ...process.env, ...env } });
  // It may end before it has read all of it.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [stdout, stderr, status] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.on('close', resolve)),
  ]);
  return { status, stdout, stderr };
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('sluice redact', () => {
  it('writes a text without what was found in it, JSON as JSON', async () => {
    expect(await sluice(['redact'], 'mail bob@corp.example\n')).toEqual({
      status: 0,
      stdout: 'mail [email]\n',
      stderr: '',
    });
    const { stdout } = await sluice(['redact'], '{\n  "password": "hunter2hunter2"\n}');
    expect(stdout).toBe('{\n  "password": "[secret]"\n}');
  });

  it('reads files in their order, and writes nothing where one of them cannot be read', async () => {
    const [a, b] = [file('a', 'to bob@corp.example,'), file('b', ' from 203.0.113.7')];
    expect((await sluice(['redact', a, b])).stdout).toBe('to [email], from [ip]');
    for (const bad of [join(folder, 'absent'), folder]) {
      const { status, stdout, stderr } = await sluice(['redact', a, bad]);
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/^sluice: cannot read .*(ENOENT|EISDIR).*\. Try --help\.\n$/);
    }
  });

  it('with --lines redacts each line by itself', async () => {
    const lines =
      '{"token":"x","note":"bob@corp.example"}\r\nplain\n\n{"password":"hunter2hunter2"}';
    expect((await sluice(['redact', '--lines'], lines)).stdout).toBe(
      '{"token":"x","note":"[email]"}\nplain\n\n{"password":"[secret]"}\n',
    );
  });

  it('with --check writes nothing and fails where anything was found', async () => {
    expect(await sluice(['redact', '--check'], 'a [email] already')).toMatchObject({
      status: 0,
      stdout: '',
    });
    expect(
      await sluice(['redact', '--check'], 'bob@corp.example, 203.0.113.7, 203.0.113.8'),
    ).toEqual({
      status: 1,
      stdout: '',
      stderr: 'found: 2 ip, 1 email\n',
    });
  });

  it('takes an action, a key from the environment, and detectors to leave out', async () => {
    const key = { REDACTION_KEY: 'a secret of 16 characters' };
    const args = [
      'redact',
      '--action',
      'hash',
      '--key-env',
      'REDACTION_KEY',
      '--without',
      'ip, phone',
    ];
    const { stdout, stderr } = await sluice(
      [...args, '--counts'],
      'bob@corp.example 203.0.113.7',
      key,
    );
    expect(stdout).toMatch(/^\[email:#[0-9a-f]{16}\] 203\.0\.113\.7$/);
    expect(stderr).toBe('found: 1 email\n');
  });

  it.each([
    [[], 'sluice <command>'],
    [['burn'], 'there is no command `burn`'],
    [['constructor'], 'there is no command `constructor`'],
    [['re\u001B[31md'], 'there is no command `re?[31md`'],
    [['redact', '--bogus'], "Unknown option '--bogus'"],
    [['redact', '--action'], "Option '--action <value>' argument missing"],
    [['redact', '--action', 'burn'], '--action must be one of mask, partial, hash, remove'],
    [['redact', '--action', 'hash'], '--action hash needs --key-env NAME'],
    [['redact', '--key-env', 'NO_SUCH'], '--key-env: the variable NO_SUCH is not set'],
    [['redact', '--without', 'ipp'], '--without: `ipp` is no detector and no group'],
  ])('says what is wrong with %j, and how to go on', async (args, problem) => {
    const { status, stdout, stderr } = await sluice(args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(problem);
    expect(stderr).toContain('--help');
    expect(stderr).not.toContain('\u001B');
  });

  it('survives what is no UTF-8, and nothing at all', async () => {
    const bytes = Buffer.concat([
      Buffer.from([0xff, 0xfe, 0x80]),
      Buffer.from(' bob@corp.example'),
    ]);
    expect((await sluice(['redact'], bytes)).stdout).toMatch(/ \[email\]$/);
    expect(await sluice(['redact'], '')).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('ends quietly when its reader has seen enough', async () => {
    const child = spawn(process.execPath, [MAIN, 'redact', '--lines']);
    child.stdin.on('error', () => {});
    child.stdin.end('to bob@corp.example\n'.repeat(200_000));
    child.stdout.once('data', () => child.stdout.destroy());
    const status = new Promise((resolve) => child.on('close', resolve));
    expect((await buffer(child.stderr)).toString()).toBe('');
    expect(await status).toBe(0);
  });

  it('passes on a large clean file as it is', async () => {
    const clean = file('large', 'The order left on Monday. '.repeat(400_000));
    const { stdout, status } = await sluice(['redact', clean]);
    const sum = (data: string): string => createHash('sha256').update(data).digest('hex');
    expect([status, sum(stdout)]).toEqual([0, sum(readFileSync(clean, 'utf8'))]);
  });
});

describe('sluice', () => {
  it('tells its version and what it can do', async () => {
    const manifest = readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8');
    const { version } = JSON.parse(manifest) as { version: string };
    expect((await sluice(['--version'])).stdout).toBe(`${version}\n`);
    for (const args of [['--help'], ['redact', '--help']]) {
      const { status, stdout } = await sluice(args);
      expect(status).toBe(0);
      expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    }
  });
});
