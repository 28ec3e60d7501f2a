/** Traces as agents leave them, made from their number alone, so that every run stores the same. */
import type { Chunk } from '../../src/model/envelope.ts';
import type { SpanRecord, TraceRecord, TraceStatus } from '../../src/model/records.ts';

/** 2026-11-20T12:00:00Z; traces are spread over the days before it. */
export const END: number = Date.UTC(2026, 10, 20, 12);
export const DAYS = 30;
export const SPANS_A_TRACE = 20;

/** The one trace of each database that is large. */
export const LONG_SPANS = 2_000;

const KINDS = ['agent', 'turn', 'generation', 'function'] as const;
const TOOLS = ['lookup_order', 'refund_order', 'send_invoice', 'search_docs', 'read_file'];
const WORKFLOWS = ['support_triage', 'billing', 'research', 'onboarding'];
const TEXT =
  'The customer asks where the order is, and the agent looks it up before it answers. '.repeat(22);

/** A number between 0 and 1 that depends on `n` and `salt` only. */
function chance(n: number, salt: number): number {
  let x = Math.imul(n + 1, 0x9e3779b1) ^ Math.imul(salt + 1, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
  x = Math.imul(x ^ (x >>> 12), 0x297a2d39);
  return ((x ^ (x >>> 15)) >>> 0) / 2 ** 32;
}

const pick = <T>(list: readonly T[], share: number): T =>
  list[Math.floor(share * list.length)] as T;

function startOf(n: number, of: number): number {
  return Math.floor(END - ((of - n) / of) * DAYS * 86_400_000);
}

/** Newest is the last. One in twenty has an id from elsewhere, which says nothing of its time. */
export function traceOf(n: number, of: number): TraceRecord {
  const at = startOf(n, of);
  const random = Math.floor(chance(n, 1) * 2 ** 32)
    .toString(16)
    .padStart(8, '0');
  const tail = `${n.toString(16).padStart(12, '0')}${random}`;
  const isForeign = n % 20 === 7;
  const status: TraceStatus =
    chance(n, 2) < 0.015 ? 'error' : chance(n, 2) < 0.02 ? 'blocked' : 'ok';
  return {
    object: 'trace',
    id: isForeign
      ? `trace_f${random}${'0'.repeat(3)}${tail}`
      : `trace_${at.toString(16).padStart(12, '0')}${tail}`,
    workflow_name: pick(WORKFLOWS, chance(n, 3)),
    group_id: `conversation-${n >> 2}`,
    request_id: `request-${n}`,
    metadata: {
      release: `r${Math.floor(n / (of / 10))}`,
      prompt_version: n === 3 ? 'rare' : pick(['a', 'b'], chance(n, 4)),
      model_alias: 'fast',
    },
    status,
    started_at: at,
    ended_at: at + Math.floor(500 + 20_000 * chance(n, 5) ** 3),
    flush_id: `flush-${n}`,
    flush_seq: 0,
    captured: SPANS_A_TRACE,
  };
}

export function chunkOf(n: number, of: number, length: number = SPANS_A_TRACE): Chunk {
  const trace = traceOf(n, of);
  const spans = Array.from({ length }, (_, index) => spanOf(trace, n, index));
  return { chunk_id: `${trace.flush_id}-0`, trace: { ...trace, captured: length }, spans };
}

function spanOf(trace: TraceRecord, n: number, index: number): SpanRecord {
  const kind = KINDS[index % KINDS.length] ?? 'function';
  const at = trace.started_at + index * 10;
  const isTool = kind === 'function';
  const name = isTool ? (n === 3 ? 'rare_tool' : pick(TOOLS, chance(n, index + 10))) : kind;
  const failed = isTool && trace.status === 'error' && index === 3;
  return {
    object: 'trace.span',
    id: `span_${n}_${index}`,
    trace_id: trace.id,
    parent_id: index === 0 ? null : `span_${n}_${Math.floor((index - 1) / 4)}`,
    started_at: new Date(at).toISOString(),
    ended_at: new Date(at + 5).toISOString(),
    span_data: { type: kind, name, input: TEXT.slice(0, 900), output: TEXT.slice(0, 900) },
    error: failed ? { message: 'Error running tool' } : null,
    facts: {
      kind,
      name,
      ...(kind === 'generation' && {
        model: 'gpt-5',
        counts_usage: true,
        usage: { input_tokens: 700, output_tokens: 90 },
      }),
      ...(failed && { error_kind: n === 3 ? ('other' as const) : ('tool_error' as const) }),
    },
  };
}
