/** The list: newest first, what is filtered by in the address. */
import type { Html } from '../html.ts';
import type { Finding } from '../../diagnose/finding.ts';
import type { StoredTrace } from '../../model/store.ts';
import { costOfTrace } from '../cost.ts';
import type { Prices } from '../cost.ts';
import { isNarrowed, searchOf } from '../filters.ts';
import type { Filters } from '../filters.ts';
import { count, counted, dateTime, duration } from '../format.ts';
import type { Histogram } from '../histogram.ts';
import { Chips, FilterForm } from '../parts/filter-form.tsx';
import { Page } from '../parts/layout.tsx';
import { Strip } from '../parts/strip.tsx';
import { CostText, FindingBadge, gapsOf, Status, Tokens, When } from '../parts/words.tsx';
import { paths } from '../site.ts';
import { line } from '../text.ts';

const LIVE_SECONDS = 5;

interface ListedTrace {
  trace: StoredTrace;
  /** What it shows, worst first; undefined where its spans were too many to look at. */
  findings: readonly Finding[] | undefined;
}

export interface TracesPageProps {
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
  const { base, filters, traces, histogram, shown, now } = props;
  const note = isNarrowed(filters)
    ? `All traces${filters.workflow === undefined ? '' : ' of the workflow'}, whatever the other filters`
    : undefined;
  return (
    <Page base={base} title="Traces" at="traces" refresh={filters.live ? LIVE_SECONDS : undefined}>
      <h1 class="visually-hidden">Traces</h1>
      <FilterForm base={base} filters={filters} workflows={props.workflows} rules={props.rules} />
      <Problems problems={filters.problems} />
      <Strip
        base={base}
        filters={filters}
        histogram={histogram}
        shown={shown}
        now={now}
        note={note}
      />
      <div class="listbar">
        <Chips base={base} filters={filters} />
        <span class="grow"></span>
        <Live base={base} filters={filters} />
        <a href={paths.exportList(base, searchOf(filters))} download>
          Export NDJSON
        </a>
        <button type="submit" form="compare" class="quiet" data-compare>
          Compare
        </button>
      </div>
      {traces.length === 0 ? <Empty {...props} /> : <TraceTable {...props} />}
      <More {...props} />
    </Page>
  );
}

function Problems({ problems }: { problems: readonly string[] }): Html | null {
  if (problems.length === 0) return null;
  return (
    <ul class="problems" role="alert">
      {problems.map((problem) => (
        <li>{line(problem)}</li>
      ))}
    </ul>
  );
}

function Live({ base, filters }: { base: string; filters: Filters }): Html {
  return filters.live ? (
    <a
      class="live is-on"
      href={paths.list(base, searchOf(filters, { live: undefined }))}
      data-live={LIVE_SECONDS}
    >
      Live, every {LIVE_SECONDS} s: stop
    </a>
  ) : (
    <a class="live" href={paths.list(base, searchOf(filters, { live: true }))}>
      Live update
    </a>
  );
}

function TraceTable(props: TracesPageProps): Html {
  const { base, traces, prices } = props;
  const hasCost = prices.size > 0;
  return (
    <form id="compare" method="get" action={`${base}/-/compare`}>
      <table class="traces">
        <thead>
          <tr>
            <th scope="col" class="pick">
              <span class="visually-hidden">Compare</span>
            </th>
            <th scope="col">Status</th>
            <th scope="col">Workflow</th>
            <th scope="col">First finding</th>
            <th scope="col">Group</th>
            <th scope="col">Started</th>
            <th scope="col" class="number">
              Duration
            </th>
            <th scope="col" class="number">
              Tokens
            </th>
            {hasCost ? (
              <th scope="col" class="number">
                Cost
              </th>
            ) : null}
            <th scope="col" class="number">
              Spans
            </th>
          </tr>
        </thead>
        <tbody>
          {traces.map((listed) => (
            <TraceRow {...props} listed={listed} />
          ))}
        </tbody>
      </table>
    </form>
  );
}

function TraceRow({
  base,
  listed,
  prices,
  currency,
  now,
}: TracesPageProps & { listed: ListedTrace }): Html {
  const { trace, findings } = listed;
  const gaps = gapsOf(trace);
  const first = findings?.[0];
  return (
    <tr>
      <td class="pick">
        <input
          type="checkbox"
          name="t"
          value={trace.traceId.toWellFormed()}
          aria-label={`Compare trace ${line(trace.traceId, 60)}`}
        />
      </td>
      <td>
        <Status status={trace.status} />
      </td>
      <th scope="row">
        <a href={paths.trace(base, trace.traceId)}>
          <bdi>{line(trace.workflow, 80)}</bdi>
        </a>
      </th>
      <td class="first">
        {first ? (
          <a
            href={paths.trace(
              base,
              trace.traceId,
              first.spanId === null ? '' : `?span=${encodeURIComponent(first.spanId)}`,
            )}
            title={line(first.title)}
          >
            <FindingBadge finding={first} />
          </a>
        ) : (
          <span class="none">{findings ? '–' : 'large'}</span>
        )}
        {findings && findings.length > 1 ? <span class="dim"> +{findings.length - 1}</span> : null}
      </td>
      <td class="group">
        {trace.groupId === null ? (
          <span class="none">–</span>
        ) : (
          <a href={paths.group(base, trace.groupId)}>
            <bdi>{line(trace.groupId, 40)}</bdi>
          </a>
        )}
      </td>
      <td>
        <When at={trace.startedAt} now={now} />
      </td>
      <td class="number">{duration(trace.endedAt - trace.startedAt)}</td>
      <td class="number">
        <Tokens input={trace.inputTokens} output={trace.outputTokens} />
      </td>
      {prices.size > 0 ? (
        <td class="number">
          <CostText cost={costOfTrace(trace, prices)} currency={currency} />
        </td>
      ) : null}
      <td class="number">
        {count(trace.spanCount)}
        {gaps.length > 0 ? (
          <span class="gap" title={gaps.join('; ')}>
            {' '}
            partial
          </span>
        ) : null}
      </td>
    </tr>
  );
}

function Empty({ base, filters, searchedBackTo }: TracesPageProps): Html {
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
      {isFiltered ? (
        <p>
          <a
            href={paths.list(
              base,
              searchOf({ problems: [], range: filters.range, from: filters.from, to: filters.to }),
            )}
          >
            Take the filters out
          </a>
          , or choose a longer time.
        </p>
      ) : null}
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
