/** All traces of a conversation, thread or session, in the order in which they began. */
import type { Finding } from '../../diagnose/finding.ts';
import type { StoredTrace } from '../../model/store.ts';
import { costOfTrace, costOfTraces } from '../cost.ts';
import type { Prices } from '../cost.ts';
import { count, counted, duration } from '../format.ts';
import type { Html } from '../html.ts';
import { Page } from '../parts/layout.tsx';
import { CostText, FindingBadge, Status, Tokens, When } from '../parts/words.tsx';
import { paths } from '../site.ts';
import { line } from '../text.ts';

/** From this on, the time between two traces is worth a line. */
const GAP_MS = 60_000;

interface GroupPageProps {
  base: string;
  group: string;
  /** Oldest first. */
  traces: readonly GroupedTrace[];
  /** Where traces before these go on. */
  older?: string;
  prices: Prices;
  currency: string;
}

export interface GroupedTrace {
  trace: StoredTrace;
  findings: readonly Finding[] | undefined;
  /** The longest time in which nothing of the trace went on, in milliseconds: it was resumed after it. */
  waited: number;
}

export function GroupPage(props: GroupPageProps): Html {
  const { base, group, traces, older } = props;
  return (
    <Page base={base} title={`Group ${line(group, 60)}`} at="traces">
      <header class="trace-head">
        <h1>
          Group <bdi>{line(group, 130)}</bdi>
        </h1>
        <Together {...props} />
      </header>
      {older === undefined ? null : (
        <p>
          <a href={`${paths.group(base, group)}?cursor=${encodeURIComponent(older)}`}>
            Older traces of this group
          </a>
        </p>
      )}
      {traces.length === 0 ? <p class="empty">No trace has this group id.</p> : null}
      <ol class="group-list">
        {traces.map((grouped, index) => (
          <>
            <Gap before={traces[index - 1]?.trace} at={grouped.trace} />
            <li>
              <Entry {...props} grouped={grouped} />
            </li>
          </>
        ))}
      </ol>
    </Page>
  );
}

/** What the traces come to that are shown. */
function Together({ traces, older, prices, currency }: GroupPageProps): Html {
  const all = traces.map(({ trace }) => trace);
  const cost = costOfTraces(all, prices);
  const failed = all.filter(({ status }) => status !== 'ok').length;
  const sum = (of: (trace: StoredTrace) => number): number =>
    all.reduce((total, trace) => total + of(trace), 0);
  return (
    <p class="dim">
      {counted(all.length, 'trace')}, {count(failed)} not ok,{' '}
      {count(sum(({ inputTokens }) => inputTokens))} →{' '}
      {count(sum(({ outputTokens }) => outputTokens))} tokens
      {cost ? (
        <>
          , <CostText cost={cost} currency={currency} />
        </>
      ) : null}
      {older === undefined ? '' : '; there are older ones'}
    </p>
  );
}

function Gap({ before, at }: { before: StoredTrace | undefined; at: StoredTrace }): Html | null {
  const gap = before ? at.startedAt - before.endedAt : 0;
  if (gap < GAP_MS) return null;
  return <li class="pause">{duration(gap)} later</li>;
}

function Entry({
  base,
  grouped,
  prices,
  currency,
}: GroupPageProps & { grouped: GroupedTrace }): Html {
  const { trace, findings, waited } = grouped;
  const first = findings?.[0];
  return (
    <>
      <Status status={trace.status} />
      <span class="what">
        <a href={paths.trace(base, trace.traceId)}>
          <bdi>{line(trace.workflow, 80)}</bdi>
        </a>
        {first ? <FindingBadge finding={first} /> : null}
        {waited >= GAP_MS ? <span class="chip">resumed after {duration(waited)}</span> : null}
      </span>
      <When at={trace.startedAt} />
      <span class="number">{duration(trace.endedAt - trace.startedAt)}</span>
      <span class="number">
        <Tokens input={trace.inputTokens} output={trace.outputTokens} />
      </span>
      {prices.size > 0 ? (
        <span class="number">
          <CostText cost={costOfTrace(trace, prices)} currency={currency} />
        </span>
      ) : null}
      <span class="number">{counted(trace.spanCount, 'span')}</span>
    </>
  );
}
