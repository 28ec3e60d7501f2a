/** Stored spans may be anything that has an id; pages and rules get what the types of a record say. */
import type { SpanFacts, SpanRecord } from '../model/records.ts';
import { SluiceError } from '../model/errors.ts';
import type { TraceStore } from '../model/store.ts';

const TEXTS = [
  'name',
  'model',
  'finish_reason',
  'handoff_from',
  'handoff_to',
  'error_kind',
  'error_class',
];
const FLAGS = [
  'counts_usage',
  'refusal',
  'arguments_valid',
  'output_valid',
  'guardrail_triggered',
  'truncated',
];
const NUMBERS = ['tool_calls', 'turn', 'max_turns'];
const TOKENS = ['input_tokens', 'output_tokens', 'cached_input_tokens', 'reasoning_tokens'];

const READ = ['listTraces', 'getTrace', 'spansOf', 'hourly', 'usage'] as const;

/** What the viewer reads of a store. */
export type ReadStore = Pick<TraceStore, (typeof READ)[number]>;

/** @throws SluiceError `missing_binding` that names what is not there, such as in a promise of a store */
export function checkedStore(store: ReadStore): ReadStore {
  const missing = READ.find(
    (name) => typeof (Object(store) as Partial<ReadStore>)[name] !== 'function',
  );
  if (missing !== undefined) {
    throw new SluiceError(
      'missing_binding',
      `traceViewer: store(env) gave what has no ${missing}(): give d1Store(env.TRACES_DB), or a store that storeContract() of sluice/testing passes. It must not be a promise.`,
    );
  }
  return store;
}

/** The store, of whose spans what is of a wrong type is left out, and ids can stand in an address. */
export function soundStore(store: ReadStore): ReadStore {
  return {
    listTraces: (query) => store.listTraces(query),
    hourly: (query) => store.hourly(query),
    usage: (query) => store.usage(query),
    async getTrace(traceId) {
      const trace = await store.getTrace(traceId);
      if (!trace) return undefined;
      return {
        ...trace,
        metadata: withoutPrototype(trace.metadata),
        spans: soundSpans(trace.spans),
      };
    },
    async spansOf(traceIds, limit) {
      const page = await store.spansOf(traceIds, limit);
      const spans = [...page.spans].map(([id, own]) => [id, soundSpans(own)] as const);
      return { ...page, spans: new Map(spans) };
    },
  };
}

/** So that a key that another trace has, such as `constructor`, is not found in this one. */
function withoutPrototype(fields: Record<string, string>): Record<string, string> {
  return Object.assign(Object.create(null) as Record<string, string>, fields);
}

function soundSpans(spans: readonly SpanRecord[]): SpanRecord[] {
  const ids = idsFor(spans);
  return spans.map((span) => soundSpan(span, ids));
}

function soundSpan(span: SpanRecord, ids: ReadonlyMap<string, string>): SpanRecord {
  const { id, trace_id, parent_id, span_data, error, facts, extra } = span;
  const idOf = (stored: string): string => ids.get(stored) ?? idIn(stored);
  return {
    object: 'trace.span',
    id: idOf(id),
    trace_id: idIn(trace_id),
    parent_id: isText(parent_id) ? idOf(parent_id) : null,
    started_at: textOrNull(span.started_at),
    ended_at: textOrNull(span.ended_at),
    span_data,
    error: error ?? null,
    facts: soundFacts(facts),
    ...(isObject(extra) ? { extra } : {}),
  };
}

/** An address takes no half of a surrogate pair, and a page's parser changes returns and NULs. */
function idIn(text: string): string {
  return text.toWellFormed().replaceAll(/[\0\r]/g, '\uFFFD');
}

/** What ids are on a page, by what is stored: those that would become the same are numbered, so that each span has a row. */
function idsFor(spans: readonly SpanRecord[]): ReadonlyMap<string, string> {
  const stored = new Set(spans.map(({ id }) => id));
  const taken = new Set([...stored].filter((id) => idIn(id) === id));
  const numbers = new Map<string, number>();
  const ids = new Map<string, string>();
  for (const id of stored) {
    const base = idIn(id);
    if (base === id) continue;
    let free = base;
    for (let n = numbers.get(base) ?? 2; taken.has(free); n += 1) {
      free = `${base}~${n}`;
      numbers.set(base, n + 1);
    }
    taken.add(free);
    ids.set(id, free);
  }
  return ids;
}

function soundFacts(facts: SpanFacts): SpanFacts {
  const { usage, outcome, cut } = facts as { [K in keyof SpanFacts]: unknown };
  return {
    kind: facts.kind,
    ...those(facts, TEXTS, isText),
    ...those(facts, FLAGS, (value) => typeof value === 'boolean'),
    ...those(facts, NUMBERS, isCount),
    ...(isObject(usage) ? { usage: those(usage, TOKENS, isCount) } : {}),
    ...(isOutcome(outcome) ? { outcome } : {}),
    ...(isObject(cut)
      ? { cut: those(cut, Object.keys(cut), isCount) as Record<string, number> }
      : {}),
  };
}

function those(
  fields: object,
  names: readonly string[],
  isSound: (value: unknown) => boolean,
): Record<string, unknown> {
  const own = fields as Record<string, unknown>;
  const kept = names.filter((name) => Object.hasOwn(own, name) && isSound(own[name]));
  return Object.fromEntries(kept.map((name) => [name, own[name]]));
}

function isOutcome(value: unknown): value is NonNullable<SpanFacts['outcome']> {
  if (!isObject(value)) return false;
  const { name, passed, code } = value;
  return isText(name) && typeof passed === 'boolean' && (code === undefined || isText(code));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** Sums of what is larger are not exact any more, so it counts nothing. */
function isCount(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}

function textOrNull(value: unknown): string | null {
  return isText(value) ? value : null;
}
