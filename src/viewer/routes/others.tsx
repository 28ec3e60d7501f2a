import { buildTree } from '../../model/tree.ts';
import type { StoredTrace } from '../../model/store.ts';
import { align } from '../align.ts';
import { diagnoseAll } from '../findings.ts';
import { ComparePage } from '../pages/compare.tsx';
import { GroupPage } from '../pages/group.tsx';
import type { GroupedTrace } from '../pages/group.tsx';
import { Notice, Page } from '../parts/layout.tsx';
import { notFound, page } from '../respond.tsx';
import type { PageContext, Site } from '../site.ts';
import { timelineOf } from '../timeline.ts';

const GROUP_TRACES = 100;

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
