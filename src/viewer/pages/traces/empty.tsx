/** A list without traces: why that may be, and what to do. */
import { isNarrowed, searchOf } from '../../filters.ts';
import type { Filters } from '../../filters.ts';
import { dateTime } from '../../format.ts';
import type { Html } from '../../html.ts';
import { paths } from '../../site.ts';

interface EmptyProps {
  base: string;
  filters: Filters;
  searchedBackTo?: number;
}

export function Empty({ base, filters, searchedBackTo }: EmptyProps): Html {
  if (searchedBackTo !== undefined) {
    return (
      <p class="empty">
        Nothing that matches since {dateTime(searchedBackTo)} UTC. Search older, below.
      </p>
    );
  }
  const isFiltered = isNarrowed(filters) || filters.workflow !== undefined;
  const isAll = filters.range === 'all';
  return (
    <section class="notice">
      <h2>{isFiltered || !isAll ? 'No trace here matches' : 'No traces yet'}</h2>
      {isFiltered ? <WithoutFilters base={base} filters={filters} /> : null}
      {isFiltered || isAll ? null : (
        <p>
          <a href={paths.list(base, '?range=all')}>Look at all time</a>.
        </p>
      )}
      <p class="dim">
        A trace is here some seconds after its response has ended: it goes through the queue first.
        If none comes, look at the log for <code>sluice</code> lines.
      </p>
    </section>
  );
}

function WithoutFilters({ base, filters }: { base: string; filters: Filters }): Html {
  const { range, from, to } = filters;
  return (
    <p>
      <a href={paths.list(base, searchOf({ problems: [], range, from, to }))}>
        Take the filters out
      </a>
      , or choose a longer time.
    </p>
  );
}
