/** What two traces are and took, and by how much they differ. */
import type { Child } from 'hono/jsx';
import type { StoredTraceWithSpans } from '../../../model/store.ts';
import { costOfTrace } from '../../cost.ts';
import type { Cost, Prices } from '../../cost.ts';
import { count, duration, money } from '../../format.ts';
import type { Html } from '../../html.ts';
import { Table } from '../../parts/table.tsx';
import { CostText, Status, When } from '../../parts/words.tsx';
import { paths } from '../../site.ts';
import { line } from '../../text.ts';

interface SummaryProps {
  base: string;
  left: StoredTraceWithSpans;
  right: StoredTraceWithSpans;
  prices: Prices;
  currency: string;
}

/** Something of both, and how that of the second differs. */
interface Line {
  name: string;
  a: Child;
  b: Child;
  change: string;
}

export function Summary(props: SummaryProps): Html {
  return (
    <div class="scroll">
      <Table
        className="summary"
        columns={[
          { title: 'What', isTitleHidden: true, isName: true, cell: ({ name }) => name },
          { title: 'A', cell: ({ a }) => a },
          { title: 'B', cell: ({ b }) => b },
          { title: 'B − A', cell: ({ change }) => change },
        ]}
        rows={[...whatTheyAre(props), ...whatTheyTook(props), ...whatWasSaid(props)]}
      />
    </div>
  );
}

function whatTheyAre({ base, left, right }: SummaryProps): Line[] {
  const both = (
    name: string,
    show: (trace: StoredTraceWithSpans) => Child,
    change: string,
  ): Line => ({ name, a: show(left), b: show(right), change });
  return [
    both(
      'Trace',
      ({ traceId }) => <a href={paths.trace(base, traceId)}>{line(traceId, 60)}</a>,
      '',
    ),
    both(
      'Status',
      ({ status }) => <Status status={status} />,
      left.status === right.status ? '' : 'differs',
    ),
    both('Started', ({ startedAt }) => <When at={startedAt} />, ''),
  ];
}

function whatTheyTook({ left, right, prices, currency }: SummaryProps): Line[] {
  const measure = (
    name: string,
    of: (trace: StoredTraceWithSpans) => number | undefined,
    text: (value: number) => string,
  ): Line[] => {
    const [a, b] = [of(left), of(right)];
    if (a === undefined && b === undefined) return [];
    const shown = (value: number | undefined): string => (value === undefined ? '–' : text(value));
    return [{ name, a: shown(a), b: shown(b), change: changeText(a, b, text) }];
  };
  return [
    ...measure('Duration', ({ startedAt, endedAt }) => endedAt - startedAt, duration),
    ...measure('Spans', ({ spanCount }) => spanCount, count),
    ...measure('Errors', ({ errorCount }) => errorCount, count),
    ...measure('Tokens', ({ inputTokens, outputTokens }) => inputTokens + outputTokens, count),
    ...costsOf(costOfTrace(left, prices), costOfTrace(right, prices), currency),
  ];
}

/** Where tokens of either have no price, what they differ by is not known. */
function costsOf(a: Cost | undefined, b: Cost | undefined, currency: string): Line[] {
  if (!a && !b) return [];
  const isWhole = a?.unpriced === 0 && b?.unpriced === 0;
  return [
    {
      name: 'Cost',
      a: <CostText cost={a} currency={currency} />,
      b: <CostText cost={b} currency={currency} />,
      change: isWhole ? changeText(a.amount, b.amount, (size) => money(size, currency)) : '',
    },
  ];
}

function changeText(
  a: number | undefined,
  b: number | undefined,
  text: (value: number) => string,
): string {
  if (a === undefined || b === undefined || a === b) return '';
  const sign = b > a ? '+' : '−';
  const size = Math.abs(b - a);
  const share = a === 0 ? '' : ` (${sign}${Math.round((100 * size) / a)} %)`;
  return `${sign}${text(size)}${share}`;
}

function whatWasSaid({ left, right }: SummaryProps): Line[] {
  const keys = new Set([...Object.keys(left.metadata), ...Object.keys(right.metadata)]);
  return [...keys].toSorted().map((key) => {
    const [a, b] = [left.metadata[key], right.metadata[key]];
    const shown = (value: string | undefined): string => line(value ?? '–', 130);
    return { name: line(key, 60), a: shown(a), b: shown(b), change: a === b ? '' : 'differs' };
  });
}
