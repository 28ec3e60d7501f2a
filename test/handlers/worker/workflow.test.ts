import { introspectWorkflowInstance } from 'cloudflare:test';
import { beforeAll, describe, expect, it } from 'vitest';
import type { FlowOutput } from '../../fixtures/handlers/flow.ts';
import { env, migrate, storedSpans } from './support.ts';

beforeAll(migrate);

describe('the steps of a Workflow', () => {
  it.each([
    ['waiting for the flush inside each step', false],
    ["under the Workflow's own ctx", true],
  ])('have each span in the store once, replayed and retried, %s', async (_, useCtx) => {
    const id = `flow-${useCtx}`;
    await using instance = await introspectWorkflowInstance(env.FLOW, id);
    await instance.modify(async (modifier) => {
      await modifier.disableSleeps();
      await modifier.disableRetryDelays();
    });
    const flow = await env.FLOW.create({ id, params: { useCtx } });
    await expect.poll(() => storedSpans(id), { timeout: 5_000 }).toHaveLength(1);
    await flow.pause();
    await expect.poll(async () => (await flow.status()).status, { timeout: 5_000 }).toBe('paused');
    await flow.resume();
    await flow.sendEvent({ type: 'go', payload: {} });
    await instance.waitForStatus('complete');
    const { triage, answer, runs } = (await instance.getOutput()) as FlowOutput;
    expect(runs).toBe(2);
    await expect.poll(() => storedSpans(id), { timeout: 5_000 }).toHaveLength(3);
    expect(await storedSpans(id)).toEqual([
      { trace_id: triage, name: 'triage' },
      { trace_id: expect.any(String), name: 'answer 1' },
      { trace_id: answer, name: 'answer 2' },
    ]);
  });
});
