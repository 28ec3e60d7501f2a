import { withCustomSpan } from '@openai/agents';
import { env } from 'cloudflare:workers';
import { describe, expect, it, vi } from 'vitest';
import type { Metadata } from '../../src/identity/metadata.ts';
import { definePolicy } from '../../src/policy/define.ts';
import { full, metadataOnly } from '../../src/policy/policy.ts';
import { redacted } from '../../src/policy/redacted.ts';
import { queueExporter } from '../../src/queue/exporter.ts';
import { d1Exporter } from '../../src/store/d1.ts';
import { createRedactor } from '../../src/redaction/redactor.ts';
import { migrated } from '../store/make.ts';
import { memoryExporter, scripted, send, toolThenText, tracedApp } from '../support/app.ts';
import type { MemoryExporter, Options } from '../support/app.ts';
import { observeTraces } from '../support/observe.ts';

const traces = observeTraces();

async function runUnder(
  options: Options,
  question = 'Where is A-1? Write to bob@corp.example',
): Promise<Awaited<ReturnType<typeof traces.flushed>>> {
  const { app } = tracedApp(options);
  app.get('/', async (c) => {
    const { runner, agent } = scripted(toolThenText);
    await runner.run(agent, question);
    return c.text('ok');
  });
  await (await send(app)).text();
  return traces.flushed();
}

const textOf = ({ batches }: MemoryExporter): string => JSON.stringify(batches);

describe('destinations under one policy', () => {
  const policy = definePolicy({
    redactor: createRedactor(),
    content: 'redact',
    metadata: 'keep',
    tools: { lookup_order: { output: 'keep' } },
    destinations: { openai: { content: 'drop' }, archive: { content: 'keep' } },
  });

  it('get each what its row lets through, of the same spans, and the account is one', async () => {
    const [store, dashboard, archive] = ['store', 'dashboard', 'archive'].map(memoryExporter);
    const exporters = [store!, { ...dashboard!, destination: 'openai' }, archive!];
    const { reports } = await runUnder({ policy, exporters: () => exporters });
    // The second destination and those after it had no trace record.
    for (const one of [store!, dashboard!, archive!]) expect(one.traces).toHaveLength(1);
    const ids = store!.spans.map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(3);
    for (const other of [dashboard!, archive!])
      expect(other.spans.map(({ id }) => id)).toEqual(ids);
    expect(textOf(store!)).toContain('Write to [email]');
    expect(textOf(store!)).toContain('order A-1 is on its way');
    expect(textOf(store!)).not.toContain('bob@corp.example');
    expect(textOf(dashboard!)).not.toMatch(/Write to|on its way/);
    expect(textOf(archive!)).toContain('bob@corp.example');
    const one = { exported: ids.length, failed: 0, dropped: {} };
    expect(reports[0]?.destinations).toEqual({ store: one, dashboard: one, archive: one });
    expect(reports[0]?.faults).toEqual({});
  });

  it('do not share what they are given, though they fall under the same row', async () => {
    const meddler = memoryExporter('meddler');
    const store = memoryExporter('store');
    const exporters = [
      { ...meddler, export: async (batch: never) => void Object.assign(batch, { spans: [] }) },
      store,
    ];
    await runUnder({ policy, exporters: () => exporters });
    expect(store.spans.length).toBeGreaterThan(3);
  });

  it('that no exporter has the name of are warned of once', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const misspelt = definePolicy({
      name: 'misspelt',
      destinations: { opneai: { content: 'drop' } },
    });
    await runUnder({ policy: misspelt });
    await runUnder({ policy: misspelt });
    const warnings = warn.mock.calls.map(([line]) => String(line));
    expect(warnings.filter((line) => line.includes('`opneai`'))).toEqual([
      expect.stringContaining('policy misspelt has a row for the destination `opneai`'),
    ]);
  });
});

describe('the option `environment`', () => {
  const policy = definePolicy({
    content: 'keep',
    metadata: 'keep',
    environments: { production: { content: 'drop' }, staging: {} },
  });

  it('chooses the row of the policy and is metadata, unless the application sets its own', async () => {
    const memory = memoryExporter();
    const exporters = (): MemoryExporter[] => [memory];
    await runUnder({ policy, environment: 'production', exporters });
    expect(textOf(memory)).not.toContain('bob@corp.example');
    expect(memory.traces[0]?.metadata).toMatchObject({ environment: 'production' });
    memory.batches.length = 0;
    const metadata = (): Metadata => ({ environment: 'blue' });
    await runUnder({ policy, environment: 'staging', exporters, metadata });
    expect(textOf(memory)).toContain('bob@corp.example');
    expect(memory.traces[0]?.metadata).toMatchObject({ environment: 'blue' });
  });
});

