import { describe, expect, it, onTestFinished } from 'vitest';
import { withSignal } from '../../src/model/signal.ts';

describe('work under a deadline', () => {
  it('resolves and rejects as the work does', async () => {
    const { signal } = new AbortController();
    await expect(withSignal(signal, 'It', async () => 7)).resolves.toBe(7);
    await expect(
      withSignal(signal, 'It', async () => Promise.reject(new Error('no'))),
    ).rejects.toThrow('no');
  });

  it('rejects when the work throws instead of rejecting', async () => {
    const work = (): Promise<never> => {
      throw new Error('thrown');
    };
    await expect(withSignal(new AbortController().signal, 'It', work)).rejects.toThrow('thrown');
  });

  it('rejects at the abort although the work hangs', async () => {
    const controller = new AbortController();
    const done = withSignal(controller.signal, 'Sending', () => new Promise(() => undefined));
    controller.abort();
    await expect(done).rejects.toMatchObject({
      code: 'export_timeout',
      message: expect.stringContaining('Sending'),
    });
  });

  it('begins nothing under a signal that has aborted', async () => {
    let begun = false;
    const done = withSignal(AbortSignal.abort(), 'It', async () => (begun = true));
    await expect(done).rejects.toMatchObject({ code: 'export_timeout' });
    expect(begun).toBe(false);
  });

  it('leaves no unhandled rejection when the work fails after the abort', async () => {
    const unhandled: unknown[] = [];
    const note = (event: PromiseRejectionEvent): void => void unhandled.push(event.reason);
    addEventListener('unhandledrejection', note);
    onTestFinished(() => removeEventListener('unhandledrejection', note));
    const controller = new AbortController();
    let fail = (_: Error): void => undefined;
    const done = withSignal(
      controller.signal,
      'It',
      () => new Promise((_, reject) => (fail = reject)),
    );
    controller.abort();
    await expect(done).rejects.toMatchObject({ code: 'export_timeout' });
    fail(new Error('late'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(unhandled).toEqual([]);
  });
});
