/** What a policy says of a field, and how it is carried out. */
import type { DataClass } from '../model/data-class.ts';
import type { DropCause, Json } from '../model/records.ts';

/** Where a value stands. */
export interface FieldInfo {
  readonly class: DataClass;
  /** The way from the class to the value, such as `['output', 'customer']` for a tool's output. */
  readonly keys: readonly string[];
  /** Kind of the span: `function`, `generation` …; `trace` for metadata, `log` for the fields of a log line. */
  readonly kind: string;
  /** Name of the tool, in its own span and in a model's copy of its call. */
  readonly tool?: string | undefined;
}

/** How much redaction may read in one flush. */
export interface ReadingBudget {
  /** Characters that are left. */
  characters: number;
  /** Values that stood beyond it. */
  dropped: number;
}

/** What a treatment leaves of a value and of its key, or why nothing. */
export type Outcome = { readonly key: string; readonly value: Json } | 'drop' | DropCause;

/** What stands for a value that was dropped. */
export type Identify = (value: Json, why?: DropCause) => Promise<Json>;

/** More than keeping or dropping: a redactor, a function, or paths below the field that have decisions of their own. */
export interface Treatment {
  /** For people: `redact`, `function`, `keep, parts differ` … */
  readonly decision: string;
  later(
    field: FieldInfo,
    key: string,
    value: Json,
    budget: ReadingBudget,
    identify: Identify,
  ): Promise<Outcome>;
  /** For a log line, which is written at once: hashes are masks, and what is dropped has no fingerprint. */
  now(field: FieldInfo, key: string, value: Json, budget: ReadingBudget): Outcome;
}

/** Exchanges the names in what is identity: of agents, tools, models, groups. */
export type NamesJudge = <T extends object>(
  identity: T,
  kind: string,
  budget: ReadingBudget,
  identify: Identify,
) => Promise<T>;

/** What decides about the records for one destination. One object for all that fall under the same rows. */
export interface Matrix {
  judge(field: FieldInfo): 'keep' | 'drop' | Treatment;
  /** Absent where names stay as they are. */
  readonly names?: NamesJudge | undefined;
  /** Whether nothing but identity can pass, so that records are small whatever was captured. */
  readonly isBare: boolean;
  /** Characters that redaction may read in one flush. */
  readonly maxCharacters: number;
}
