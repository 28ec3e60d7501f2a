/** What destinations hold, in one shape: read from the SDK's wire format, or from the documented SQL view. */

interface WireData {
  type: string;
  name?: string;
  to_agent?: string;
  data?: { sdk_span_type?: string; turn?: number };
}

/** One item of a POST to the ingest. */
export interface WireItem {
  object: 'trace' | 'trace.span';
  id: string;
  group_id?: string | null;
  trace_id?: string;
  parent_id?: string | null;
  ended_at?: string | null;
  error?: object | null;
  span_data?: WireData;
}

export interface StoredSpan {
  id: string;
  traceId: string;
  parentId: string | null;
  label: string;
  state: 'ended' | 'failed' | 'open';
}

/** A row of the view `spans`. */
export interface SpanRow {
  span_id: string;
  trace_id: string;
  parent_id: string | null;
  ended_at: number | null;
  error: string | null;
  data: string;
}

export function fromWire(item: WireItem): StoredSpan {
  const { id, trace_id: traceId = '', parent_id: parentId = null, ended_at: endedAt } = item;
  const state = item.error ? 'failed' : endedAt ? 'ended' : 'open';
  return { id, traceId, parentId, label: labelOf(item.span_data), state };
}

export function fromRow(row: SpanRow): StoredSpan {
  const state = row.error !== null ? 'failed' : row.ended_at === null ? 'open' : 'ended';
  return {
    id: row.span_id,
    traceId: row.trace_id,
    parentId: row.parent_id,
    label: labelOf(JSON.parse(row.data) as WireData),
    state,
  };
}

function labelOf(given: WireData | undefined): string {
  const { type = 'nothing', name, to_agent: to, data } = given ?? ({} as Partial<WireData>);
  const kind = data?.sdk_span_type ?? type;
  if (kind === 'turn') return `turn ${data?.turn}`;
  if (kind === 'handoff') return `handoff ${to}`;
  return ['task', 'response', 'generation'].includes(kind) ? kind : `${kind} ${name}`;
}
