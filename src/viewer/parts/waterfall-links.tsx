/** Rows of the waterfall that stand for spans without a row. */
import type { Child } from 'hono/jsx';
import type { Prices } from '../cost.ts';
import { counted } from '../format.ts';
import type { Html } from '../html.ts';
import type { GapRow, MoreRow } from '../outline.ts';
import { viewSearch } from '../reduce.ts';
import type { View } from '../reduce.ts';
import { paths } from '../site.ts';

/** Deeper levels are drawn at this depth, and say their own. */
export const MAX_INDENT = 24;

interface LineProps {
  base: string;
  traceId: string;
  view: View;
  prices: Prices;
}

export function MoreLine(props: LineProps & { row: MoreRow }): Html {
  const { base, traceId, view, row } = props;
  const { parent, level, first, last } = row;
  const search = new URLSearchParams(viewSearch(view));
  if (parent) search.set('parent', parent.span.id);
  search.set('rows', `${first}-${last}`);
  search.set('level', String(level));
  return (
    <LinkLine {...props} className="more">
      <a
        href={paths.trace(base, traceId, `?${search.toString()}`)}
        data-rows={paths.rows(base, traceId, `?${search.toString()}`)}
      >
        {counted(last - first, 'more span')}
      </a>
    </LinkLine>
  );
}

/** Leads to a page of its own: what is between may be as much as a page shows. */
export function GapLine(props: LineProps & { row: GapRow }): Html {
  const { base, traceId, view, row } = props;
  const search = viewSearch(view, { from: row.from.span.id });
  return (
    <LinkLine {...props} className="gap">
      <a href={paths.trace(base, traceId, search)} data-page>
        {counted(row.between, 'level')} between
      </a>
    </LinkLine>
  );
}

interface LinkLineProps extends LineProps {
  row: MoreRow | GapRow;
  className: string;
  children?: Child;
}

function LinkLine({ row: { level }, prices, className, children }: LinkLineProps): Html {
  return (
    <tr role="row" class={className} data-level={level} aria-level={level}>
      <td
        role="gridcell"
        colspan={prices.size > 0 ? 5 : 4}
        class={`name indent-${Math.min(level - 1, MAX_INDENT)}`}
      >
        {children}
      </td>
    </tr>
  );
}
