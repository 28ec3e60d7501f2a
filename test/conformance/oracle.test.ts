import { setTraceProcessors, setTracingDisabled } from '@openai/agents';
import type { Span, TracingProcessor } from '@openai/agents';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { act, actStreamed } from './fixture/act.ts';
import type { Part } from './fixture/act.ts';
import { blank, judgeCase } from './oracle/account.ts';
import { expectedSpans } from './oracle/expect.ts';
import { isPerfect, judge } from './oracle/judge.ts';
import type { Expectation, Holdings, Verdict } from './oracle/judge.ts';
import { fromWire } from './oracle/records.ts';
import type { StoredSpan, WireItem } from './oracle/records.ts';
import { plots, sign } from './plot.ts';
import type { PlotName } from './plot.ts';
import { openStage } from './stage/server.ts';
import type { Stage } from './stage/server.ts';

const started: Span<never>[] = [];
const nothing = async (): Promise<void> => {};
const recorder = {
  onSpanStart: async (span: Span<never>) => void started.push(span),
  onSpanEnd: nothing,
  onTraceStart: nothing,
  onTraceEnd: nothing,
  forceFlush: nothing,
  shutdown: nothing,
} as unknown as TracingProcessor;

let stage: Stage;

beforeAll(async () => {
  setTracingDisabled(false);
  setTraceProcessors([recorder]);
  stage = await openStage();
});
afterAll(() => stage.close());

const HANGING: readonly PlotName[] = ['hanging tool', 'model hangs', 'model falls silent'];

/** Acts a plot out with the bare SDK, and gives what it recorded. */
async function record(name: PlotName, streamed: boolean): Promise<[Expectation, Holdings]> {
  const marker = `m${randomBytes(8).toString('hex').replaceAll(/\d/g, 'x')}`;
  const traceId = `trace_${randomBytes(16).toString('hex')}`;
  const part: Part = { plot: sign(plots[name], marker), marker, traceId, supportUrl: stage.url };
  const spans = expectedSpans(part.plot, marker, streamed);
  const run = async (): Promise<void> => {
    if (!streamed) return void (await act(part));
    await (
      await actStreamed(part)
    ).completed;
  };
  const recorded = (): Span<never>[] => started.filter((span) => span.traceId === traceId);
  const over = run().catch(() => undefined);
  if (HANGING.includes(name)) await expect.poll(() => recorded().length).toBe(spans.length);
  else await over;
  const items = recorded().map((span) => span.toJSON() as WireItem);
  const traces = [{ id: traceId, groupId: marker }];
  return [
    { marker, traceId, spans },
    { traces, spans: items.map(fromWire) },
  ];
}

const clean: Verdict = { lost: [], duplicated: [], misplaced: [], unexpected: [], wrong: [] };

describe('the oracle expects what the bare SDK records, without having seen it', () => {
  const names = Object.keys(plots) as PlotName[];
  // Only a stream can fall silent half-way, and a span of one's own closes before a stream does.
  const whole = names.filter((name) => name !== 'model falls silent');
  const streams = names.filter((name) => name !== 'custom');

  it.each(whole)('of a run: %s', async (name) => {
    expect(judge(...(await record(name, false)))).toEqual(clean);
  });

  it.each(streams)('of a streamed run: %s', async (name) => {
    expect(judge(...(await record(name, true)))).toEqual(clean);
  });
});

