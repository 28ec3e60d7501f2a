/** Tokens and their cost over time, by workflow, model, release or day. */
import type { UsageTotals } from '../../model/store.ts';
import { costOf, sumOf } from '../cost.ts';
import type { Cost, Prices } from '../cost.ts';
import { RANGES } from '../filters.ts';
import { count } from '../format.ts';
import type { Html } from '../html.ts';
import { Page } from '../parts/layout.tsx';
import { CostText } from '../parts/words.tsx';
import { paths } from '../site.ts';
import { line } from '../text.ts';

export const GROUPINGS = ['workflow', 'model', 'release', 'day'] as const;

export interface UsagePageProps {
  base: string;
  by: (typeof GROUPINGS)[number];
  range: string;
  usage: readonly UsageTotals[];
  /** Why the totals are not all that there was; empty where they are. */
  partial: readonly string[];
  prices: Prices;
  currency: string;
}

export function UsagePage(props: UsagePageProps): Html {
  const { base, by, range, usage, partial, prices } = props;
  const link = (of: string, over: string): string => paths.usage(base, `?by=${of}&range=${over}`);
  return (
    <Page base={base} title="Usage" at="usage">
      <h1>Usage</h1>
      <p class="switch">
        {GROUPINGS.map((of) => (
          <a href={link(of, range)} aria-current={of === by ? 'true' : undefined}>
            By {of}
          </a>
        ))}
        <span class="grow"></span>
        {[...Object.keys(RANGES), 'all'].map((over) => (
          <a href={link(by, over)} aria-current={over === range ? 'true' : undefined}>
            {over === 'all' ? 'All time' : over}
          </a>
        ))}
      </p>
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

const costOfRow = (row: UsageTotals, prices: Prices): Cost =>
  costOf(row, row.modelAlias === '' ? undefined : row.modelAlias, prices);

function UsageTable(props: UsagePageProps): Html {
  const { by, usage, prices, currency } = props;
  const groups = [...Map.groupBy(usage, ({ key }) => key)];
  const total = sumOf(usage.map((row) => costOfRow(row, prices)));
  return (
    <table class="usage">
      <thead>
        <tr>
          <th scope="col">{by}</th>
          {by === 'model' ? null : <th scope="col">Model</th>}
          <th scope="col">Alias</th>
          <th scope="col" class="number">
            Input
          </th>
          <th scope="col" class="number">
            Cached
          </th>
          <th scope="col" class="number">
            Output
          </th>
          <th scope="col" class="number">
            Reasoning
          </th>
          {prices.size > 0 ? (
            <th scope="col" class="number">
              Cost
            </th>
          ) : null}
        </tr>
      </thead>
      <tbody>
        {groups.map(([key, rows]) =>
          rows.map((row, index) => (
            <UsageRow {...props} name={index === 0 ? key : undefined} row={row} />
          )),
        )}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row" colspan={by === 'model' ? 2 : 3}>
            Together
          </th>
          {(['inputTokens', 'cachedInputTokens', 'outputTokens', 'reasoningTokens'] as const).map(
            (name) => (
              <td class="number">{count(usage.reduce((sum, row) => sum + row[name], 0))}</td>
            ),
          )}
          {prices.size > 0 ? (
            <td class="number">
              <CostText cost={total} currency={currency} />
            </td>
          ) : null}
        </tr>
      </tfoot>
    </table>
  );
}

function UsageRow({
  by,
  row,
  name,
  prices,
  currency,
}: UsagePageProps & { row: UsageTotals; name: string | undefined }): Html {
  const cost = costOfRow(row, prices);
  const said = (text: string): string => (text === '' ? 'not said' : line(text, 100));
  return (
    <tr>
      <th scope="row">
        <bdi>{name === undefined ? '' : said(name)}</bdi>
      </th>
      {by === 'model' ? null : (
        <td>
          <bdi>{said(row.model)}</bdi>
        </td>
      )}
      <td>
        <bdi>{row.modelAlias === '' ? '–' : line(row.modelAlias, 60)}</bdi>
      </td>
      <td class="number">{count(row.inputTokens)}</td>
      <td class="number">{count(row.cachedInputTokens)}</td>
      <td class="number">{count(row.outputTokens)}</td>
      <td class="number">{count(row.reasoningTokens)}</td>
      {prices.size > 0 ? (
        <td class="number">
          <CostText cost={cost.unpriced > 0 ? undefined : cost} currency={currency} />
        </td>
      ) : null}
    </tr>
  );
}
