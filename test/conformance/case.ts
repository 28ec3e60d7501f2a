/** A case of the suite: one request or event, how it goes wrong, and what has to come of it. */
import type { Fault } from '../support/script.ts';
import type { PlotName } from './plot.ts';
import type { Deadline, Destination, How } from './script.ts';
import type { Weather } from './stage/server.ts';

/** What calls the agent. */
type Handler =
  | 'middleware'
  | 'fetch'
  | 'queue'
  | 'queue-batch'
  | 'scheduled'
  | 'email'
  | 'object-method'
  | 'object-alarm'
  | 'object-socket'
  | 'workflow'
  | 'rpc';

/**
 * When the client leaves: before the first byte, once it has read `data:` words
 * of an answer, or when the first POST of its trace has come in at the sink.
 */
type Leaving = 'before an answer' | 'in the answer' | 'during the flush';

/** A place where records may end up: one of the two sinks, or the database. */
export type Place = 'a' | 'b' | 'd1';

export interface Case {
  /** A sentence that ends "…: every span is accounted for". */
  name: string;
  handler: Handler;
  plot: PlotName;
  how?: How;
  method?: 'GET' | 'HEAD';
  leaves?: Leaving;
  destination?: Destination;
  /** @default 'long' */
  deadline?: Deadline;
  weather?: Partial<Record<'a' | 'b', Weather>>;
  /** Places that may end up without the spans, if each is counted as failed. */
  mayFail?: Place[];
  /** How often the plot is acted out, where it is not what `how` says. */
  runs?: number;
  /** How many traces it makes. @default 1 where there are spans */
  traces?: number;
  /** Whether spans ended or not is not settled by the plot. */
  anyState?: boolean;
  status?: string;
  /** Other requests of the same kind, which have to be whole as well. */
  crowd?: { when: 'beside' | 'after'; size: number; plot?: PlotName };
}

export function forEver(always: Fault): Weather {
  return { always };
}

export function once(...faults: Fault[]): Weather {
  return { faults };
}