describe('the oracle fails', () => {
  const spoilt = async (
    spoil: (holdings: Holdings, index: number) => Holdings,
  ): Promise<Verdict[]> => {
    const [expectation, holdings] = await record('agent as tool', false);
    return holdings.spans.map((_, index) => judge(expectation, spoil(holdings, index)));
  };
  const change = (
    { traces, spans }: Holdings,
    index: number,
    by: (span: StoredSpan) => StoredSpan[],
  ): Holdings => ({ traces, spans: spans.flatMap((span, at) => (at === index ? by(span) : span)) });

  it('when any one span is deleted', async () => {
    for (const verdict of await spoilt((all, index) => change(all, index, () => []))) {
      expect(verdict.lost.length).toBeGreaterThan(0);
    }
  });

  it('when any one span is doubled', async () => {
    const verdicts = await spoilt((all, index) => change(all, index, (span) => [span, span]));
    for (const verdict of verdicts) expect(verdict.duplicated).toHaveLength(1);
  });

  it('when any one span is doubled under an id of its own', async () => {
    const verdicts = await spoilt((all, index) =>
      change(all, index, (span) => [span, { ...span, id: 'span_copy' }]),
    );
    for (const verdict of verdicts) expect(verdict.unexpected).toHaveLength(1);
  });

  it('when any one span is moved to another trace', async () => {
    const traces = await spoilt((all, index) =>
      change(all, index, (span) => [{ ...span, traceId: 'trace_other' }]),
    );
    for (const verdict of traces) expect(verdict.lost.length).toBeGreaterThan(0);
  });

  it('when any one span is moved below another parent', async () => {
    const verdicts = await spoilt((all, index) =>
      change(all, index, (span) => {
        const parent = all.spans.find(({ id }) => id !== span.id && id !== span.parentId);
        return [{ ...span, parentId: parent?.id ?? null }];
      }),
    );
    for (const verdict of verdicts) expect(isPerfect(verdict)).toBe(false);
  });

  it('when any one span has ended otherwise than it did', async () => {
    const verdicts = await spoilt((all, index) =>
      change(all, index, (span) => [{ ...span, state: 'open' }]),
    );
    for (const verdict of verdicts) expect(isPerfect(verdict)).toBe(false);
  });

  it("when a span of another request's is in the trace, and names whose it is", async () => {
    const [expectation, { traces, spans }] = await record('tool', false);
    const [other, foreign] = await record('tool', false);
    const moved = foreign.spans.map((span) => ({
      ...span,
      traceId: span.label.startsWith('agent') ? expectation.traceId! : span.traceId,
    }));
    const all = { traces: [...traces, ...foreign.traces], spans: [...spans, ...moved] };
    expect(judge(expectation, all).misplaced).toHaveLength(1);
    expect(judge(other, all).misplaced[0]).toContain(other.marker);
  });

  it('when the trace is there under another group, or twice, or with another status', async () => {
    const [expectation, holdings] = await record('tool', false);
    const [trace] = holdings.traces;
    const wrong = (traces: Holdings['traces'], status?: string): string[] =>
      judge({ ...expectation, status }, { ...holdings, traces }).wrong;
    expect(wrong([{ ...trace!, groupId: 'other' }])).toHaveLength(1);
    expect(wrong([trace!, { ...trace!, id: 'trace_other' }])).toHaveLength(1);
    expect(wrong([{ ...trace!, status: 'ok' }], 'truncated')).toHaveLength(1);
    expect(wrong([trace!])).toEqual([]);
  });
});

describe('the account of a case', () => {
  const given = { name: '', handler: 'middleware', plot: 'tool', mayFail: ['a' as const] } as const;
  const empty: Holdings = { traces: [], spans: [] };

  async function account(
    holdings: Holdings,
    expectation: Expectation,
    outcome?: { captured?: number; exported: number; failed: number },
  ): Promise<string[]> {
    const { captured = 7, exported = 0, failed = 0 } = outcome ?? {};
    const destinations = { a: { exported, failed, dropped: {} } };
    const reports = [{ traceIds: [expectation.traceId!], captured, destinations }];
    const evidence = {
      holdings: { a: holdings, b: empty, d1: empty },
      groups: new Map<string, string>(),
      mixed: new Set<string>(),
      ...(outcome && { reports }),
    };
    const verdict = judgeCase({ ...given, mayFail: ['a'] }, ['a'], expectation, evidence);
    expect({ ...verdict, unaccounted: [] }).toEqual(blank());
    return verdict.unaccounted;
  }

  it('is whole where each span is there or counted as failed', async () => {
    const [expectation, holdings] = await record('tool', false);
    expect(await account(holdings, expectation, { exported: 7, failed: 0 })).toEqual([]);
    expect(await account(empty, expectation, { exported: 0, failed: 7 })).toEqual([]);
  });

  it('is not where a span is neither, nor where nobody says anything', async () => {
    const [expectation, holdings] = await record('tool', false);
    expect(await account(empty, expectation, { exported: 0, failed: 6 })).not.toEqual([]);
    expect(await account(empty, expectation)).not.toEqual([]);
    expect(await account(holdings, expectation)).toEqual([]);
  });

  it('is not where a report says more than is there, or less than was captured', async () => {
    const [expectation, holdings] = await record('tool', false);
    expect(await account(empty, expectation, { exported: 7, failed: 0 })).not.toEqual([]);
    const short = { captured: 6, exported: 6, failed: 0 };
    expect(await account(holdings, expectation, short)).not.toEqual([]);
  });
});
