import { buildTree } from '../../model/tree.ts';
import type { StoredTrace } from '../../model/store.ts';
import { align } from '../align.ts';
import { RANGES } from '../filters.ts';
import { diagnoseAll } from '../findings.ts';
import { ComparePage } from '../pages/compare.tsx';
import { GroupPage } from '../pages/group.tsx';
import type { GroupedTrace } from '../pages/group.tsx';
import { GROUPINGS, UsagePage } from '../pages/usage.tsx';
import { Notice, Page } from '../parts/layout.tsx';
import { notFound, page } from '../respond.tsx';
import type { PageContext, Site } from '../site.ts';
import { timelineOf } from '../timeline.ts';

const GROUP_TRACES = 100;
const DEFAULT_USAGE_RANGE = '7d';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export async function groupRoute(c: PageContext): Promise<Response> {
  const { site } = c.var;
  const group = c.req.param('group') ?? '';
  const cursor = c.req.query('cursor');
  const { traces, next } = await site.store.listTraces({
    groupId: group,
    limit: GROUP_TRACES,
    ...(cursor ? { cursor } : {}),
  });
  const { prices, currency } = site.options;
  const grouped = await groupedTraces(site, traces.toReversed());
  return page(
    c,
    <GroupPage
      base={site.base}
      group={group}
      traces={grouped}
      older={next}
      prices={prices}
      currency={currency}
    />,
  );
}

async function groupedTraces(site: Site, traces: readonly StoredTrace[]): Promise<GroupedTrace[]> {
  const diagnosed = await diagnoseAll(site, traces);
  return diagnosed.map(({ trace, findings, spans }) => {
    const roots = buildTree(spans);
    const { folds } = timelineOf(roots, { from: trace.startedAt, to: trace.endedAt });
    const waited = folds.reduce((most, { from, to }) => Math.max(most, to - from), 0);
    return { trace, findings, waited };
  });
}

export async function compareRoute(c: PageContext): Promise<Response> {
  const { site } = c.var;
  const ids = c.req.queries('t') ?? [];
  const [a, b] = ids;
  if (a === undefined || b === undefined || ids.length > 2) {
    return page(
      c,
      <Page base={site.base} title="Compare" at="traces">
        <Notice title="Choose two traces">
          <p>Mark two rows of a list of traces, then press Compare.</p>
        </Notice>
      </Page>,
      400,
    );
  }
  const [left, right] = await Promise.all([site.store.getTrace(a), site.store.getTrace(b)]);
  if (!left || !right) return notFound(c, site.base);
  site.audit('compare', left);
  site.audit('compare', right);
  const { prices, currency } = site.options;
  const { pairs, complete } = align(buildTree(left.spans), buildTree(right.spans));
  return page(
    c,
    <ComparePage
      base={site.base}
      left={left}
      right={right}
      pairs={pairs}
      complete={complete}
      prices={prices}
      currency={currency}
    />,
  );
}

/** Whole hours or days, of which the first begins before what is asked for. */
function spanOfTime(
  range: string,
  now: number,
): { query: { from?: number }; step: 1 | 24; since?: number } {
  const length = RANGES[range];
  if (length === undefined) return { query: {}, step: 24 };
  const step = length > DAY_MS ? 24 : 1;
  const from = now - length;
  return { query: { from }, step, since: from - (from % (step * HOUR_MS)) };
}

export async function usageRoute(c: PageContext): Promise<Response> {
  const { site } = c.var;
  const by = GROUPINGS.find((grouping) => grouping === c.req.query('by')) ?? 'workflow';
  const asked = c.req.query('range') ?? DEFAULT_USAGE_RANGE;
  const range = asked === 'all' || Object.hasOwn(RANGES, asked) ? asked : DEFAULT_USAGE_RANGE;
  const { query, step, since } = spanOfTime(range, site.now);
  const [usage, { hours, complete }] = await Promise.all([
    site.store.usage({ ...query, by, hours: step }),
    site.store.hourly({ ...query, hours: step }),
  ]);
  const isSampled = hours.some(({ traces, tracesEstimated }) => traces !== tracesEstimated);
  const partial = [
    ...(isSampled
      ? [
          'Sampling left traces of this time behind: these are the tokens of the traces that were kept.',
        ]
      : []),
    ...(usage.length >= 1_000 ? ['Only the 1,000 largest rows are shown and added up.'] : []),
    ...(complete
      ? []
      : ['There are more hours than are looked at, so sampling may have left traces behind.']),
  ];
  const { prices, currency } = site.options;
  return page(
    c,
    <UsagePage
      base={site.base}
      by={by}
      range={range}
      since={since}
      usage={usage}
      partial={partial}
      prices={prices}
      currency={currency}
    />,
  );
}
