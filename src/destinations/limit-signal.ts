/** A signal with a time limit of its own. */
export interface LimitedSignal {
  signal: AbortSignal;
  /** Whether the limit, and not the outer signal, ended it. */
  isOverdue(): boolean;
  /** Lets go of the timer and of the outer signal. */
  end(): void;
}

/** Unlike `AbortSignal.timeout()` it leaves no timer behind, which would keep a Durable Object from hibernating. */
export function limitSignal(outer: AbortSignal, limitMs: number): LimitedSignal {
  const controller = new AbortController();
  let overdue = false;
  const timer = setTimeout(() => {
    overdue = true;
    controller.abort();
  }, limitMs);
  const onAbort = (): void => controller.abort(outer.reason);
  outer.addEventListener('abort', onAbort, { once: true });
  if (outer.aborted) onAbort();
  return {
    signal: controller.signal,
    isOverdue: () => overdue,
    end() {
      clearTimeout(timer);
      outer.removeEventListener('abort', onAbort);
    },
  };
}
