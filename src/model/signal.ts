import { SluiceError } from './errors.ts';

/**
 * Runs a piece of delivery for as long as `signal` allows. Work that is still
 * pending then is left behind: bindings cannot be cancelled, but nobody waits
 * for them any longer, and their late failure is not an unhandled rejection.
 *
 * @throws SluiceError `export_timeout` when the signal aborts first; nothing is begun when it has aborted already.
 */
export function withSignal<T>(
  signal: AbortSignal,
  what: string,
  work: () => Promise<T>,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => {
      reject(new SluiceError('export_timeout', `${what} did not finish before its deadline`));
    };
    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    const settled = (): void => signal.removeEventListener('abort', onAbort);
    new Promise<T>((begin) => begin(work())).then(resolve, reject).finally(settled);
  });
}
