import type { SpanRecord } from '../model/records.ts';
import type { StoredTraceWithSpans } from '../model/store.ts';

/** Spans that an invariant speaks of. What it does not name it does not ask for. */
export interface SpanPattern {
  /** Name of a tool that was called, and that did not fail unless `failed` says so. */
  tool?: string;
  /** Name of an agent that acted. */
  agent?: string;
  /** Name of an outcome that was recorded with `trace.outcome()`, and that passed unless `failed` says so. */
  outcome?: string;
  /** Name of a guardrail that was asked, and that let pass unless `failed` says so. */
  guardrail?: string;
  /** Name of an agent that was handed over to. */
  handoffTo?: string;
  /** Asks for spans that failed. @default false */
  failed?: boolean;
}

/** What must hold wherever `when` is seen. All that is named must hold. */
export interface Requirement {
  /** Has ended before the span began. */
  before?: SpanPattern;
  /** Begins after the span has ended. */
  after?: SpanPattern;
  /** Is nowhere in the trace. */
  never?: SpanPattern;
  /** So often at most does `when` itself occur. */
  atMost?: number;
}

/** A rule of the application's own: of patterns, or a function. */
export type Invariant =
  | { name: string; when: SpanPattern; requires: Requirement }
  | {
      name: string;
      /** The spans that break it, or what is true of the trace as a whole. It must not change the trace. */
      check(trace: StoredTraceWithSpans): readonly SpanRecord[] | boolean;
    };

export interface DiagnoseOptions {
  /** What must hold in this workflow besides. */
  invariants?: readonly Invariant[];
  /** What traces of this workflow usually take. */
  usual?: {
    /** Input and output tokens of a usual trace, such as their mean or median. */
    tokens?: number;
  };
  /** From how many milliseconds on a step is slow: one number, or one for each kind of span. @default 60000 for a model's call, 10000 for others */
  slowMs?: number | { readonly [kind: string]: number };
}
