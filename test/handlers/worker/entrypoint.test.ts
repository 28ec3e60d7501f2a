import { exports } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { captureTraces } from '../../../src/testing/capture-traces.ts';
import { migrate, storedSpans } from './support.ts';

beforeAll(migrate);

interface Entrypoints {
  Support: { answer(question: string): Promise<string> };
}

describe('an RPC entrypoint', () => {
  it('has one trace a call, with the spans of that call alone', async () => {
    using traces = captureTraces();
    const { Support } = exports as unknown as Entrypoints;
    const questions = ['first', 'second', 'third'];
    const ids = await Promise.all(questions.map((question) => Support.answer(question)));
    expect(new Set(ids).size).toBe(3);
    await traces.flushed();
    for (const [index, id] of ids.entries()) {
      expect(await storedSpans(id)).toEqual([{ trace_id: id, name: questions[index] }]);
    }
  });
});
