import type { SpanRecord } from '../../model/records.ts';
import type { StoredTraceWithSpans } from '../../model/store.ts';
import { walk } from '../../model/tree.ts';
import type { SpanNode } from '../../model/tree.ts';
import { findingsOf } from '../findings.ts';
import { outline, rowsBetween } from '../outline.ts';
import type { Row } from '../outline.ts';
import { TracePage } from '../pages/trace.tsx';
import { Panel } from '../parts/panel.tsx';
import { WaterfallRows } from '../parts/waterfall.tsx';
import { readView, reduced } from '../reduce.ts';
import type { View } from '../reduce.ts';
import { fragment, notFound, page, noPart } from '../respond.tsx';
import type { PageContext } from '../site.ts';
import { timelineOf } from '../timeline.ts';
import type { Timeline } from '../timeline.ts';
import { valueAt } from '../value-path.ts';

export async function traceRoute(c: PageContext): Promise<Response> {
  const { site } = c.var;
  const trace = await site.store.getTrace(c.req.param('id') ?? '');
  if (!trace) return notFound(c, site.base);
  const params = new URL(c.req.url).searchParams;
  const view = readView(params);
  const drawn = draw(trace, view, params);
  const findings = await findingsOf(site, trace);
  // A trace that went wrong opens at what went wrong first.
  view.selected ??=
    findings.find(({ spanId, recovered }) => spanId !== null && !recovered)?.spanId ?? undefined;
  const rows = params.has('rows') ? drawn.rows() : outline(drawn.roots, view.selected);
  const { prices, currency } = site.options;
  site.audit('trace', trace);
  return page(
    c,
    <TracePage
      base={site.base}
      trace={trace}
      findings={findings}
      rows={rows}
      timeline={drawn.timeline}
      view={view}
      matched={drawn.matched}
      selected={spanOf(trace, view.selected)}
      prices={prices}
      currency={currency}
    />,
  );
}

interface Drawn {
  roots: SpanNode[];
  matched: number;
  timeline: Timeline;
  /** The rows that the address asks for: `parent`, `rows=from-to`, `level`. */
  rows: () => Row[];
}

function draw(trace: StoredTraceWithSpans, view: View, params: URLSearchParams): Drawn {
  const { roots, matched } = reduced(trace.spans, view);
  const timeline = timelineOf(roots, { from: trace.startedAt, to: trace.endedAt });
  const rows = (): Row[] => {
    const [, first = '0', last = ''] = /^(\d{1,7})-(\d{1,7})$/.exec(params.get('rows') ?? '') ?? [];
    const id = params.get('parent');
    const parent = id === null ? undefined : [...walk(roots)].find(({ span }) => span.id === id);
    if (id !== null && !parent) return [];
    const siblings = parent ? parent.children : roots;
    const level = Math.min(Number(params.get('level')) || 1, 100_000);
    return rowsBetween(
      siblings,
      parent,
      level,
      Number(first),
      last === '' ? siblings.length : Number(last),
    );
  };
  return { roots, matched, timeline, rows };
}

function spanOf(trace: StoredTraceWithSpans, id: string | undefined): SpanRecord | undefined {
  return id === undefined ? undefined : trace.spans.find((span) => span.id === id);
}

/** Rows of a span that was opened. */
export async function rowsRoute(c: PageContext): Promise<Response> {
  const { site } = c.var;
  const trace = await site.store.getTrace(c.req.param('id') ?? '');
  if (!trace) return noPart(c);
  const params = new URL(c.req.url).searchParams;
  const view = readView(params);
  // What is looked for may stand in an error's message, so that each answer tells of it.
  if (view.match !== undefined) site.audit('rows', trace);
  const { timeline, rows } = draw(trace, view, params);
  const { prices, currency } = site.options;
  const table = { base: site.base, traceId: trace.traceId, timeline, view, prices, currency };
  const alias = trace.metadata['model_alias'];
  return fragment(c, <WaterfallRows {...table} rows={rows()} alias={alias} evidence={new Set()} />);
}

/** All of one span. */
export async function spanRoute(c: PageContext): Promise<Response> {
  const { site } = c.var;
  const trace = await site.store.getTrace(c.req.param('id') ?? '');
  const span = trace && spanOf(trace, c.req.param('span'));
  if (!trace || !span) return noPart(c);
  const findings = (await findingsOf(site, trace)).filter(({ evidence }) =>
    evidence.includes(span.id),
  );
  const { prices, currency } = site.options;
  site.audit('span', trace);
  return fragment(
    c,
    <Panel
      base={site.base}
      traceId={trace.traceId}
      span={span}
      findings={findings}
      prices={prices}
      currency={currency}
      alias={trace.metadata['model_alias']}
    />,
  );
}

/** A value that is too large for a page, as a file. */
export async function valueRoute(c: PageContext): Promise<Response> {
  const { site } = c.var;
  const trace = await site.store.getTrace(c.req.param('id') ?? '');
  const span = trace && spanOf(trace, c.req.param('span'));
  const value = span && valueAt(span, c.req.query('path') ?? '[]');
  if (!trace || value === undefined) return noPart(c);
  site.audit('value', trace);
  const isText = typeof value === 'string';
  // Never a type that a browser would run, whatever the value is.
  return c.body(isText ? value.toWellFormed() : JSON.stringify(value, null, 2), 200, {
    'content-type': 'text/plain; charset=utf-8',
    'content-disposition': `attachment; filename="value.${isText ? 'txt' : 'json'}"`,
  });
}

/** A trace as lines of JSON: itself, then each of its spans. */
export async function exportTraceRoute(c: PageContext): Promise<Response> {
  const { site } = c.var;
  const trace = await site.store.getTrace(c.req.param('id') ?? '');
  if (!trace) return notFound(c, site.base);
  site.audit('export', trace);
  const { spans, ...head } = trace;
  const name = trace.traceId.replaceAll(/[^\w-]/g, '_').slice(0, 80);
  return c.body(linesOf([head, ...spans]), 200, {
    'content-type': 'application/x-ndjson; charset=utf-8',
    'content-disposition': `attachment; filename="${name}.ndjson"`,
  });
}

/** One line at a time, so that what is exported is never there a second time as a whole. */
function linesOf(items: readonly unknown[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let next = 0;
  return new ReadableStream({
    pull(controller) {
      if (next === items.length) return controller.close();
      controller.enqueue(encoder.encode(`${JSON.stringify(items[next])}\n`));
      next += 1;
    },
  });
}
