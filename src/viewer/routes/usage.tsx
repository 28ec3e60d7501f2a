import type { UsageTotals } from '../../model/store.ts';
import { costOfUsage } from '../cost.ts';
import type { Prices } from '../cost.ts';
import { RANGES } from '../filters.ts';
import { GROUPINGS, UsagePage } from '../pages/usage.tsx';
import { page } from '../respond.tsx';
import type { PageContext } from '../site.ts';
import { line } from '../text.ts';

const DEFAULT_BY = 'workflow';
const DEFAULT_RANGE = '7d';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

interface AskedUsage {
  by: (typeof GROUPINGS)[number];
  range: string;
  /** What could not be read, in words. */
  problems: string[];
}

function readUsage(params: URLSearchParams): AskedUsage {
  const [asked, over] = [params.get('by') ?? DEFAULT_BY, params.get('range') ?? DEFAULT_RANGE];
  const by = GROUPINGS.find((grouping) => grouping === asked);
  const isRange = over === 'all' || Object.hasOwn(RANGES, over);
  const problems = [
    by ? '' : `Tokens are added up by ${GROUPINGS.join(', ')}.`,
    isRange ? '' : 'There is no such time range.',
  ].filter(Boolean);
  return { by: by ?? DEFAULT_BY, range: isRange ? over : DEFAULT_RANGE, problems };
}

/** Whole hours or days, of which the first begins before what is asked for. */
function spanOfTime(
  range: string,
  now: number,
): { query: { from?: number }; step: 1 | 24; since?: number } {
  const length = RANGES[range];
  if (length === undefined) return { query: {}, step: 24 };
  const step = length > DAY_MS ? 24 : 1;
  const from = now - length;
  return { query: { from }, step, since: from - (from % (step * HOUR_MS)) };
}

const SHOWN_MODELS = 5;

/** Which models the price table lacks, by the names that a provider answers with. */
function unpricedIn(usage: readonly UsageTotals[], prices: Prices): string[] {
  if (prices.size === 0) return [];
  const without = usage.filter((row) => costOfUsage(row, prices).unpriced > 0);
  const models = [...new Set(without.map(({ model }) => line(model || 'not said', 60)))];
  if (models.length === 0) return [];
  const more = models.length > SHOWN_MODELS ? ` and ${models.length - SHOWN_MODELS} more` : '';
  return [`There is no price for ${models.slice(0, SHOWN_MODELS).join(', ')}${more}.`];
}

export async function usageRoute(c: PageContext): Promise<Response> {
  const { site } = c.var;
  const { by, range, problems } = readUsage(new URL(c.req.url).searchParams);
  const { query, step, since } = spanOfTime(range, site.now);
  const [usage, { hours, complete }] = await Promise.all([
    site.store.usage({ ...query, by, hours: step }),
    site.store.hourly({ ...query, hours: step }),
  ]);
  const isSampled = hours.some(({ traces, tracesEstimated }) => traces !== tracesEstimated);
  const partial = [
    ...problems,
    ...(isSampled
      ? [
          'Sampling left traces of this time behind: these are the tokens of the traces that were kept.',
        ]
      : []),
    ...(usage.length >= 1_000 ? ['Only the 1,000 largest rows are shown and added up.'] : []),
    ...(complete
      ? []
      : ['There are more hours than are looked at, so sampling may have left traces behind.']),
  ];
  const { prices, currency } = site.options;
  partial.push(...unpricedIn(usage, prices));
  return page(
    c,
    <UsagePage
      base={site.base}
      by={by}
      range={range}
      since={since}
      usage={usage}
      partial={partial}
      prices={prices}
      currency={currency}
    />,
  );
}
