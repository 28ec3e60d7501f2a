import { env } from 'cloudflare:workers';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Chunk } from '../../src/model/envelope.ts';
import { d1Store } from '../../src/store/d1.ts';
import { emptied, makeChunk, makeSpan, migrated, nativeId, NOON, oldWrite } from './make.ts';

const db = env.TRACES_DB;
const store = d1Store(db);

beforeAll(migrated);
beforeEach(emptied);

const model = (tokens: number) => {
  const usage = { input_tokens: tokens, output_tokens: 1 };
  return makeSpan('m', {
    facts: { kind: 'generation', model: 'gpt-5', usage, counts_usage: true },
  });
};

function stepsOf(n: number): [Chunk, Chunk] {
  const at = { id: nativeId(NOON + n), started_at: NOON + n };
  return [
    makeChunk({ ...at, flush_id: `o${n}`, status: 'incomplete' }, [model(100)]),
    makeChunk({ ...at, flush_id: `p${n}`, flush_seq: 1, ended_at: NOON + 9_000, status: 'error' }, [
      makeSpan('b'),
    ]),
  ];
}

describe('what an older package writes between the migration and the deployment', () => {
  it('moved in the hours without having been counted, so that three failed traces were minus three', async () => {
    await store.write([makeChunk({ flush_id: 'new' }, [makeSpan('a')])]);
    for (const n of [1, 2, 3]) for (const step of stepsOf(n)) await oldWrite(step);
    for (const hours of [1, 24] as const) {
      expect((await store.hourly({ hours })).hours).toMatchObject([
        { traces: 4, tracesEstimated: 4, statuses: { ok: 1, error: 3 } },
      ]);
    }
  });

  it('counts once when it comes again, and when either package goes on with it', async () => {
    const [[first, second], [third, fourth]] = [stepsOf(1), stepsOf(2)];
    await oldWrite(first);
    await oldWrite(first);
    await store.write([first, second]);
    await store.write([third]);
    await oldWrite(third);
    await oldWrite(fourth);
    expect((await store.hourly()).hours).toMatchObject([
      { traces: 2, tracesEstimated: 2, statuses: { error: 2 } },
    ]);
  });

  it('has its tokens in the hours, of a model that nobody knows', async () => {
    const [old] = stepsOf(1);
    await oldWrite({ ...old, trace: { ...old.trace, metadata: { release: '7' } } });
    await oldWrite(stepsOf(2)[0]);
    await oldWrite(stepsOf(2)[0]);
    await store.write([stepsOf(3)[0]]);
    expect(await store.usage({ by: 'release' })).toMatchObject([
      { key: '', model: '', inputTokens: 100, outputTokens: 1 },
      { key: '', model: 'gpt-5', inputTokens: 100 },
      { key: '7', model: '', inputTokens: 100 },
    ]);
  });
});

describe('the hours of which somebody deleted the rows', () => {
  it('showed fewer than no traces of a status that they moved out of', async () => {
    const [first, second] = stepsOf(1);
    await store.write([first]);
    await db.prepare('DELETE FROM hourly_totals').run();
    await store.write([makeChunk({ flush_id: 'new' })]);
    await store.write([second]);
    const [hour] = (await store.hourly()).hours;
    expect(hour).toMatchObject({ traces: 1, statuses: { ok: 1, error: 1 } });
    expect(hour?.statuses).not.toHaveProperty('incomplete');
  });
});
