/** A workerd process, as Linux sees it. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The process that listens at an address: wrangler starts two, and others may run theirs beside them. */
export function pidOf(origin: string): number {
  const port = Number(new URL(origin).port).toString(16).toUpperCase().padStart(4, '0');
  const sockets = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = '', , state]) => local.endsWith(`:${port}`) && state === LISTENING)
    .map((fields) => `socket:[${fields[INODE]}]`);
  const pid = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isAlive(Number(name)))
    .find((name) => filesOf(name).some((file) => sockets.includes(file)));
  if (pid === undefined) throw new Error(`no workerd listens at ${origin}`);
  return Number(pid);
}

const LISTENING = '0A';
const INODE = 9;

export function isAlive(pid: number): boolean {
  return ifThere(() => readFileSync(`/proc/${pid}/comm`, 'utf8').trim()) === 'workerd';
}

/** The most megabytes that the process has had in memory, what V8 has not collected yet included. */
export function peakMemory(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]);
  return (kilobytes * 1_024) / 1_000_000;
}

function filesOf(pid: string): string[] {
  const folder = `/proc/${pid}/fd`;
  const names = ifThere(() => readdirSync(folder)) ?? [];
  return names.flatMap((name) => ifThere(() => readlinkSync(`${folder}/${name}`)) ?? []);
}

/** A process, and what it has open, may be gone or someone else's. */
function ifThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['ENOENT', 'ESRCH', 'EACCES'].includes(code)) return undefined;
    throw error;
  }
}
