import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { d1Exporter, d1Store } from '../../src/store/d1.ts';
import { makeChunk, makeTrace } from './make.ts';

// Storage is isolated by file, and no test of this file applies the migrations.
describe('a database without the migrations', () => {
  const missing = {
    code: 'missing_schema',
    message: expect.stringContaining('wrangler d1 migrations apply'),
  };

  it('is a coded error for each method of the store', async () => {
    const store = d1Store(env.TRACES_DB);
    await expect(store.write([makeChunk()])).rejects.toMatchObject(missing);
    await expect(store.listTraces()).rejects.toMatchObject(missing);
    await expect(store.getTrace('trace_a')).rejects.toMatchObject(missing);
    await expect(store.prune(0)).rejects.toMatchObject(missing);
  });

  it('is a coded error for the exporter', async () => {
    const batch = { id: 'flush', traces: [makeTrace()], spans: [] };
    const done = d1Exporter(env.TRACES_DB).export(batch, { signal: new AbortController().signal });
    await expect(done).rejects.toMatchObject(missing);
  });
});
