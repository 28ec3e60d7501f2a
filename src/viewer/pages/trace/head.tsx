/** What a trace is as a whole. */
import type { StoredTraceWithSpans } from '../../../model/store.ts';
import { costOfTrace } from '../../cost.ts';
import type { Prices } from '../../cost.ts';
import { count, counted, duration } from '../../format.ts';
import type { Html } from '../../html.ts';
import { Facts } from '../../parts/facts.tsx';
import type { Fact } from '../../parts/facts.tsx';
import { CostText, gapsOf, Status, Tokens, When } from '../../parts/words.tsx';
import { paths } from '../../site.ts';
import { line } from '../../text.ts';

interface HeadProps {
  base: string;
  trace: StoredTraceWithSpans;
  prices: Prices;
  currency: string;
}

export function Head(props: HeadProps): Html {
  const { trace } = props;
  return (
    <header class="trace-head">
      <h1>
        <bdi>{line(trace.workflow, 80)}</bdi> <Status status={trace.status} />
      </h1>
      <Facts facts={whatItTook(props)} />
      <Facts as="small" facts={[...whatItIs(props), ...whatWasSaid(props)]} />
      <NotWhole trace={trace} />
    </header>
  );
}

function whatItIs({ base, trace }: HeadProps): Fact[] {
  const { traceId, groupId, requestId } = trace;
  const group =
    groupId === null ? undefined : (
      <a href={paths.group(base, groupId)}>
        <bdi>{line(groupId, 130)}</bdi>
      </a>
    );
  return [
    ['Trace', <code>{line(traceId, 120)}</code>],
    ['Group', group],
    ['Request', requestId === null ? undefined : line(requestId, 130)],
  ];
}

function whatItTook({ trace, prices, currency }: HeadProps): Fact[] {
  const { startedAt, endedAt, spanCount, errorCount, inputTokens, outputTokens } = trace;
  const cost =
    prices.size > 0 ? (
      <CostText cost={costOfTrace(trace, prices)} currency={currency} />
    ) : undefined;
  return [
    ['Started', <When at={startedAt} />],
    ['Duration', duration(endedAt - startedAt)],
    ['Spans', count(spanCount)],
    ['Errors', errorCount > 0 ? count(errorCount) : undefined],
    ['Tokens', <Tokens input={inputTokens} output={outputTokens} />],
    ['Cost', cost],
  ];
}

/** The request's id is among what it is already. */
function whatWasSaid({ trace }: HeadProps): Fact[] {
  return Object.entries(trace.metadata)
    .filter(([key, value]) => key !== 'request_id' || value !== trace.requestId)
    .map(([key, value]) => [line(key, 60), line(value, 130)]);
}

function NotWhole({ trace }: { trace: StoredTraceWithSpans }): Html | null {
  const { status, unreadable = 0, left = 0 } = trace;
  const reasons = [
    ...(status === 'truncated'
      ? ['work was still open at the deadline, so its end is unknown']
      : []),
    ...(status === 'incomplete' ? ['its last word has not come, so more may follow'] : []),
    ...gapsOf(trace),
    ...(left > 0 ? [`${counted(left, 'span')} are over the 24 MB that are read of one trace`] : []),
    ...(unreadable > 0 ? [`${counted(unreadable, 'stored piece')} could not be read`] : []),
  ];
  if (reasons.length === 0) return null;
  return <p class="partial">This trace is not whole: {reasons.join('; ')}.</p>;
}
