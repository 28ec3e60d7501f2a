/** The list: newest first, what is filtered by in the address. */
import type { Html } from '../html.ts';
import type { Prices } from '../cost.ts';
import { isNarrowed, searchOf } from '../filters.ts';
import type { Filters } from '../filters.ts';
import { counted, dateTime } from '../format.ts';
import type { Histogram } from '../histogram.ts';
import { Chips, FilterForm } from '../parts/filter-form.tsx';
import { Page } from '../parts/layout.tsx';
import { Strip } from '../parts/strip.tsx';
import { paths } from '../site.ts';
import { line } from '../text.ts';
import { Empty } from './traces/empty.tsx';
import { TraceTable } from './traces/table.tsx';
import type { ListedTrace } from './traces/table.tsx';

const LIVE_SECONDS = 5;

interface TracesPageProps {
  base: string;
  filters: Filters;
  traces: readonly ListedTrace[];
  next?: string;
  /** How far back the page looked, where it found less than a page. */
  searchedBackTo?: number;
  histogram: Histogram;
  shown: { from?: number; to?: number };
  workflows: readonly string[];
  rules: readonly string[];
  prices: Prices;
  currency: string;
  now: number;
}

export function TracesPage(props: TracesPageProps): Html {
  const { base, filters, traces } = props;
  return (
    <Page base={base} title="Traces" at="traces" refresh={filters.live ? LIVE_SECONDS : undefined}>
      <h1 class="visually-hidden">Traces</h1>
      <FilterForm base={base} filters={filters} workflows={props.workflows} rules={props.rules} />
      <Problems problems={filters.problems} />
      <Strip {...props} note={noteOf(filters)} />
      <ListBar base={base} filters={filters} />
      {traces.length === 0 ? <Empty {...props} /> : <TraceTable {...props} />}
      <More {...props} />
    </Page>
  );
}

/** The charts know of workflows only. */
function noteOf(filters: Filters): string | undefined {
  if (!isNarrowed(filters)) return undefined;
  return `All traces${filters.workflow === undefined ? '' : ' of the workflow'}, whatever the other filters`;
}

function Problems({ problems }: { problems: readonly string[] }): Html | null {
  if (problems.length === 0) return null;
  return (
    <div class="problems" role="alert">
      <ul>
        {problems.map((problem) => (
          <li>{line(problem)}</li>
        ))}
      </ul>
    </div>
  );
}

interface FiltersProps {
  base: string;
  filters: Filters;
}

function ListBar({ base, filters }: FiltersProps): Html {
  return (
    <div class="listbar">
      <Chips base={base} filters={filters} />
      <div class="actions">
        <Live base={base} filters={filters} />
        <a class="button" href={paths.exportList(base, searchOf(filters))} download>
          Export NDJSON
        </a>
        <button type="submit" form="compare" class="quiet" data-compare>
          Compare
        </button>
      </div>
    </div>
  );
}

function Live({ base, filters }: FiltersProps): Html {
  return filters.live ? (
    <a
      class="button live is-on"
      href={paths.list(base, searchOf(filters, { live: undefined }))}
      data-live={LIVE_SECONDS}
    >
      Live, every {LIVE_SECONDS} s: stop
    </a>
  ) : (
    <a class="button live" href={paths.list(base, searchOf(filters, { live: true }))}>
      Live update
    </a>
  );
}

function More({ base, filters, next, searchedBackTo, traces }: TracesPageProps): Html {
  return (
    <nav class="pages" aria-label="List pages">
      {filters.cursor === undefined ? null : (
        <a href={paths.list(base, searchOf(filters, { cursor: undefined }))} rel="first">
          Newest
        </a>
      )}
      <span class="dim">
        {counted(traces.length, 'trace')}
        {searchedBackTo === undefined ? '' : `, searched back to ${dateTime(searchedBackTo)} UTC`}
      </span>
      {next === undefined ? null : (
        <a href={paths.list(base, searchOf(filters, { cursor: next }))} rel="next">
          {searchedBackTo === undefined ? 'Older' : 'Search older'}
        </a>
      )}
    </nav>
  );
}
