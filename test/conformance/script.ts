/** What a Worker is told to do for one request. Shared by the stage (Node) and the fixtures (workerd). */
import type { Plot } from './plot.ts';

/**
 * What the handler does with the run:
 *
 * - `json`: awaits it and answers
 * - `sse`: runs inside Hono's `streamSSE`
 * - `text`: hands the run's own text stream out as the body
 * - `pull`: runs when the body is first pulled
 * - `unawaited`: starts a streamed run, and answers without another look at it
 * - `waitUntil`: answers, and the run goes on under `waitUntil`
 * - `parallel`, `sequence`: two runs
 * - `none`: no run at all
 * - `throws-before`, `throws-after`: fails, without a run or after it
 * - `refuses-after`: throws an HTTPException of 418 after the run
 * - `breaks`: the body fails at its source after the run
 * - `empty`: answers 204 after the run
 * - `fails-once`: throws after the run, the first time
 */
export type How =
  | 'json'
  | 'sse'
  | 'text'
  | 'pull'
  | 'unawaited'
  | 'waitUntil'
  | 'parallel'
  | 'sequence'
  | 'none'
  | 'throws-before'
  | 'throws-after'
  | 'refuses-after'
  | 'breaks'
  | 'empty'
  | 'fails-once';

/** Where the Worker sends its traces. */
export type Destination =
  | 'sink'
  | 'queue'
  | 'd1'
  | 'fallback'
  | 'two-sinks'
  | 'sink-and-queue'
  | 'steps';

/** How long a flush may take: short where something hangs for ever, long where nothing should be cut off. */
export type Deadline = 'short' | 'long';

export interface Script {
  marker: string;
  /** Where the caller names the trace. */
  traceId?: string;
  plot: Plot;
  how: How;
  destination: Destination;
  deadline: Deadline;
}
