/** What came of the requests, at each place, and what the library says of itself. */
import type { Place } from '../case.ts';
import type { Holdings } from '../oracle/judge.ts';
import { fromRow, fromWire } from '../oracle/records.ts';
import type { SpanRow } from '../oracle/records.ts';
import type { Stage } from './server.ts';

/** The account of one flush, as the library reports it: its public contract, written down again. */
export interface Report {
  traceIds: string[];
  captured: number;
  destinations: Record<
    string,
    { exported: number; failed: number; dropped: Record<string, number>; error?: string }
  >;
}

export interface Evidence {
  holdings: Record<Place, Holdings>;
  /** Marker by trace id, of all that was ever sent. */
  groups: ReadonlyMap<string, string>;
  /** The markers whose records travelled in one export call with those of others. */
  mixed: ReadonlySet<string>;
  /** Nothing where a column has no such thing. */
  reports?: Report[];
}

interface Rows {
  traces: { trace_id: string; group_id: string | null; status: string }[];
  spans: SpanRow[];
}

function heldBy(stage: Stage, sink: string): Holdings {
  const accepted = stage.calls.filter((call) => call.sink === sink && call.accepted);
  const items = accepted.flatMap((call) => call.items);
  return {
    traces: items
      .filter(({ object }) => object === 'trace')
      .map(({ id, group_id: groupId = null }) => ({ id, groupId })),
    spans: items.filter(({ object }) => object === 'trace.span').map(fromWire),
  };
}

function mixedIn({ calls, groups }: Stage): Set<string> {
  const together = calls.map(
    ({ items }) =>
      new Set(items.map(({ id, trace_id: traceId = id }) => groups.get(traceId) ?? '')),
  );
  return new Set(together.filter(({ size }) => size > 1).flatMap((markers) => [...markers]));
}

export async function gather(stage: Stage, origin: string | undefined): Promise<Evidence> {
  const [a, b] = [heldBy(stage, 'a'), heldBy(stage, 'b')];
  const { groups } = stage;
  const mixed = mixedIn(stage);
  if (!origin) return { groups, mixed, holdings: { a, b, d1: { traces: [], spans: [] } } };
  const [rows, reports] = await Promise.all([
    read<Rows>(`${origin}/holdings`),
    read<Report[]>(`${origin}/reports`),
  ]);
  const d1 = {
    traces: rows.traces.map(({ trace_id: id, group_id: groupId, status }) => ({
      id,
      groupId,
      status,
    })),
    spans: rows.spans.map(fromRow),
  };
  return { groups, mixed, holdings: { a, b, d1 }, reports };
}

async function read<T>(url: string): Promise<T> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${await response.text()}`);
  return response.json<T>();
}
