import { RULE_GUIDE } from '../../diagnose/table.ts';
import type { HourlyTotals } from '../../model/store.ts';
import { isNarrowed, rangeOf, readFilters, searchOf, toQuery } from '../filters.ts';
import type { Filters } from '../filters.ts';
import { diagnoseAll, listWithFinding, ruleOf } from '../findings.ts';
import { histogramOf } from '../histogram.ts';
import type { Histogram } from '../histogram.ts';
import { TracesPage } from '../pages/traces.tsx';
import { page } from '../respond.tsx';
import { paths } from '../site.ts';
import type { PageContext, Site } from '../site.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MONTH_MS = 30 * DAY_MS;

/** Beyond it, bars are of days. */
const MAX_HOURLY_MS = 6 * DAY_MS;

export async function tracesRoute(c: PageContext): Promise<Response> {
  const { site } = c.var;
  const params = new URL(c.req.url).searchParams;
  // A form sends what is left empty too, and an address is to be handed on.
  if ([...params.values()].includes('')) return c.redirect(withoutEmpty(site.base, params), 302);
  const filters = readFilters(params);
  // A trace's id that is pasted leads to the trace; a request's is looked for in the list.
  if (filters.id !== undefined && (await isStored(site, filters.id))) {
    return c.redirect(paths.trace(site.base, filters.id), 302);
  }
  const strip = stripRange(filters, site.now);
  const query = toQuery(filters, site.now);
  const [{ hours, complete }, listed] = await Promise.all([
    site.store.hourly({ ...strip, workflow: filters.workflow, hours: stepOf(strip) }),
    filters.finding === undefined
      ? plainList(site, query)
      : listWithFinding(site, query, filters.finding),
  ]);
  if (filters.finding !== undefined && !ruleOf(filters.finding))
    filters.problems.push('There is no rule of this name, so that nothing is found by it.');
  if (!complete) filters.problems.push('The charts show the newest 5,000 hours of workflows only.');
  const { options, base, now } = site;
  return page(
    c,
    <TracesPage
      base={base}
      filters={filters}
      {...listed}
      histogram={histogramFor(hours, strip)}
      shown={rangeOf(filters, now)}
      workflows={[...new Set(hours.map(({ workflow }) => workflow))].toSorted()}
      rules={RULE_GUIDE.map(({ name }) => name)}
      prices={options.prices}
      currency={options.currency}
      now={now}
    />,
  );
}

function withoutEmpty(base: string, params: URLSearchParams): string {
  const filled = new URLSearchParams([...params].filter(([, value]) => value !== ''));
  return paths.list(base, filled.size > 0 ? `?${filled.toString()}` : '');
}

/** Looks at its length only; a trace without spans has its row read. */
async function isStored(site: Site, id: string): Promise<boolean> {
  const { left } = await site.store.spansOf([id], { bytes: 0 });
  return left.includes(id) || (await site.store.getTrace(id)) !== undefined;
}

async function plainList(
  site: Site,
  query: ReturnType<typeof toQuery>,
): Promise<Awaited<ReturnType<typeof listWithFinding>>> {
  const found = await site.store.listTraces(query);
  return { ...found, traces: await diagnoseAll(site, found.traces) };
}

/** The strip has room for a day at least, so that a short range is seen in what is around it. */
function stripRange(filters: Filters, now: number): { from: number; to: number } {
  const shown = rangeOf(filters, now);
  const to = Math.min(shown.to ?? now, now) <= (shown.from ?? 0) ? now : (shown.to ?? now);
  const from = shown.from ?? to - MONTH_MS;
  const missing = DAY_MS - (to - from);
  if (missing <= 0) return { from, to };
  const end = Math.min(Math.max(to, now), to + missing / 2);
  return { from: end - DAY_MS, to: end };
}

/** A bar of a day or more stands for as many hours as a row may. */
function stepOf({ from, to }: { from: number; to: number }): 1 | 24 {
  return to - from > MAX_HOURLY_MS ? 24 : 1;
}

function histogramFor(
  hours: readonly HourlyTotals[],
  strip: { from: number; to: number },
): Histogram {
  return histogramOf(hours, strip.from, strip.to, stepOf(strip));
}

/** As many traces as a file of a list has at once; the last line says how to go on. */
const EXPORTED = 200;

/** The list as lines of JSON, one trace each, and where it goes on. */
export async function exportListRoute(c: PageContext): Promise<Response> {
  const { site } = c.var;
  const filters = readFilters(new URL(c.req.url).searchParams);
  // Left out, a filter that cannot be read would make the file another than was asked for.
  if (filters.problems.length > 0) return c.text(`${filters.problems.join('\n')}\n`, 400);
  const query = { ...toQuery(filters, site.now), limit: EXPORTED };
  const found =
    filters.finding === undefined
      ? await site.store.listTraces(query)
      : await listWithFinding(site, query, filters.finding);
  const traces = found.traces.map((listed) => ('trace' in listed ? listed.trace : listed));
  const rest =
    found.next === undefined
      ? []
      : [
          {
            next: new URL(
              paths.exportList(site.base, searchOf(filters, { cursor: found.next })),
              c.req.url,
            ).href,
          },
        ];
  const lines = [...traces, ...rest].map((line) => `${JSON.stringify(line)}\n`);
  return c.body(lines.join(''), 200, {
    'content-type': 'application/x-ndjson; charset=utf-8',
    'content-disposition': `attachment; filename="traces${isNarrowed(filters) ? '-filtered' : ''}.ndjson"`,
  });
}
