/** Tokens and their cost over time, by workflow, model, release or day. */
import type { UsageTotals } from '../../model/store.ts';
import { costOfUsage, sumOf } from '../cost.ts';
import type { Cost, Prices } from '../cost.ts';
import { RANGES } from '../filters.ts';
import { count, dateTime } from '../format.ts';
import type { Html } from '../html.ts';
import { Page } from '../parts/layout.tsx';
import { Table } from '../parts/table.tsx';
import type { Column } from '../parts/table.tsx';
import { CostText } from '../parts/words.tsx';
import { paths } from '../site.ts';
import { line } from '../text.ts';

export const GROUPINGS = ['workflow', 'model', 'release', 'day'] as const;

interface UsagePageProps {
  base: string;
  by: (typeof GROUPINGS)[number];
  range: string;
  /** Milliseconds since the epoch, where the whole hours or days begin that are added up. */
  since?: number;
  usage: readonly UsageTotals[];
  /** Why the totals are not all that there was; empty where they are. */
  partial: readonly string[];
  prices: Prices;
  currency: string;
}

export function UsagePage(props: UsagePageProps): Html {
  const { base, usage, partial, prices, since } = props;
  return (
    <Page base={base} title="Usage" at="usage">
      <h1>Usage</h1>
      <Switch {...props} />
      {since === undefined ? null : <p class="dim">Since {dateTime(since).slice(0, 16)} UTC.</p>}
      {partial.map((reason) => (
        <p class="partial">{reason}</p>
      ))}
      {prices.size === 0 ? (
        <p class="dim">
          Tokens only: pass <code>prices</code> to <code>traceViewer()</code> to see what they cost.
        </p>
      ) : null}
      {usage.length === 0 ? (
        <p class="empty">No tokens in this time.</p>
      ) : (
        <UsageTable {...props} />
      )}
    </Page>
  );
}

/** By what the tokens are added up, and over which time. */
function Switch({ base, by, range }: UsagePageProps): Html {
  const link = (of: string, over: string): string => paths.usage(base, `?by=${of}&range=${over}`);
  return (
    <div class="switch">
      <nav class="choice" aria-label="Added up">
        {GROUPINGS.map((of) => (
          <a href={link(of, range)} aria-current={of === by ? 'true' : undefined}>
            By {of}
          </a>
        ))}
      </nav>
      <span class="grow"></span>
      <nav class="choice" aria-label="Time">
        {[...Object.keys(RANGES), 'all'].map((over) => (
          <a href={link(by, over)} aria-current={over === range ? 'true' : undefined}>
            {over === 'all' ? 'All time' : over}
          </a>
        ))}
      </nav>
    </div>
  );
}

/** A model's tokens under one alias. */
interface UsageRow {
  row: UsageTotals;
  /** Whether it is of the same as the row above. */
  isSame: boolean;
}

function UsageTable(props: UsagePageProps): Html {
  const { by, usage } = props;
  const rows = [...Map.groupBy(usage, ({ key }) => key)].flatMap(([, group]) =>
    group.map((row, index): UsageRow => ({ row, isSame: index > 0 })),
  );
  return (
    <div class="scroll" role="region" aria-label="Tokens" tabindex={0}>
      <Table className="usage" columns={[...namesOf(by), ...amountsOf(props)]} rows={rows}>
        <Together {...props} />
      </Table>
    </div>
  );
}

const NAMES = { workflow: 'Workflow', model: 'Model', release: 'Release', day: 'Day' } as const;

function namesOf(by: UsagePageProps['by']): Column<UsageRow>[] {
  const said = (text: string): string => (text === '' ? 'not said' : line(text, 100));
  const name: Column<UsageRow> = {
    title: NAMES[by],
    isName: true,
    cell: ({ row, isSame }) => (
      <bdi class={isSame ? 'visually-hidden' : undefined}>{said(row.key)}</bdi>
    ),
  };
  const model: Column<UsageRow> = {
    title: 'Model',
    cell: ({ row }) => <bdi>{said(row.model)}</bdi>,
  };
  const alias: Column<UsageRow> = {
    title: 'Alias',
    cell: ({ row }) => <bdi>{row.modelAlias === '' ? '–' : line(row.modelAlias, 60)}</bdi>,
  };
  return by === 'model' ? [name, alias] : [name, model, alias];
}

const TOKENS = [
  ['Input', 'inputTokens'],
  ['Cached', 'cachedInputTokens'],
  ['Output', 'outputTokens'],
  ['Reasoning', 'reasoningTokens'],
] as const;

function amountsOf({ prices, currency }: UsagePageProps): Column<UsageRow>[] {
  const tokens = TOKENS.map(([title, field]): Column<UsageRow> => ({
    title,
    isNumber: true,
    cell: ({ row }) => count(row[field]),
  }));
  if (prices.size === 0) return tokens;
  const cell = ({ row }: UsageRow): Html => {
    const cost = costOfUsage(row, prices);
    return <CostText cost={cost.unpriced > 0 ? undefined : cost} currency={currency} />;
  };
  return [...tokens, { title: 'Cost', isNumber: true, cell }];
}

/** Undefined where nothing has a price. */
function knownPart(usage: readonly UsageTotals[], prices: Prices): Cost | undefined {
  const cost = sumOf(usage.map((row) => costOfUsage(row, prices)));
  return cost.amount === 0 && cost.unpriced > 0 ? undefined : cost;
}

function Together({ by, usage, prices, currency }: UsagePageProps): Html {
  return (
    <tfoot>
      <tr>
        <th scope="row" colspan={by === 'model' ? 2 : 3}>
          Together
        </th>
        {TOKENS.map(([, field]) => (
          <td class="number">{count(usage.reduce((sum, row) => sum + row[field], 0))}</td>
        ))}
        {prices.size > 0 ? (
          <td class="number">
            <CostText cost={knownPart(usage, prices)} currency={currency} />
          </td>
        ) : null}
      </tr>
    </tfoot>
  );
}
