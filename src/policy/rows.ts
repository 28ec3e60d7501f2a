/** A policy as it is written: rows of cells. */
import type { DataClass } from '../model/data-class.ts';
import type { Transform } from './layers.ts';
import type { ValueRedactor } from './redact.ts';

/** What becomes of a value: `redact` hands it to the policy's `redactor`. */
export type Decision = 'keep' | 'drop' | 'redact';

/** A decision, or a redactor of the cell's own, or a function that makes of the value what may leave. */
export type Cell = Decision | ValueRedactor | Transform;

/** What becomes of one tool's data; a cell instead of an object is for its whole content. */
export interface ToolCells {
  input?: Cell;
  output?: Cell;
  errors?: Cell;
}

/** Decisions by class of data. What a row leaves out, the rows under it decide. */
export interface PolicyRow extends Partial<Record<DataClass, Cell>> {
  /** All classes of content that the row does not name: not `errors`, `metadata` and `names`. */
  content?: Cell;
  /** Overrides for the tools of these names, copies of their calls in a model's content included. */
  tools?: { readonly [tool: string]: Cell | ToolCells };
  /**
   * Overrides by path: a class, a key of the span and the way down, through JSON in texts too,
   * such as `tool.output.customer.email` or `custom.data.items.*.sku`; `*` is any one key.
   */
  fields?: { readonly [path: string]: Cell };
}

/** The base is for every destination. What no row decides is dropped, but for names, which are identity. */
export interface PolicyOptions extends PolicyRow {
  /** Named in messages. Stable, 1 to 64 of letters, digits, `_` and `-`. @default 'custom' */
  name?: string;
  /** What `redact` means, of `createRedactor()`; so that a policy without it carries no detectors. */
  redactor?: ValueRedactor;
  /** By name of the exporter, or of the service it sends to; `log` for `trace.log()`. They go over the base. */
  destinations?: { readonly [destination: string]: PolicyRow };
  /** By the option `environment`. They go over the base and, in `destinations`, over its row for the destination. */
  environments?: {
    readonly [environment: string]: PolicyRow & {
      readonly destinations?: { readonly [destination: string]: PolicyRow };
    };
  };
  /** Characters that redaction reads in one flush for one destination; what is beyond is dropped. @default 16000000 */
  maxCharacters?: number;
}

export const CLASSES: readonly DataClass[] = [
  'model',
  'tool',
  'handoff',
  'guardrail',
  'custom',
  'audio',
  'instructions',
  'other',
  'errors',
  'metadata',
  'names',
];

/** The options as the schema leaves them. */
export type CheckedOptions = PolicyOptions & {
  readonly name: string;
  readonly maxCharacters: number;
};
