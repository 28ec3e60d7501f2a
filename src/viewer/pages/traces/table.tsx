/** One row for each trace, and a box that marks it for a comparison. */
import type { Finding } from '../../../diagnose/finding.ts';
import type { StoredTrace } from '../../../model/store.ts';
import { costOfTrace } from '../../cost.ts';
import type { Prices } from '../../cost.ts';
import { count, duration } from '../../format.ts';
import type { Html } from '../../html.ts';
import { Table } from '../../parts/table.tsx';
import type { Column } from '../../parts/table.tsx';
import { CostText, FindingBadge, gapsOf, Status, Tokens, When } from '../../parts/words.tsx';
import { paths } from '../../site.ts';
import { line } from '../../text.ts';

export interface ListedTrace {
  trace: StoredTrace;
  /** What it shows, worst first; undefined where its spans were too many to look at. */
  findings: readonly Finding[] | undefined;
}

interface TraceTableProps {
  base: string;
  traces: readonly ListedTrace[];
  prices: Prices;
  currency: string;
  now: number;
}

export function TraceTable(props: TraceTableProps): Html {
  const { base, traces } = props;
  const columns = [...whatItIs(base), ...whatItTook(props)];
  return (
    <form id="compare" method="get" action={`${base}/-/compare`}>
      <Table className="traces" columns={columns} rows={traces} />
    </form>
  );
}

function whatItIs(base: string): Column<ListedTrace>[] {
  return [
    {
      title: 'Compare',
      isTitleHidden: true,
      className: 'pick',
      cell: ({ trace }) => <Pick trace={trace} />,
    },
    { title: 'Status', cell: ({ trace }) => <Status status={trace.status} /> },
    {
      title: 'Workflow',
      isName: true,
      cell: ({ trace }) => (
        <a href={paths.trace(base, trace.traceId)}>
          <bdi>{line(trace.workflow, 80)}</bdi>
        </a>
      ),
    },
    {
      title: 'First finding',
      className: 'first',
      cell: (listed) => <FirstFinding base={base} {...listed} />,
    },
    {
      title: 'Group',
      className: 'group',
      cell: ({ trace }) => <Group base={base} id={trace.groupId} />,
    },
  ];
}

function whatItTook({ prices, currency, now }: TraceTableProps): Column<ListedTrace>[] {
  const cost: Column<ListedTrace> = {
    title: 'Cost',
    isNumber: true,
    cell: ({ trace }) => <CostText cost={costOfTrace(trace, prices)} currency={currency} />,
  };
  return [
    { title: 'Started', cell: ({ trace }) => <When at={trace.startedAt} now={now} /> },
    {
      title: 'Duration',
      isNumber: true,
      cell: ({ trace }) => duration(trace.endedAt - trace.startedAt),
    },
    {
      title: 'Tokens',
      isNumber: true,
      cell: ({ trace }) => <Tokens input={trace.inputTokens} output={trace.outputTokens} />,
    },
    ...(prices.size > 0 ? [cost] : []),
    {
      title: 'Spans',
      isNumber: true,
      className: 'spans',
      cell: ({ trace }) => <SpanCount trace={trace} />,
    },
  ];
}

function Pick({ trace }: { trace: StoredTrace }): Html {
  return (
    <input
      type="checkbox"
      name="t"
      value={trace.traceId.toWellFormed()}
      aria-label={`Compare trace ${line(trace.traceId, 60)}`}
    />
  );
}

function FirstFinding({ base, trace, findings }: ListedTrace & { base: string }): Html {
  const first = findings?.[0];
  if (!first) return <span class="none">{findings ? '–' : 'large'}</span>;
  const search = first.spanId === null ? '' : `?span=${encodeURIComponent(first.spanId)}`;
  const others = (findings?.length ?? 1) - 1;
  return (
    <>
      <a href={paths.trace(base, trace.traceId, search)} title={line(first.title)}>
        <FindingBadge finding={first} />
      </a>
      {others > 0 ? <span class="dim"> +{others}</span> : null}
    </>
  );
}

function Group({ base, id }: { base: string; id: string | null }): Html {
  if (id === null) return <span class="none">–</span>;
  return (
    <a href={paths.group(base, id)}>
      <bdi>{line(id, 40)}</bdi>
    </a>
  );
}

function SpanCount({ trace }: { trace: StoredTrace }): Html {
  const gaps = gapsOf(trace);
  return (
    <>
      {count(trace.spanCount)}
      {gaps.length > 0 ? (
        <span class="gap" title={gaps.join('; ')}>
          {' '}
          partial
        </span>
      ) : null}
    </>
  );
}
