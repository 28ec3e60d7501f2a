/** A workerd process, as the system sees it. */
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';

const LISTENING = '0A';

/** The process that listens on a loopback port: others run their own workerd beside ours. */
export function pidOf(origin: string): number {
  const port = Number(new URL(origin).port).toString(16).toUpperCase().padStart(4, '0');
  const inodes = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = '', , state]) => local.endsWith(`:${port}`) && state === LISTENING)
    .map((fields) => `socket:[${fields[9]}]`);
  const isListener = (pid: string): boolean =>
    nameOf(pid) === 'workerd' && socketsOf(pid).some((socket) => inodes.includes(socket));
  const pid = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .find(isListener);
  if (!pid) throw new Error(`no workerd listens at ${origin}`);
  return Number(pid);
}

function nameOf(pid: string): string | undefined {
  return tried(() => readFileSync(`/proc/${pid}/comm`, 'utf8').trim());
}

function socketsOf(pid: string): string[] {
  const folder = `/proc/${pid}/fd`;
  const files = tried(() => readdirSync(folder)) ?? [];
  return files.flatMap((file) => tried(() => readlinkSync(`${folder}/${file}`)) ?? []);
}

/** What a process has may be gone before it is read. */
function tried<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

const BYTES_A_KILOBYTE = 1024;

/** Resident memory in megabytes: now, and the most that there was since `forgetPeak`. */
export function memoryOf(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string): number => {
    const [, kilobytes] = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status) ?? [];
    return (Number(kilobytes) * BYTES_A_KILOBYTE) / 1e6;
  };
  return { now: field('VmRSS'), peak: field('VmHWM') };
}

/** 5 is what the kernel takes for this. */
export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}
