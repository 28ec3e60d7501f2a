/** A point in time that work is raced against. It belongs to the request that made it. */
export interface Deadline {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly expired: Promise<'deadline'>;
  /** Lets go of the timer. */
  clear(): void;
}

export function startDeadline(ms: number, now: () => number): Deadline {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const expired = new Promise<'deadline'>((resolve) => {
    timer = setTimeout(() => resolve('deadline'), ms);
  });
  return { at: now() + ms, expired, clear: () => clearTimeout(timer) };
}

/** Gives what has been started its turn: one round of the event loop, or `ms` milliseconds. */
export function nextTurn(ms = 0): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
