import { describe, expect, it } from 'vitest';
import { PartialExportError } from '../../src/model/errors.ts';
import type { TraceExporter } from '../../src/model/exporter.ts';
import type { TraceBatch } from '../../src/model/records.ts';
import { failing, flaky, hanging, partial, recording, slow } from '../../src/testing/faults.ts';
import { makeSpan, makeTrace } from '../store/make.ts';

const batchOf = (...names: string[]): TraceBatch => ({
  id: 'flush',
  traces: [makeTrace()],
  spans: names.map((name) => makeSpan(name)),
});
const send = (exporter: TraceExporter, batch = batchOf('a'), ms = 1_000): Promise<void> =>
  exporter.export(batch, { signal: AbortSignal.timeout(ms) });

const makers: [string, (name?: string) => ReturnType<typeof recording>][] = [
  ['recording', (name) => recording(name === undefined ? {} : { name })],
  ['failing', (name) => failing(undefined, name === undefined ? {} : { name })],
  ['hanging', (name) => hanging(name === undefined ? {} : { name })],
  ['slow', (name) => slow(0, undefined, name === undefined ? {} : { name })],
  ['flaky', (name) => flaky(1, undefined, name === undefined ? {} : { name })],
  ['partial', (name) => partial(0, undefined, name === undefined ? {} : { name })],
];

describe('every exporter of the kit', () => {
  it.each(makers)('is named %s, or as it is told', (name, make) => {
    expect(make().name).toBe(name);
    expect(make('other').name).toBe('other');
  });

  it.each(makers)('counts its calls and keeps a copy of each batch: %s', async (_name, make) => {
    const exporter = make();
    const batch = batchOf('a', 'b');
    for (let n = 0; n < 2; n += 1) {
      await Promise.race([Promise.allSettled([send(exporter, batch)]), Promise.resolve()]);
    }
    batch.spans.pop();
    expect(exporter.calls).toBe(2);
    expect(exporter.batches).toEqual(Array(2).fill(batchOf('a', 'b')));
  });

  it('takes the name and the destination of the exporter behind it', () => {
    const behind = { ...recording({ name: 'openai' }), destination: 'openai' };
    for (const exporter of [slow(0, behind), flaky(1, behind), partial(1, behind)]) {
      expect(exporter).toMatchObject({ name: 'openai', destination: 'openai' });
    }
  });
});

describe('failing()', () => {
  it('rejects with a coded error, or with what it is given', async () => {
    await expect(send(failing())).rejects.toMatchObject({ code: 'export_failed' });
    await expect(send(failing('no'))).rejects.toBe('no');
  });
});

describe('hanging()', () => {
  const outcome = async (exporter: TraceExporter): Promise<unknown> =>
    Promise.race([
      send(exporter, undefined, 5).catch((error: unknown) => error),
      new Promise((resolve) => setTimeout(() => resolve('hangs'), 60)),
    ]);

  it('does not even listen to the signal', async () => {
    expect(await outcome(hanging())).toBe('hangs');
  });

  it('rejects at the signal where it is told to', async () => {
    expect(await outcome(hanging({ honourSignal: true }))).toMatchObject({ name: 'TimeoutError' });
    const late = hanging({ honourSignal: true }).export(batchOf(), {
      signal: AbortSignal.abort('why'),
    });
    await expect(late).rejects.toMatchObject({ code: 'export_timeout', cause: 'why' });
  });
});

describe('slow()', () => {
  it('delivers after its time, and not when the signal comes first', async () => {
    const kept = recording();
    const before = Date.now();
    await send(slow(50, kept));
    expect(Date.now() - before).toBeGreaterThanOrEqual(45);
    await expect(send(slow(5_000, kept), undefined, 5)).rejects.toMatchObject({
      name: 'TimeoutError',
    });
    expect(kept.calls).toBe(1);
  });
});

describe('flaky()', () => {
  it('fails as often as it is told, then delivers', async () => {
    const kept = recording();
    const exporter = flaky(2, kept);
    const results = [];
    for (let n = 0; n < 4; n += 1) results.push(...(await Promise.allSettled([send(exporter)])));
    expect(results.map(({ status }) => status)).toEqual([
      'rejected',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    expect(kept.calls).toBe(2);
  });
});

describe('partial()', () => {
  it('takes the first spans and says how many', async () => {
    const kept = recording();
    const error: unknown = await send(partial(2, kept), batchOf('a', 'b', 'c')).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(PartialExportError);
    expect(error).toMatchObject({ exportedSpans: 2 });
    expect(kept.batches).toEqual([batchOf('a', 'b')]);
  });

  it('takes all where there are no more', async () => {
    await expect(send(partial(2), batchOf('a', 'b'))).resolves.toBeUndefined();
  });
});
