/** What is asked of both databases. */
import type { TraceQuery, TraceStore } from '../../src/model/store.ts';
import { chunkOf, DAYS, END, traceOf } from './traces.ts';

const DAY_MS = 86_400_000;

export interface Question {
  /** Whether an index answers it, so that it may take 1.5 times as long and no more. */
  bounded: boolean;
  /** @param of how many traces there are */
  ask(store: TraceStore, of: number): Promise<unknown>;
}

const list =
  (query: (of: number) => TraceQuery) =>
  (store: TraceStore, of: number): Promise<unknown> =>
    store.listTraces(query(of));

const middle = (of: number) => traceOf(of >> 1, of);

export const QUESTIONS: Record<string, Question> = {
  list: { bounded: true, ask: list(() => ({})) },
  'a page of it': {
    bounded: true,
    ask: list((of) => ({
      cursor: `${middle(of).started_at}.${encodeURIComponent(middle(of).id)}`,
    })),
  },
  'list of a day': { bounded: true, ask: list(() => ({ from: END - DAY_MS, limit: 10 })) },
  'status error': { bounded: true, ask: list(() => ({ status: 'error', limit: 5 })) },
  group: { bounded: true, ask: list((of) => ({ groupId: middle(of).group_id ?? '' })) },
  'request id': { bounded: true, ask: list((of) => ({ requestId: middle(of).request_id ?? '' })) },
  'a trace of 20 spans': { bounded: true, ask: (store, of) => store.getTrace(middle(of).id) },
  'a trace of 2,000 spans': {
    bounded: true,
    ask: (store, of) => store.getTrace(chunkOf(of, of).trace.id),
  },
  'charts, 24 hours': { bounded: true, ask: (store) => store.hourly({ from: END - DAY_MS }) },
  'charts, 7 days': {
    bounded: true,
    ask: (store) => store.hourly({ from: END - 7 * DAY_MS, hours: 24 }),
  },
  'charts, 30 days': {
    bounded: true,
    ask: (store) => store.hourly({ from: END - DAYS * DAY_MS, hours: 24 }),
  },
  'usage, 30 days': {
    bounded: true,
    ask: (store) => store.usage({ by: 'model', from: END - DAYS * DAY_MS, hours: 24 }),
  },
  workflow: { bounded: false, ask: list(() => ({ workflow: 'billing' })) },
  'workflow that is none': { bounded: false, ask: list(() => ({ workflow: 'none' })) },
  'release, the oldest': { bounded: false, ask: list(() => ({ metadata: { release: 'r0' } })) },
  'prompt version, rare': {
    bounded: false,
    ask: list(() => ({ metadata: { prompt_version: 'rare' } })),
  },
  'model alias': { bounded: false, ask: list(() => ({ model: 'fast' })) },
  tool: { bounded: false, ask: list(() => ({ tool: 'search_docs' })) },
  'tool, rare': { bounded: false, ask: list(() => ({ tool: 'rare_tool' })) },
  'error kind': { bounded: false, ask: list(() => ({ errorKind: 'tool_error' })) },
  'duration that none has': { bounded: false, ask: list(() => ({ minDurationMs: 3_600_000 })) },
  'tokens that none has': { bounded: false, ask: list(() => ({ minTokens: 1_000_000 })) },
  'group and tool': {
    bounded: false,
    ask: list((of) => ({ groupId: middle(of).group_id ?? '', tool: 'rare_tool' })),
  },
  'error and workflow': {
    bounded: false,
    ask: list(() => ({ status: 'error', workflow: 'none' })),
  },
};
