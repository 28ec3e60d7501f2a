import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TraceExporter } from '../../src/model/exporter.ts';
import { redrive } from '../../src/queue/redrive.ts';
import type { RedriveOptions } from '../../src/queue/redrive.ts';
import { d1Store } from '../../src/store/d1.ts';
import { migrated } from '../store/make.ts';

const store = d1Store(env.TRACES_DB);
const exporter: TraceExporter = { name: 'none', export: async () => undefined };

beforeAll(migrated);

describe('configuring a redrive', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['nowhere to deliver to', { to: {} }, 'to must have'],
    ['no exporters', { to: { exporters: [] } }, 'to must have'],
    ['no target', { to: undefined }, 'to must have'],
    ['a misspelt target', { to: { store, exporter } }, 'target "exporter"'],
    ['what is no exporter', { to: { exporters: [null] } }, 'to.exporters'],
    ['what is no list of exporters', { to: { exporters: exporter } }, 'to.exporters'],
    ['what is no store', { to: { store: {} } }, 'to.store'],
    ['what is no queue', { to: { queue: {} } }, 'to.queue'],
    ['a queue beside a store', { to: { store, queue: env.TRACES_QUEUE } }, 'or else a queue'],
    ['no letters', { from: {} }, 'from must be'],
    ['a limit of 0', { limit: 0 }, 'limit must be'],
    ['a limit over 1000', { limit: 1_001 }, 'limit must be'],
    ['a cursor of its own', { cursor: 'mine' }, 'cursor'],
    ['a cursor that is no text', { cursor: 7 }, 'cursor must be'],
    ['a deadline of 0', { deadlineMs: 0 }, 'deadlineMs must be'],
    ['a deadline before now', { deadlineMs: -1 }, 'deadlineMs must be'],
    ['a deadline that is no number', { deadlineMs: NaN }, 'deadlineMs must be'],
    ['a misspelt option', { deadline: 5 }, 'option "deadline"'],
  ])('refuses %s and says what it must be', async (_, patch, why) => {
    const options: RedriveOptions = { from: store, to: { store }, ...patch };
    await expect(redrive(options)).rejects.toMatchObject({
      code: 'invalid_option',
      message: expect.stringContaining(why),
    });
  });

  it.each([undefined, null, 'store'])('refuses to be called with %s', async (options) => {
    await expect(redrive(options as unknown as RedriveOptions)).rejects.toMatchObject({
      code: 'invalid_option',
      message: expect.stringContaining('pass { from, to }'),
    });
  });
});