describe('what a policy fails on', () => {
  it('is dropped, counted among the faults, and takes nothing else with it', async () => {
    const memory = memoryExporter();
    const policy = definePolicy({
      content: 'keep',
      tool: () => {
        throw new Error('broken');
      },
    });
    const { reports } = await runUnder({ policy, exporters: () => [memory] });
    expect(reports[0]?.faults).toEqual({ 'policy.transform_failed': 2 });
    expect(reports[0]?.destinations['memory']).toMatchObject({ failed: 0, dropped: {} });
    const tool = memory.spans.find(({ facts }) => facts.kind === 'function');
    expect(tool?.span_data['output']).toMatchObject({ reason: 'transform_failed' });
    expect(textOf(memory)).toContain('Where is A-1?');
  });

  it('beyond its characters is dropped and counted, and the response has long been sent', async () => {
    const memory = memoryExporter();
    const policy = definePolicy({
      redactor: createRedactor(),
      content: 'redact',
      maxCharacters: 1_000,
    });
    const { reports } = await runUnder({ policy, exporters: () => [memory] }, 'x'.repeat(20_000));
    expect(reports[0]?.faults['policy.over_budget']).toBeGreaterThan(0);
    expect(textOf(memory)).toContain('"reason":"over_budget"');
    expect(textOf(memory)).not.toContain('xxxx');
  });
});

it('under `redacted` a run leaves no finding and under `full` it does', async () => {
  const memory = memoryExporter();
  await runUnder({ policy: redacted, exporters: () => [memory] });
  expect(textOf(memory)).toContain('Where is A-1? Write to [email]');
  expect(textOf(memory)).not.toContain('bob@corp.example');
  memory.batches.length = 0;
  await runUnder({ policy: full, exporters: () => [memory] });
  expect(textOf(memory)).toContain('bob@corp.example');
});

it('judging a large step kept the thread from everything else the request does', async () => {
  const memory = memoryExporter();
  const { app } = tracedApp({ policy: redacted, exporters: () => [memory] });
  app.get('/', async (c) => {
    for (let n = 0; n < 40; n += 1) {
      const data = { name: 'work', text: `${n} ${'The order left on Monday. '.repeat(4_000)}` };
      await withCustomSpan(async () => {}, { data: { name: 'work', data } });
    }
    return c.text('ok');
  });
  await (await send(app)).text();
  let isFlushed = false;
  const flushed = traces.flushed().then(() => (isFlushed = true));
  let turns = 0;
  while (!isFlushed) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    turns += 1;
  }
  await flushed;
  expect(memory.spans).toHaveLength(40);
  expect(turns).toBeGreaterThan(15);
});

it.each([2_000, 8_000, 200_000])(
  'a value nested %i levels deep took every span of its flush with it, at every destination',
  async (levels) => {
    await migrated();
    for (const policy of [full, redacted, metadataOnly]) {
      const one = memoryExporter('one');
      const two = memoryExporter('two');
      const exporters = [one, two, queueExporter(env.TRACES_QUEUE), d1Exporter(env.TRACES_DB)];
      const { app } = tracedApp({ policy, exporters: () => exporters });
      app.get('/', async (c) => {
        let deep: unknown = 'x';
        for (let level = 0; level < levels; level += 1) deep = [deep];
        const data = { name: 'deep', data: { deep } };
        await withCustomSpan(async () => {}, { data });
        await withCustomSpan(async () => {}, { data: { name: 'other', data: { a: 1 } } });
        return c.text('ok');
      });
      await (await send(app)).text();
      const { reports } = await traces.flushed();
      expect(reports[0]?.faults).toEqual({});
      for (const destination of Object.values(reports[0]?.destinations ?? {}))
        expect(destination).toMatchObject({ exported: 2, failed: 0, dropped: {} });
      expect(two.spans.map(({ facts }) => facts.name)).toEqual(['deep', 'other']);
    }
  },
);
